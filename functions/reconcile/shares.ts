import type { Outcome as Made } from "../apply/apply.ts";
import { inProgress } from "../apply/refresh.ts";
import type { Compiled } from "../compile/compiled.ts";
import type { Held, Ledger } from "../desired/ledger.ts";
import type { Table } from "../desired/table.ts";
import { takeUses } from "../desired/usage.ts";
import { same } from "../model/canonical.ts";
import type { Observed } from "../model/lattice.ts";
import type { Use } from "../model/limits.ts";
import type { Change, Plan } from "../plan/change.ts";
import type { Want } from "./decide.ts";

/**
 * What a root's resource uses of shared quotas by being there. What was taken over, or made when uses were not counted yet, does so
 * as well; what is not ours does not, because others' resources are not counted here.
 */
export function usesThere(observed: Observed | undefined): readonly Use[] {
  if (observed === undefined || observed.kind === "service-network" || observed.ours === "foreign") return [];
  // arn:PARTITION:vpc-lattice:REGION:ACCOUNT:RESOURCE
  const [, , , region = "", account = ""] = observed.arn.split(":");
  const here = { account, region };
  if (observed.kind === "target-group") return [{ ...here, quota: "targetGroupsPerRegion" }];
  const networks = [...new Set(observed.associations.map((one) => one.network))];
  return [
    { ...here, quota: "servicesPerRegion" },
    ...networks.map((network): Use => ({ ...here, quota: "servicesPerNetwork", network })),
  ];
}

/** Counts what is there of a root and was not counted yet, whatever the quota. Answers undefined when the lease was lost. */
export async function countWhatIsThere(table: Table, held: Held): Promise<Held | undefined> {
  const there = usesThere(held.ledger.observed).map((use) => ({ use }));
  return (await takeUses(table, held, there))?.held;
}

/**
 * Takes what a root is to use of shared quotas, when its plan makes something: until then others may have the room. Whether it was
 * to be had; undefined when the lease was lost.
 */
export async function takeForPlan(
  table: Table,
  held: Held,
  { uses = [] }: Compiled,
  plan: Plan,
): Promise<{ readonly held: Held; readonly had: boolean } | undefined> {
  if (!plan.some(makes)) return { held, had: true };
  const taken = await takeUses(table, held, uses);
  return taken && { held: taken.held, had: taken.refused.length === 0 };
}

/** Whether a change makes something that a shared quota counts. */
function makes(change: Change): boolean {
  return change.do === "create-service" || change.do === "associate" || change.do === "create-target-group";
}

/** Whether a root is about to make something, now or after what this round has done. What nobody may make is not on its way. */
export function isMaking(
  want: Want,
  plan: Plan,
  applied: { readonly observed: Observed | undefined; readonly outcomes: readonly Made[] },
): boolean {
  if (want.is === "absent") return false;
  // A service is put into its networks once Lattice has made it.
  if (inProgress(applied.observed)) return true;
  return plan.some((change, index) => {
    const outcome = applied.outcomes[index];
    return makes(change) && !(outcome?.is === "failed" && outcome.fate.do === "stop");
  });
}

/** What a root has of shared quotas, and neither has in Lattice nor is about to make. */
export function staleUses(ledger: Ledger, { uses }: Compiled, making: boolean | undefined): readonly Use[] {
  if (making === undefined || ledger.applying || ledger.unknownAt !== undefined) return [];
  const wanted = making ? (uses?.map(({ use }) => use) ?? ledger.uses) : [];
  const kept = [...usesThere(ledger.observed), ...wanted];
  return ledger.uses.filter((one) => !kept.some((other) => same(other, one)));
}
