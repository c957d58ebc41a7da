import { canonicalJson, hash, same } from "../model/canonical.ts";
import { letHostnamesGo } from "../desired/claims.ts";
import { historyWrite, type Entry } from "../desired/history.ts";
import { save, type Ledger } from "../desired/ledger.ts";
import { addOwed, nothingOwed } from "../desired/owed.ts";
import { removeReaders } from "../desired/readers.ts";
import type { Write } from "../desired/table.ts";
import { letUsesGo } from "../desired/usage.ts";
import { reportChanges } from "../desired/reports.ts";
import type { RootKey, ReadKey } from "../model/ids.ts";
import type { Observed } from "../model/lattice.ts";
import { outputRead, usageRead } from "../model/reads.ts";
import type { CompiledRoot } from "./compile.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Next, RoundEnd } from "./round.ts";
import { countWhatIsThere, staleUses } from "./shares.ts";

/** What a round came to. */
export interface Outcome {
  readonly ledger: Ledger;
  readonly next: Next;
  /** Whether the root is about to make something; absent when the round did not come so far as to know. */
  readonly makes?: boolean | undefined;
  readonly history?: Pick<Entry, "changes" | "outcomes"> | undefined;
  /** What else belongs to the commit. */
  readonly more?: readonly Write[] | undefined;
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
  const { want } = compiled.compiled;
  // While something is not known yet, what was said before stands.
  const reports =
    want.is === "wait" && want.until === "known"
      ? { writes: [], reported: outcome.ledger.reported, statuses: [] }
      : reportChanges(held.root, outcome.ledger.reported, compiled.compiled.reports);
  const ledger: Ledger = { ...outcome.ledger, reported: reports.reported };
  const published = !same(held.ledger.output, ledger.output);
  const owed = addOwed(held.owed, {
    ...nothingOwed,
    reads: published ? [outputRead(held.root)] : [],
    statuses: reports.statuses,
    cause: `${held.root} changed (${hash(canonicalJson(ledger.output))})`,
  });
  const more = [...reports.writes, ...historyWrites(compiled, outcome, d), ...(outcome.more ?? [])];
  const unchanged = more.length === 0 && same(held.ledger, ledger);
  const saved = unchanged ? held : await save(d.table, held, { ledger, owed }, more);
  if (saved === undefined) return undefined;
  d.metrics.count("RootsReconciled", 1);
  const counted = await countWhatIsThere(d.table, saved);
  const freed = counted && (await letHostnamesGo(d.table, counted, staleClaims(ledger, compiled)));
  const given =
    freed && (await letUsesGo(d.table, freed, staleUses(freed.ledger, compiled.compiled, outcome.makes)));
  const shrunk = given && (await removeReaders(d.table, given, staleReads(ledger, compiled)));
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
 * that the root ever referred to counts: a rule that lands late may send to a group that nobody else keeps. Who has room waits
 * for none: woken by the share that it gives back itself, it would take that and give it back for ever.
 */
function staleReads(ledger: Ledger, compiled: CompiledRoot): readonly ReadKey[] {
  const used = new Set<ReadKey>(compiled.recording.reads());
  const { uses = [], waitsForRoom } = compiled.compiled;
  if (waitsForRoom !== true) for (const { use } of uses) used.delete(usageRead(use));
  const unsure = ledger.applying || ledger.unknownAt !== undefined;
  for (const id of unsure ? Object.keys(ledger.refs) : idsIn(ledger.observed)) {
    const root: RootKey | undefined = ledger.refs[id];
    if (root !== undefined) used.add(outputRead(root));
  }
  return ledger.reads.filter((read) => !used.has(read));
}

/** Hostnames that the root is not to serve any more, on networks that its service is in no longer. */
function staleClaims(ledger: Ledger, { compiled: { want, claims } }: CompiledRoot) {
  const wanted = claims ?? (want.is === "absent" ? [] : undefined);
  if (wanted === undefined || ledger.applying || ledger.unknownAt !== undefined) return [];
  const there = new Set(
    ledger.observed?.kind === "service" ? ledger.observed.associations.map((one) => one.network) : [],
  );
  return ledger.claims.filter(
    (one) =>
      !there.has(one.network) &&
      !wanted.some((other) => other.network === one.network && other.hostname === one.hostname),
  );
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
