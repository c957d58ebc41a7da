import { LatticeError, type Lattice } from "../apply/lattice.ts";
import { observeService, observeTargetGroup, type Identity, type Like } from "../apply/observe.ts";
import { inProgress, refreshService, refreshTargetGroup } from "../apply/refresh.ts";
import type { Held } from "../desired/ledger.ts";
import { later, type EpochMs } from "../model/ids.ts";
import type { ObservedService, ObservedTargetGroup, Ownership } from "../model/lattice.ts";
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

/**
 * Whether the ledger is not to be trusted, or is asked to prove itself, or a call without an answer must have landed by now if ever;
 * or a visit is due, for which a root that is tried again and again is never woken.
 */
export function looksLive({ ledger, asks, visitAt }: Held, now: EpochMs): boolean {
  const landed = ledger.unknownAt !== undefined && now >= later(ledger.unknownAt, times.unknownAgain);
  const visited = visitAt !== undefined && visitAt <= now;
  return ledger.applying || landed || visited || asks.some((ask) => ask.verify);
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
 * itself when it is looked at live, and then at which time.
 */
export async function see(
  wanted: Wanted,
  held: Held,
  lattice: Lattice,
  liveAt: EpochMs | undefined,
): Promise<Seen> {
  const remembered = resourceOf(held);
  try {
    if (liveAt !== undefined)
      return { ok: true, observed: await live(wanted, held, lattice, liveAt), from: "lattice" };
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
  now: EpochMs,
): Promise<Resource | undefined> {
  const known = { id: resourceOf(held)?.id, name, now };
  const relied = reliedOn(held, identity, now);
  return root.kind === "service"
    ? observeService(lattice, { ...known, relied: relied?.kind === "service" ? relied : undefined }, identity)
    : observeTargetGroup(
        lattice,
        { ...known, relied: relied?.kind === "target-group" ? relied : undefined },
        identity,
        like,
      );
}

/**
 * What a live look need not read again while lists do not say that it has changed. Nothing, while it is not known what a
 * call has done, or after a refusal that showed that memory is wrong; and once a day, because tags are in no list.
 */
function reliedOn(held: Held, identity: Identity, now: EpochMs): Resource | undefined {
  const remembered = resourceOf(held);
  if (held.ledger.applying || held.ledger.unknownAt !== undefined) return undefined;
  if (remembered?.readAt === undefined || !isKnown(remembered.ours, identity)) return undefined;
  return now < later(remembered.readAt, times.wholeEvery) ? remembered : undefined;
}

/** Whether remembered tags make a resource this root's still: those of the in-cluster controller do where that one's are taken over. */
function isKnown(ours: Ownership, identity: Identity): boolean {
  switch (ours) {
    case "ours":
      return true;
    case "adopted":
      return identity.incumbent !== undefined;
    case "foreign":
      return false;
  }
}

/** What a live look costs when it is drawn from the budget, as far as memory tells. What others changed only the look can tell. */
export function liveCalls(held: Held, identity: Identity, now: EpochMs): number {
  const relied = reliedOn(held, identity, now) !== undefined;
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
