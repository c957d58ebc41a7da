import type { ListenerModel, RuleModel } from "../model/lattice.ts";
import type { Quotas } from "../model/limits.ts";

/** Which quota of Lattice a service would break, counted before anything is written; undefined when it fits. */
export function tooMany(
  listeners: readonly ListenerModel[],
  rules: readonly RuleModel[],
  quotas: Quotas,
): string | undefined {
  if (rules.length > quotas.rulesPerListener)
    return `needs ${rules.length} rules, quota ${quotas.rulesPerListener} (rules per listener; ask AWS to raise it)`;
  if (listeners.length > quotas.listenersPerService)
    return `needs ${listeners.length} listeners, quota ${quotas.listenersPerService} (listeners per service; ask AWS to raise it)`;
  const groups = new Set<string>(
    rules.flatMap<string>((rule) =>
      rule.action.do === "forward"
        ? rule.action.groups.map((group) => group.id)
        : rule.action.do === "wait"
          ? rule.action.for
          : [],
    ),
  );
  if (groups.size > quotas.targetGroupsPerService)
    return `needs ${groups.size} target groups, quota ${quotas.targetGroupsPerService} (target groups per service; ask AWS to raise it)`;
  return undefined;
}
