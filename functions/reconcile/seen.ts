import { LatticeError, type Lattice } from "../apply/lattice.ts";
import { observeService, observeTargetGroup, type Identity, type Like } from "../apply/observe.ts";
import { inProgress, refreshService, refreshTargetGroup } from "../apply/refresh.ts";
import type { Held } from "../desired/ledger.ts";
import { later, type EpochMs } from "../model/ids.ts";
import type { ObservedService, ObservedTargetGroup } from "../model/lattice.ts";
import { times } from "../model/limits.ts";
import type { ServiceRoot, TargetGroupRoot } from "../model/roots.ts";

type Resource = ObservedService | ObservedTargetGroup;

/** What is in Lattice for a root, and how that is known. */
export type Seen =
  | {
      readonly ok: true;
      readonly observed: Resource | undefined;
      readonly from: "ledger" | "poll" | "lattice";
    }
  | { readonly ok: false; readonly error: LatticeError };

/** Whether the ledger is not to be trusted, or is asked to prove itself, or a call without an answer must have landed by now if ever. */
export function looksLive({ ledger, asks }: Held, now: EpochMs): boolean {
  const landed = ledger.unknownAt !== undefined && now >= later(ledger.unknownAt, times.unknownAgain);
  return ledger.applying || landed || asks.some((ask) => ask.verify);
}

/** How a root's resource is known when it is looked for. */
export interface Wanted {
  readonly root: ServiceRoot | TargetGroupRoot;
  readonly name: string | undefined;
  readonly identity: Identity;
  /** Of a target group that may be taken over. */
  readonly like?: Like | undefined;
}

/**
 * What is in Lattice for a root: what the ledger remembers on the fast path, with a poll of what is on its way; Lattice
 * itself when it is looked at live.
 */
export async function see(wanted: Wanted, held: Held, lattice: Lattice, isLive: boolean): Promise<Seen> {
  const remembered = resourceOf(held);
  try {
    if (isLive) return { ok: true, observed: await live(wanted, held, lattice), from: "lattice" };
    if (!inProgress(remembered)) return { ok: true, observed: remembered, from: "ledger" };
    const observed =
      remembered?.kind === "service"
        ? await refreshService(remembered, lattice)
        : remembered && (await refreshTargetGroup(remembered, lattice));
    return { ok: true, observed, from: "poll" };
  } catch (error) {
    if (error instanceof LatticeError) return { ok: false, error };
    throw error;
  }
}

async function live(
  { root, name, identity, like }: Wanted,
  held: Held,
  lattice: Lattice,
): Promise<Resource | undefined> {
  const known = {
    id: held.ledger.observed?.kind === "service-network" ? undefined : held.ledger.observed?.id,
    name,
  };
  return root.kind === "service"
    ? observeService(lattice, known, identity)
    : observeTargetGroup(lattice, known, identity, like);
}

/** The resource that the ledger of a service or target group remembers. */
function resourceOf(held: Held): Resource | undefined {
  const { observed } = held.ledger;
  return observed?.kind === "service-network" ? undefined : observed;
}
