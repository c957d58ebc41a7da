import type { Held, DueWhy } from "../desired/ledger.ts";
import type { Lane } from "../desired/lanes.ts";
import type { EpochMs } from "../model/ids.ts";
import { parseRoot, type Root } from "../model/roots.ts";
import { compileRoot, settle, type CompiledRoot } from "./compile.ts";
import type { ReconcileDeps } from "./deps.ts";
import { lookUp } from "./lookup.ts";
import { record } from "./record.ts";
import { steer } from "./steer.ts";

/** When a root is to be looked at next. */
export interface Next {
  /** At the latest then, by the schedule. */
  readonly due: EpochMs | undefined;
  readonly why: DueWhy;
  /** When it is to be compared with Lattice next, after it has just been. */
  readonly visit?: EpochMs | undefined;
  /** By a message of its own, after so many milliseconds. */
  readonly again?: number | undefined;
  /** The round could not do what it was asked: it is asked again. */
  readonly unanswered?: boolean | undefined;
  /** Nothing is left of the root: its ledger may expire. */
  readonly forget?: boolean | undefined;
}

export interface RoundEnd {
  readonly held: Held;
  readonly next: Next;
}

/**
 * One round under the lease: pay what earlier rounds owe, compile, bring Lattice there as far as this round can, record
 * it together with what it owes, and pay. Answers undefined when the lease was lost.
 */
export async function round(start: Held, lane: Lane, d: ReconcileDeps): Promise<RoundEnd | undefined> {
  const root = parseRoot(start.root);
  const compiled = await compileRoot(root, await settle(start, d), d);
  if (compiled === undefined) return undefined;
  const end = await act(root, compiled, lane, d);
  if (end === undefined) return undefined;
  return { held: await settle(end.held, d), next: end.next };
}

async function act(
  root: Root,
  compiled: CompiledRoot,
  lane: Lane,
  d: ReconcileDeps,
): Promise<RoundEnd | undefined> {
  switch (root.kind) {
    case "gateway-class":
    case "gateway":
    case "listener-set":
    case "route":
      return record(compiled, { ledger: compiled.held.ledger, next: { due: undefined, why: "visit" } }, d);
    case "service-network":
      return lookUp(root, compiled, lane, d);
    case "service":
    case "target-group":
      return steer(root, compiled, lane, d);
  }
}
