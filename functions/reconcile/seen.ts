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
      return { ok: true, observed: await live(root, name, held, lattice, now), from: "lattice" };
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
  now: EpochMs,
): Promise<Resource | undefined> {
  const relied = reliedOn(held, now);
  const look = { id: resourceOf(held)?.id, name, rootTag: rootTag(root), now };
  return root.kind === "service"
    ? observeService(lattice, { ...look, relied: relied?.kind === "service" ? relied : undefined })
    : observeTargetGroup(lattice, { ...look, relied: relied?.kind === "target-group" ? relied : undefined });
}

/**
 * What a live look need not read again while lists do not say that it has changed. Nothing, while it is not known what a
 * call has done, or after a refusal that showed that memory is wrong; and once a day, because tags are in no list.
 */
function reliedOn(held: Held, now: EpochMs): Resource | undefined {
  const remembered = resourceOf(held);
  if (held.ledger.applying || held.ledger.unknownAt !== undefined) return undefined;
  if (remembered?.ours !== "ours" || remembered.readAt === undefined) return undefined;
  return now < later(remembered.readAt, times.wholeEvery) ? remembered : undefined;
}

/** What a live look costs when it is drawn from the budget, as far as memory tells. What others changed only the look can tell. */
export function liveCalls(held: Held, now: EpochMs): number {
  const relied = reliedOn(held, now) !== undefined;
  const remembered = resourceOf(held);
  const listeners = remembered?.kind === "service" ? remembered.listeners : [];
  const parts = listeners.flatMap((listener) => [listener, ...listener.rules]);
  const gets = relied ? parts.filter((part) => part.lastUpdatedAt === undefined) : parts;
  return (relied ? 3 : 4) + listeners.length + gets.length;
}

/** The resource that the ledger of a service or target group remembers. */
function resourceOf(held: Held): Resource | undefined {
  const { observed } = held.ledger;
  return observed?.kind === "service-network" ? undefined : observed;
}
