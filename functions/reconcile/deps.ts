import type { Installation } from "../compile/view.ts";
import type { LatticeIn } from "../apply/lattice.ts";
import type { Allowance } from "../desired/budget.ts";
import type { Queues } from "../desired/lanes.ts";
import type { Table } from "../desired/table.ts";
import type { Clock, Log, Metrics, Random } from "../runtime/clock.ts";

/** All that reconcile can touch. */
export interface ReconcileDeps {
  readonly table: Table;
  readonly queues: Queues;
  readonly lattice: LatticeIn;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly installation: Installation;
  readonly settings: ReconcileSettings;
}

export interface ReconcileSettings {
  /** How long an old target group keeps its targets after nothing reads it any more, in milliseconds. */
  readonly graceMs: number;
  /** How often a root is compared with Lattice when nothing happens, in milliseconds; jittered by a tenth. */
  readonly visitEveryMs: number;
  readonly allowance: Allowance;
}
