import type { Lattice } from "../../functions/apply/lattice.ts";
import { latticeOver } from "../../functions/apply/lattice.sdk.ts";
import { emptyLedger, type Held, type Ledger } from "../../functions/desired/ledger.ts";
import { nothingOwed } from "../../functions/desired/owed.ts";
import { epochMs, type EpochMs } from "../../functions/model/ids.ts";
import type { ObservedService, ObservedTargetGroup, Tags } from "../../functions/model/lattice.ts";
import { rootKey, type ServiceRoot, type TargetGroupRoot } from "../../functions/model/roots.ts";
import { rootTag } from "../../functions/model/tags.ts";
import { liveCalls, see } from "../../functions/reconcile/seen.ts";
import { createLattice } from "../../infra/local/lattice/engine.ts";
import { prng } from "../simulation/prng.ts";
import { east } from "../support/builders.ts";

export const hour = 3_600_000;
/** The name of whatever is visited. */
export const name = "checkout-shop";
export const service: ServiceRoot = {
  kind: "service",
  cluster: east,
  of: "HTTPRoute",
  namespace: "shop",
  name: "checkout",
  hostname: "",
};
export const group: TargetGroupRoot = {
  kind: "target-group",
  service,
  backend: { namespace: "shop", name: "cart" },
  port: 80,
  protocol: "HTTP",
  version: "HTTP1",
  family: "IPV4",
};
export const place = { account: "111122223333", region: "eu-central-1" };

/** A Lattice of which every call of ours is counted, and visits of what is in it. */
export interface Visits {
  readonly lattice: Lattice;
  now(): EpochMs;
  pass(ms: number): void;
  /** What somebody else does. */
  somebody(operation: string, input: unknown): void;
  /** Happens right after our next call of an operation: between that and the one that comes then. */
  after(operation: string, happens: () => void): void;
  /** Our calls since the last time that this was asked, each with how often it was made. */
  made(): Readonly<Record<string, number>>;
  /** A visit of a root with this ledger, and what it was priced at. */
  visit(
    root: ServiceRoot | TargetGroupRoot,
    ledger: Partial<Ledger>,
    how?: { readonly through?: Lattice; readonly incumbent?: Tags },
  ): Promise<{
    readonly observed: ObservedService | ObservedTargetGroup | undefined;
    readonly price: number;
  }>;
  visitService(ledger: Partial<Ledger>, through?: Lattice): Promise<ObservedService>;
  /** As a cluster's that has moved over, where there are tags by which the in-cluster controller knew the group. */
  visitGroup(ledger: Partial<Ledger>, incumbent?: Tags): Promise<ObservedTargetGroup>;
}

export function createVisits(): Visits {
  let time = Date.parse("2026-01-01T00:00:00Z");
  let calls: string[] = [];
  let next: { readonly operation: string; readonly happens: () => void } | undefined;
  const engine = createLattice({ clock: { now: () => time }, random: prng("visits").fraction });
  const lattice = latticeOver(async (operation, input) => {
    calls.push(operation);
    const answer = engine.call(place, operation, input);
    const then = next?.operation === operation ? next.happens : undefined;
    if (then !== undefined) next = undefined;
    then?.();
    return answer;
  });
  const visit: Visits["visit"] = async (root, ledger, { through = lattice, incumbent } = {}) => {
    const held: Held = {
      root: rootKey(root),
      fence: 1,
      leaseUntil: epochMs(time + 30_000),
      ledger: { ...emptyLedger, ...ledger },
      owed: nothingOwed,
      asks: [{ root: rootKey(root), verify: true, cause: "visit" }],
      inherited: false,
    };
    const identity = { rootTag: rootTag(root), incumbent };
    const price = liveCalls(held, identity, epochMs(time));
    const seen = await see({ root, name, identity }, held, through, epochMs(time));
    if (!seen.ok) throw seen.error;
    return { observed: seen.observed, price };
  };
  return {
    lattice,
    now: () => epochMs(time),
    pass: (ms) => void (time += ms),
    somebody: (operation, input) => void engine.call(place, operation, input),
    after: (operation, happens) => void (next = { operation, happens }),
    made() {
      const counted: Record<string, number> = {};
      for (const operation of calls) counted[operation] = (counted[operation] ?? 0) + 1;
      calls = [];
      return counted;
    },
    visit,
    async visitService(ledger, through) {
      const { observed } = await visit(service, ledger, through === undefined ? {} : { through });
      if (observed?.kind !== "service") throw new Error("there is no service");
      return observed;
    },
    async visitGroup(ledger, incumbent) {
      const { observed } = await visit(group, ledger, incumbent === undefined ? {} : { incumbent });
      if (observed?.kind !== "target-group") throw new Error("there is no target group");
      return observed;
    },
  };
}
