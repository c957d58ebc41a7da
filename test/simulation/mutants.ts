import type { ClusterSource } from "../../functions/forward/source.ts";
import type { Queues } from "../../functions/desired/lanes.ts";
import type { Table } from "../../functions/desired/table.ts";
import type { ReconcileSettings } from "../../functions/reconcile/deps.ts";

/** A known way to be wrong, put into the world on purpose: the judges must find it. */
export interface Mutant {
  readonly name: string;
  readonly table?: (table: Table) => Table;
  readonly queues?: (queues: Queues) => Queues;
  readonly source?: (source: ClusterSource) => ClusterSource;
  readonly detail?: (type: string, detail: unknown) => unknown;
  readonly graceMs?: number;
  readonly settings?: Partial<ReconcileSettings>;
}
