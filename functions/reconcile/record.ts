import { hash } from "../model/canonical.ts";
import { canonicalJson } from "../model/canonical.ts";
import { historyWrite, type Entry } from "../desired/history.ts";
import { save, type Ledger } from "../desired/ledger.ts";
import { addOwed, nothingOwed } from "../desired/owed.ts";
import { removeReaders } from "../desired/readers.ts";
import { reportChanges } from "../desired/reports.ts";
import type { RootKey, ReadKey } from "../model/ids.ts";
import type { Observed } from "../model/lattice.ts";
import { outputRead } from "../model/reads.ts";
import type { Report } from "../model/verdict.ts";
import type { CompiledRoot } from "./compile.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Next, RoundEnd } from "./round.ts";

/** What a round came to. */
export interface Outcome {
  readonly ledger: Ledger;
  readonly next: Next;
  /** What the compile said, with what the apply adds; absent: what the compile said. */
  readonly reports?: readonly Report[] | undefined;
  readonly history?: Pick<Entry, "changes" | "outcomes"> | undefined;
}

/**
 * Commits the outcome of a round under the fence: the ledger, what is said of objects, the output, the history and what is
 * owed for all of these, in one transaction. Then takes the root off the readers of what it no longer depends on.
 */
export async function record(
  compiled: CompiledRoot,
  outcome: Outcome,
  d: ReconcileDeps,
): Promise<RoundEnd | undefined> {
  const { held } = compiled;
  const reports = reportChanges(
    held.root,
    outcome.ledger.reported,
    outcome.reports ?? compiled.compiled.reports,
  );
  const ledger: Ledger = { ...outcome.ledger, reported: reports.reported };
  const published = canonicalJson(held.ledger.output) !== canonicalJson(ledger.output);
  const owed = addOwed(held.owed, {
    ...nothingOwed,
    reads: published ? [outputRead(held.root)] : [],
    statuses: reports.statuses,
    cause: `${held.root} changed (${hash(canonicalJson(ledger.output))})`,
  });
  const more = [...reports.writes, ...historyWrites(compiled, outcome, d)];
  const unchanged = more.length === 0 && canonicalJson(held.ledger) === canonicalJson(ledger);
  const saved = unchanged ? held : await save(d.table, held, { ledger, owed }, more);
  if (saved === undefined) return undefined;
  d.metrics.count("RootsReconciled", 1);
  const shrunk = await removeReaders(d.table, saved, staleReads(ledger, compiled));
  return shrunk && { held: shrunk, next: outcome.next };
}

function historyWrites(compiled: CompiledRoot, outcome: Outcome, d: ReconcileDeps) {
  if (outcome.history === undefined) return [];
  const now = d.clock.now();
  const entry: Entry = {
    time: new Date(now).toISOString(),
    causes: compiled.held.asks.map((ask) => ask.cause),
    ...outcome.history,
  };
  return [historyWrite(compiled.held.root, compiled.held.fence, now, entry)];
}

/**
 * Reads that neither the latest compile nor the observed model refers to. While it is not known what a call has done, all
 * that the root ever referred to counts: a rule that lands late may send to a group that nobody else keeps.
 */
function staleReads(ledger: Ledger, compiled: CompiledRoot): readonly ReadKey[] {
  const used = new Set<ReadKey>(compiled.recording.reads());
  const unsure = ledger.applying || ledger.unknownAt !== undefined;
  for (const id of unsure ? Object.keys(ledger.refs) : idsIn(ledger.observed)) {
    const root: RootKey | undefined = ledger.refs[id];
    if (root !== undefined) used.add(outputRead(root));
  }
  return ledger.reads.filter((read) => !used.has(read));
}

/** Every Lattice id that a resource refers to. */
function idsIn(observed: Observed | undefined): readonly string[] {
  if (observed?.kind !== "service") return [];
  const actions = observed.listeners.flatMap((listener) => [
    listener.defaultAction,
    ...listener.rules.map((rule) => rule.action),
  ]);
  const groups = actions.flatMap((action) =>
    action.do === "forward" ? action.groups.map((group) => group.id) : [],
  );
  return [...new Set([...groups, ...observed.associations.map((association) => association.network)])];
}
