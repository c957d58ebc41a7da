import type { ListenerModel } from "../model/lattice.ts";
import type { Quotas } from "../model/limits.ts";

/** Which quota of Lattice a service would break, counted before anything is written; undefined when it fits. */
export function tooMany(listeners: readonly ListenerModel[], quotas: Quotas): string | undefined {
  const rules = Math.max(0, ...listeners.map((one) => one.rules.length));
  if (rules > quotas.rulesPerListener)
    return `needs ${rules} rules, quota ${quotas.rulesPerListener} (rules per listener; ask AWS to raise it)`;
  if (listeners.length > quotas.listenersPerService)
    return `needs ${listeners.length} listeners, quota ${quotas.listenersPerService} (listeners per service; ask AWS to raise it)`;
  const actions = listeners.flatMap((one) => [one.defaultAction, ...one.rules.map((rule) => rule.action)]);
  const groups = new Set<string>(
    actions.flatMap<string>((action) =>
      action.do === "forward"
        ? action.groups.map((group) => group.id)
        : action.do === "wait"
          ? action.for
          : [],
    ),
  );
  if (groups.size > quotas.targetGroupsPerService)
    return `needs ${groups.size} target groups, quota ${quotas.targetGroupsPerService} (target groups per service; ask AWS to raise it)`;
  return undefined;
}
