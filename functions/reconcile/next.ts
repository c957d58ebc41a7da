import { inProgress } from "../apply/refresh.ts";
import { later, type EpochMs } from "../model/ids.ts";
import { times } from "../model/limits.ts";
import type { Observed } from "../model/lattice.ts";
import type { Held } from "../desired/ledger.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Next } from "./round.ts";

/**
 * What is next for a root with which all is well: the visit that is planned, which no other round puts off, or else one of
 * which the time is drawn, so that roots that were made together do not stay together.
 */
export function visitNext(
  d: Pick<ReconcileDeps, "clock" | "random" | "settings">,
  held: Held,
  visited: boolean,
): Next {
  if (!visited && held.visitAt !== undefined) return { due: held.visitAt, why: "visit" };
  const jitter = 0.9 + d.random.fraction() * 0.2;
  const visit = later(d.clock.now(), Math.round(d.settings.visitEveryMs * jitter));
  return { due: visit, why: "visit", visit };
}

/** A round that ends without an answer to what it was asked, to be tried again after so many milliseconds. */
export const unansweredFor = (d: ReconcileDeps, afterMs: number): Next => ({
  due: later(d.clock.now(), afterMs),
  why: "retry",
  again: afterMs,
  unanswered: true,
});

/** When something is on its way in Lattice: look again after 1, 2, 4, then every 8 seconds. */
const pollAfterMs = (polls: number): number => Math.min(8_000, 1_000 * 2 ** Math.min(polls, 3));

/** What is to be done next for a root, of all the reasons that there may be the one that comes first. */
export function nextFor(
  d: ReconcileDeps,
  state: {
    readonly held: Held;
    /** Whether the round has looked at Lattice itself. */
    readonly visited: boolean;
    readonly observed: Observed | undefined;
    readonly polls: number;
    /** The soonest that a failed call may be tried again, if one failed. */
    readonly retryMs?: number | undefined;
    /** When a call ended without an answer that may still land. */
    readonly unknownAt: EpochMs | undefined;
    readonly gone: boolean;
  },
): Next {
  const now = d.clock.now();
  const waits: number[] = [];
  if (state.retryMs !== undefined) waits.push(state.retryMs);
  if (inProgress(state.observed)) waits.push(pollAfterMs(state.polls));
  const again = waits.length === 0 ? undefined : Math.min(...waits);
  const visit = visitNext(d, state.held, state.visited);
  // A call whose answer was lost may land late: what is seen right after it may be too early.
  if (state.unknownAt !== undefined) {
    const due = later(state.unknownAt, times.unknownAgain);
    return { ...visit, due, ...(again === undefined && due > now ? {} : { again: again ?? 0 }) };
  }
  if (again !== undefined) return { ...visit, due: later(now, again), why: "retry", again };
  if (state.gone) return { due: undefined, why: "visit", forget: true };
  return visit;
}
