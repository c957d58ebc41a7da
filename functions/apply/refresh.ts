import type {
  Observed,
  ObservedAssociation,
  ObservedService,
  ObservedTargetGroup,
} from "../model/lattice.ts";
import type { Lattice } from "./lattice.ts";
import { unlessGone } from "./observe.ts";

/** Whether anything of a resource is on its way, so that only looking again tells how it ended. */
export function inProgress(observed: Observed | undefined): boolean {
  switch (observed?.kind) {
    case undefined:
    case "service-network":
      return false;
    case "service":
      return moving(observed) || observed.associations.some(moving);
    case "target-group":
      return moving(observed) || observed.draining > 0;
  }
}

const moving = (one: { readonly lifecycle: string }): boolean =>
  one.lifecycle === "creating" || one.lifecycle === "deleting";

/**
 * Looks again at those parts of a service that are on their way, with one Get each, and at nothing else. Answers undefined
 * when the service is gone. Throws LatticeError.
 */
export async function refreshService(
  service: ObservedService,
  lattice: Lattice,
): Promise<ObservedService | undefined> {
  let head: ObservedService = service;
  if (moving(service)) {
    const now = await unlessGone(() => lattice.getService(service.id, "poll"));
    if (now === undefined) return undefined;
    head = { ...service, ...now };
  }
  const associations: ObservedAssociation[] = [];
  for (const association of service.associations) {
    const now = moving(association)
      ? await unlessGone(() => lattice.getAssociation(association.id, "poll"))
      : association;
    if (now !== undefined) associations.push(now);
  }
  return { ...head, associations };
}

/** As refreshService, for a target group; draining targets are counted anew. */
export async function refreshTargetGroup(
  group: ObservedTargetGroup,
  lattice: Lattice,
): Promise<ObservedTargetGroup | undefined> {
  let now: ObservedTargetGroup = group;
  if (moving(group)) {
    const head = await unlessGone(() => lattice.getTargetGroup(group.id, "poll"));
    if (head === undefined) return undefined;
    now = { ...group, ...head };
  }
  if (group.draining === 0) return now;
  const targets = await unlessGone(() => lattice.listTargets(group.id));
  return targets === undefined
    ? undefined
    : { ...now, draining: targets.filter((target) => target.status === "DRAINING").length };
}
