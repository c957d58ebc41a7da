import { z } from "zod";
import { getCluster, type Cluster } from "../desired/clusters.ts";
import { reportsOn } from "../desired/reports.ts";
import { acquireStatus, releaseStatus } from "../desired/statuslease.ts";
import type { Table } from "../desired/table.ts";
import type { Queues } from "../desired/lanes.ts";
import type { ObjectKey } from "../model/ids.ts";
import { clusterName, later } from "../model/ids.ts";
import { keyOf, parseObjectKey, type ObjectRef } from "../model/objects.ts";
import type { Clock, Log, Metrics, Random } from "../runtime/clock.ts";
import { queueEntry, type EntryDeps } from "../runtime/entry.ts";
import type { ClusterApi } from "./cluster.ts";
import { placeRefusals } from "./refused.ts";
import { writeStatus } from "./write.ts";

export interface StatusDeps {
  readonly table: Table;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clusterApi: (cluster: Cluster) => ClusterApi;
}

const objectRef = z.string().transform(parseObjectKey);
const ask = z.discriminatedUnion("do", [
  z.object({ do: z.literal("write-status"), object: objectRef }),
  z.object({
    do: z.literal("ask-forwarder"),
    cluster: z.string().transform(clusterName),
    objects: z.array(objectRef),
  }),
]);

/** How long one status may take to be composed and written. */
const leaseMs = 30_000;

/** The status queue carries the keys of objects to look at. */
export const makeHandler = (d: StatusDeps & EntryDeps) => queueEntry(d, (body) => serve(body, d));

/** Does what one message of the status queue asks. Repeating it writes nothing. Throws when it must be tried again. */
export async function serve(body: unknown, d: StatusDeps): Promise<void> {
  const asked = ask.parse(body);
  if (asked.do === "write-status") return write(asked.object, d);
  const cluster = await getCluster(d.table, asked.cluster);
  if (cluster === undefined) return;
  await d.clusterApi(cluster).askForwarder({ id: d.random.token(), refs: asked.objects });
}

/**
 * Composes and writes the status of one object under its own lease. Who finds the lease held leaves a mark, and the holder
 * looks once more: what was said meanwhile is written too.
 */
async function write(ref: ObjectRef, d: StatusDeps): Promise<void> {
  const cluster = await getCluster(d.table, ref.cluster);
  if (cluster === undefined) return;
  const key: ObjectKey = keyOf(ref);
  const now = d.clock.now();
  const fence = await acquireStatus(d.table, key, now, later(now, leaseMs));
  if (fence === "busy") return;
  const api = d.clusterApi(cluster);
  for (;;) {
    const answer = await writeStatus(ref, {
      reports: async (live) => placeRefusals(await reportsOn(d.table, key), ref, live, d.table),
      api,
      now: d.clock.now(),
      moved: hasMoved(cluster),
    });
    if (answer === "written") d.metrics.count("StatusWritten", 1);
    if ((await releaseStatus(d.table, key, fence)) !== "marked") return;
  }
}

/** Whether a cluster is looked after here, and no more by the in-cluster controller: before, that one must find its finalizers. */
const hasMoved = ({ registration, state }: Cluster): boolean =>
  registration.profile === "incumbent" && state.applied && state.hold === undefined;
