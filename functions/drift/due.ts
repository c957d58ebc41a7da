import {
  lanes,
  type Ask,
  type CertificatesOf,
  type Lane,
  type Looks,
  type Queues,
} from "../desired/lanes.ts";
import { certificatesOfLook, rootOfLedger } from "../desired/keys.ts";
import { readLedger } from "../desired/ledger.ts";
import { laneOf, pay } from "../desired/owed.ts";
import type { Table } from "../desired/table.ts";
import type { Clock, Log, Metrics } from "../runtime/clock.ts";

export interface DriftDeps {
  readonly table: Table;
  readonly queues: Queues;
  readonly looks: Looks;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** How much of what is due one run sends on its way. The next run, a minute later, goes on with the rest. */
const dueMax = 500;

/**
 * Sends every root that is due to its lane: a visit to the drift lane, to be compared with Lattice; a root whose holder died
 * or whose retry is overdue to its own lane, outside of drift's share of the budget. Certificates that are due to be looked at
 * are sent to their own queue. Other items on the due index are debts
 * that a crash left unpaid: they are paid here. The index may be behind; that only delays.
 */
export async function sendDue(d: DriftDeps): Promise<{ readonly sent: number }> {
  const now = d.clock.now();
  const due = await d.table.due(now, dueMax);
  const byLane: Record<Lane, Ask[]> = { verdicts: [], targets: [], config: [], drift: [] };
  const looks: CertificatesOf[] = [];
  for (const key of due) {
    const certificates = certificatesOfLook(key);
    if (certificates !== undefined) {
      looks.push(certificates);
      continue;
    }
    const root = rootOfLedger(key);
    if (root === undefined) {
      await pay(key, await d.table.get(key), d.table, d.queues);
      continue;
    }
    const entry = await readLedger(d.table, root);
    if (entry?.due === undefined || entry.due > now) continue;
    const visit = entry.dueWhy === "visit" && !entry.held;
    const lane = visit ? "drift" : laneOf(root);
    byLane[lane].push({
      root,
      verify: visit,
      cause: visit ? "visit" : `due since ${new Date(entry.due).toISOString()}`,
    });
  }
  for (const lane of lanes) {
    if (byLane[lane].length > 0) await d.queues.send(lane, byLane[lane]);
  }
  if (looks.length > 0) await d.looks.lookAt(looks);
  d.metrics.count("RootsDue", due.length);
  d.metrics.count("OldestDueSeconds", Math.max(0, ...due.map((one) => (now - one.due) / 1000)));
  return { sent: lanes.reduce((sum, lane) => sum + byLane[lane].length, 0) };
}
