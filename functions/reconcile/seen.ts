import { LatticeError, type Lattice } from "../apply/lattice.ts";
import { observeService, observeTargetGroup } from "../apply/observe.ts";
import { inProgress, refreshService, refreshTargetGroup } from "../apply/refresh.ts";
import type { Held } from "../desired/ledger.ts";
import { later, type EpochMs } from "../model/ids.ts";
import type { ObservedService, ObservedTargetGroup } from "../model/lattice.ts";
import { times } from "../model/limits.ts";
import type { ServiceRoot, TargetGroupRoot } from "../model/roots.ts";
import { rootTag } from "../model/tags.ts";

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

/**
 * What is in Lattice for a root: what the ledger remembers on the fast path, with a poll of what is on its way; Lattice
 * itself when a round before did not end, or when asked to verify.
 */
export async function see(
  root: ServiceRoot | TargetGroupRoot,
  name: string | undefined,
  held: Held,
  lattice: Lattice,
  now: EpochMs,
): Promise<Seen> {
  const remembered = resourceOf(held);
  try {
    if (looksLive(held, now))
      return { ok: true, observed: await live(root, name, held, lattice), from: "lattice" };
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
  root: ServiceRoot | TargetGroupRoot,
  name: string | undefined,
  held: Held,
  lattice: Lattice,
): Promise<Resource | undefined> {
  const known = {
    id: held.ledger.observed?.kind === "service-network" ? undefined : held.ledger.observed?.id,
    name,
  };
  return root.kind === "service"
    ? observeService(lattice, known, rootTag(root))
    : observeTargetGroup(lattice, known, rootTag(root));
}

/** The resource that the ledger of a service or target group remembers. */
function resourceOf(held: Held): Resource | undefined {
  const { observed } = held.ledger;
  return observed?.kind === "service-network" ? undefined : observed;
}
