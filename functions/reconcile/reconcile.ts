import { acquire, release, takeDirty, type Held } from "../desired/ledger.ts";
import { laneOf } from "../desired/owed.ts";
import type { Ask, Lane } from "../desired/lanes.ts";
import { later, toEpochSec, type EpochMs } from "../model/ids.ts";
import { times } from "../model/limits.ts";
import type { ReconcileDeps } from "./deps.ts";
import { round, type Next } from "./round.ts";

/** Rounds in one invocation: whoever keeps asking gets a new message after so many. */
const roundsMax = 3;

/** How long what is handed over lies in its queue: whoever got it at once would find the lease still held. */
const handOverMs = 1_000;

/**
 * Brings one root to what desired state says of it: load, compile, observe, plan, apply, record, report. It may be asked
 * again at any time and may die between any two lines; the next run finishes the work. Answers when the message can be
 * acknowledged; throws when the message must come back.
 */
export async function reconcile(ask: Ask, lane: Lane, deadline: EpochMs, d: ReconcileDeps): Promise<void> {
  const until = later(deadline, times.leaseMargin);
  const acquired = await acquire(d.table, ask, d.clock.now(), until);
  if (acquired === "busy") return;
  let held: Held = acquired;
  for (let done = 1; ; done += 1) {
    const end = await round(held, lane, d);
    // Another worker has the lease: it knows all that this one was asked.
    if (end === undefined) return;
    const unanswered = end.next.unanswered === true ? end.held.asks : [];
    if (end.next.again !== undefined) await askAgain(end.held, lane, end.next.again, unanswered, d);
    const answer = await release(d.table, end.held, {
      due: end.next.due,
      why: end.next.why,
      visit: end.next.visit,
      ttl: forgotten(end.next, d),
    });
    if (answer !== "dirty") return;
    const taken = await takeDirty(d.table, end.held, unanswered);
    if (taken === undefined) return;
    held = { ...taken, visitAt: end.next.visit ?? taken.visitAt };
    if (done < roundsMax && d.clock.now() < later(deadline, -times.leaseSafe)) continue;
    await handOver(held, d);
    return;
  }
}

/** Sends a root its own message, for what only time can bring. */
async function askAgain(
  held: Held,
  lane: Lane,
  afterMs: number,
  unanswered: readonly Ask[],
  d: ReconcileDeps,
): Promise<void> {
  const cause = "again: the round before asked for it";
  const verify = unanswered.some((one) => one.verify);
  await d.queues.send(
    lane === "drift" ? "drift" : laneOf(held.root),
    [{ root: held.root, verify, cause }],
    afterMs,
  );
}

/**
 * A holder that is short of time sends its root what is still asked, and only then lets go. Whoever was asked something
 * while it did so found the lease held and left that with the holder, so it is sent too.
 */
async function handOver(start: Held, d: ReconcileDeps): Promise<void> {
  for (let held: Held | undefined = start; held !== undefined; held = await takeDirty(d.table, held)) {
    const verify = held.asks.some((one) => one.verify);
    const cause = "handed over by a worker without time";
    await d.queues.send(laneOf(held.root), [{ root: held.root, verify, cause }], handOverMs);
    if ((await release(d.table, held, { due: d.clock.now(), why: "retry" })) !== "dirty") return;
  }
}

/** A ledger that nothing will look at again is kept for as long as a tombstone is. */
function forgotten(next: Next, d: ReconcileDeps): number | undefined {
  return next.due === undefined && next.again === undefined && next.forget === true
    ? toEpochSec(later(d.clock.now(), times.tombstoneLife))
    : undefined;
}
