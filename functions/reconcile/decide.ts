import type { Compiled } from "../compile/compiled.ts";
import { getQuotas } from "../desired/quotas.ts";
import type { Held, Ledger } from "../desired/ledger.ts";
import type { ObservedService, ObservedTargetGroup, ServiceModel } from "../model/lattice.ts";
import type { ServiceRoot, TargetGroupRoot } from "../model/roots.ts";
import type { Plan } from "../plan/change.ts";
import { closing } from "../plan/closing.ts";
import { dryRun } from "../plan/policy.ts";
import { planService } from "../plan/service.ts";
import { planTargetGroup } from "../plan/targets.ts";
import type { ReconcileDeps } from "./deps.ts";
import { nameAfter, type Place } from "./place.ts";

export type Want = Compiled["want"];

/** All that a decision is made of. */
export interface Situation {
  readonly root: ServiceRoot | TargetGroupRoot;
  readonly want: Want;
  /** Ids of target groups that nothing may be forwarded to. */
  readonly forbids: readonly string[];
  readonly observed: ObservedService | ObservedTargetGroup | undefined;
  readonly place: Place;
  readonly held: Held;
}

/** What is to be done, who holds the lease after what was claimed for it, and what the ledger says of it before it is done. */
export interface Decision {
  readonly plan: Plan;
  readonly held: Held;
  readonly fixed: Pick<Ledger, "networks">;
}

/**
 * Plans a round. What may not be done now is in the plan too, as a `leave` that says why. Answers undefined when the lease was
 * lost.
 */
export async function decide(s: Situation, d: ReconcileDeps): Promise<Decision | undefined> {
  const { held } = s;
  const fixed = { networks: held.ledger.networks };
  const have = s.observed?.kind === "target-group" ? s.observed : undefined;
  if (s.want.is === "nothing") return { plan: [], held, fixed };
  if (s.want.is === "wait") {
    const plan = s.want.why.map(waiting);
    const service = s.observed?.kind === "service" ? s.observed : undefined;
    return { plan: restrained(closing(plan, service, s.forbids), s.place), held, fixed };
  }
  if (s.root.kind === "service") return decideService(s, d);
  const model = s.want.is === "model" && s.want.model.kind === "target-group" ? s.want.model : "absent";
  return { plan: restrained(planTargetGroup(model, have), s.place), held, fixed };
}

async function decideService(s: Situation, d: ReconcileDeps): Promise<Decision | undefined> {
  const have = s.observed?.kind === "service" ? s.observed : undefined;
  if (s.want.is !== "model" || s.want.model.kind !== "service") {
    // A service that bears our name and not our tags was never ours: there is nothing to take away.
    const plan =
      have?.ours === "foreign"
        ? []
        : planService("absent", have, await getQuotas(d.table, s.place.account, s.place.region), []);
    const fixed = { networks: s.held.ledger.networks };
    return { plan: restrained(plan, s.place), held: s.held, fixed };
  }
  const quotas = await getQuotas(d.table, s.place.account, s.place.region);
  const named = await underFreeName(s, s.want.model, have, d);
  if (named === undefined) return undefined;
  const { model, observed, held } = named;
  const networks = [
    ...new Set([...held.ledger.networks, ...model.networks.map((network) => network.id)]),
  ].toSorted();
  const plan = closing(planService(model, observed, quotas, networks), observed, s.forbids);
  return { plan: restrained(plan, s.place), held, fixed: { networks } };
}

/**
 * A service that bears the wanted name and is not ours stays as it is; ours is made under another name. Whoever moves over expects the
 * in-cluster controller's names, or to be told.
 */
async function underFreeName(
  s: Situation,
  model: ServiceModel,
  have: ObservedService | undefined,
  d: ReconcileDeps,
): Promise<
  | {
      readonly model: ServiceModel;
      readonly observed: ObservedService | undefined;
      readonly held: Held;
    }
  | undefined
> {
  const keepsName = s.place.facts.registration.profile === "incumbent";
  const as = { model, observed: have, held: s.held };
  if (have?.ours !== "foreign" || s.root.kind !== "service" || keepsName) return as;
  const after = await nameAfter(s.root, model.name, have.arn, s.held, s.place, d);
  if (after === undefined || after === "none") return after && as;
  return { model: { ...model, name: after.name }, observed: undefined, held: after.held };
}

/** Filters of policy over a plan: a cluster that has not shown itself whole, or is on hold, changes nothing. */
function restrained(plan: Plan, place: Place): Plan {
  if (place.facts.hold !== undefined) return dryRun(`on hold: ${place.facts.hold}`)(plan);
  if (place.facts.applied) return plan;
  const cluster = place.facts.registration.cluster;
  return dryRun(`the first complete inventory of cluster ${cluster} has not arrived`)(plan);
}

/** Nothing is done, and why. */
export const waiting = (why: string): Plan[number] => ({
  do: "leave",
  what: "everything",
  because: why,
  blocks: "pending",
});
