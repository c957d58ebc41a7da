import { save, type Held, type Ledger } from "../desired/ledger.ts";
import { addOwed, nothingOwed, readersOf } from "../desired/owed.ts";
import { later } from "../model/ids.ts";
import { outputRead } from "../model/reads.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Next } from "./round.ts";

/** Whether a target group that nobody wants may be touched: `go`, or what to do instead. */
export type Grace =
  | { readonly go: true; readonly held: Held }
  | { readonly go: false; readonly held: Held; readonly next: Next };

/**
 * Lets a target group go in steps that traffic cannot notice. First its output is withdrawn, so that nobody can start to
 * use it; then its readers are looked for again; then the grace passes in which the data plane may still send requests to
 * it. Only then may its targets be touched. Answers undefined when the lease was lost.
 */
export async function grace(held: Held, d: ReconcileDeps): Promise<Grace | undefined> {
  const { ledger } = held;
  if (ledger.observed === undefined && !ledger.applying && ledger.output === undefined)
    return { go: true, held };
  const now = d.clock.now();
  const withdrawn =
    ledger.withdrawnAt === undefined || ledger.output !== undefined ? await withdraw(held, d) : held;
  if (withdrawn === undefined) return undefined;
  if ((await readersOf(d.table, outputRead(held.root))).length > 0) {
    // Somebody read it between the compile and the withdrawal: the next round restores the output.
    return { go: false, held: withdrawn, next: { due: now, why: "retry", again: 0 } };
  }
  const over = later(withdrawn.ledger.withdrawnAt ?? now, d.settings.graceMs);
  if (now >= over) return { go: true, held: withdrawn };
  return { go: false, held: withdrawn, next: { due: over, why: "retry", again: over - now } };
}

async function withdraw(held: Held, d: ReconcileDeps): Promise<Held | undefined> {
  const ledger: Ledger = { ...held.ledger, output: undefined, withdrawnAt: d.clock.now() };
  const owed = addOwed(held.owed, {
    ...nothingOwed,
    reads: [outputRead(held.root)],
    cause: `${held.root} is withdrawn`,
  });
  return save(d.table, held, { ledger, owed });
}
