import { same } from "../model/canonical.ts";
import { api } from "../model/limits.ts";
import type { ObservedTargetGroup, Target, TargetGroupModel } from "../model/lattice.ts";
import { withTags } from "./adopt.ts";
import type { Blocks, Change, Plan } from "./change.ts";

/** The least that must change for a target group to be as it is wanted: what is new comes before what is old goes. */
export function planTargetGroup(
  want: TargetGroupModel | "absent",
  have: ObservedTargetGroup | undefined,
): Plan {
  if (have?.ours === "foreign") return [leave("refused", `${have.arn} is not ours: it bears other tags`)];
  if (want === "absent") return have === undefined ? [] : planAbsence(have);
  if (have === undefined) return [{ do: "create-target-group", model: want, because: "missing" }];
  switch (have.lifecycle) {
    case "creating":
      return [leave("pending", "Lattice is making the target group")];
    case "deleting":
      return [leave("pending", "a target group of this name is being deleted")];
    case "create-failed":
      return [
        {
          do: "delete-target-group",
          group: have.id,
          because: `Lattice could not make it: ${have.failure ?? "no reason given"}`,
        },
      ];
    case "active":
    case "delete-failed":
      return same(want.config, have.config)
        ? withTags(planTargets(want, have.targets), want, have)
        : [leave("refused", "its port, protocol, family or VPC differ, which Lattice fixes at creation")];
  }
}

function planAbsence(have: ObservedTargetGroup): Plan {
  if (have.lifecycle === "deleting") return [leave("pending", "the target group is being deleted")];
  if (have.lifecycle === "creating") return [leave("pending", "it is deleted once Lattice has made it")];
  const deregister = calls(have.targets, "deregister", "the target group is no longer wanted");
  if (have.draining > 0) return [...deregister, leave("pending", `${have.draining} targets are draining`)];
  return [...deregister, { do: "delete-target-group", group: have.id, because: "no longer wanted" }];
}

function planTargets({ targets: want, spared = [] }: TargetGroupModel, have: readonly Target[]): Plan {
  const kept = new Set([...want, ...spared].map(address));
  const registered = new Set(have.map(address));
  return [
    ...calls(
      want.filter((target) => !registered.has(address(target))),
      "register",
      "missing",
    ),
    ...calls(
      have.filter((target) => !kept.has(address(target))),
      "deregister",
      "no longer wanted",
    ),
  ];
}

function calls(targets: readonly Target[], what: "register" | "deregister", because: string): Plan {
  const all: Change[] = [];
  for (let start = 0; start < targets.length; start += api.targetsPerCall) {
    all.push({ do: what, targets: targets.slice(start, start + api.targetsPerCall), because });
  }
  return all;
}

const address = (target: Target): string => `${target.id}:${target.port}`;
const leave = (blocks: Blocks, because: string): Change => ({
  do: "leave",
  what: "the target group",
  blocks,
  because,
});
