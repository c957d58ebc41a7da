import type {
  BusEvent,
  Change,
  Heartbeat,
  InventoryChunk,
  ObjectsChanged,
  Put,
  Refuse,
} from "../bus/events.ts";
import { sourceOf } from "../bus/events.ts";
import { contentHash } from "../bus/hash.ts";
import type { Envelope, Received } from "../bus/parse.ts";
import { getCluster, updateState, type Cluster } from "../desired/clusters.ts";
import { storeHeartbeat } from "../desired/heartbeat.ts";
import type { Queues } from "../desired/lanes.ts";
import { putIfNewer } from "../desired/objects.ts";
import { reportRefusal, withdrawRefusal } from "../desired/refusals.ts";
import type { Table } from "../desired/table.ts";
import { times } from "../model/limits.ts";
import type { ObjectRef } from "../model/objects.ts";
import { keyOf } from "../model/objects.ts";
import type { Clock, Log, Metrics } from "../runtime/clock.ts";
import { takeInventory } from "./inventory.ts";

export interface IngestDeps {
  readonly table: Table;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** An event that must not reach desired state. It goes to the dead-letter queue, with its reason in the log. */
class RefusedEvent extends Error {
  override readonly name = "RefusedEvent";
}

/**
 * Takes one event into desired state. Repeating it changes nothing. Throws RefusedEvent for what cannot be read or is not
 * from whom it says it is; any other error means that it should be tried again.
 */
export async function ingest(received: Received, d: IngestDeps): Promise<void> {
  if (!received.ok) {
    d.metrics.count("UnparsableEvents", 1);
    throw new RefusedEvent(received.refused);
  }
  const { event, envelope } = received;
  const cluster = await getCluster(d.table, event.cluster);
  const why = refusal(event, envelope, cluster, d.clock.now());
  if (why !== undefined || cluster === undefined) {
    d.metrics.count("RefusedEvents", 1, { cluster: event.cluster });
    throw new RefusedEvent(`event ${envelope.id} of ${envelope.source}: ${why}`);
  }
  if (await otherEpoch(event, cluster, d)) return;
  await store(event, cluster, d);
}

/** Why an event is not believed, or undefined. The envelope is the bus's own word; the detail is only a claim. */
function refusal(
  event: BusEvent,
  envelope: Envelope,
  cluster: Cluster | undefined,
  now: number,
): string | undefined {
  if (cluster === undefined) {
    return `cluster "${event.cluster}" is not registered; register it, or stop its forwarder`;
  }
  if (envelope.account !== cluster.registration.account) {
    return `it comes from account ${envelope.account}, but ${event.cluster} is registered in ${cluster.registration.account}`;
  }
  if (envelope.source !== sourceOf(event.cluster)) {
    return `it says that it is of cluster ${event.cluster}, whose source is ${sourceOf(event.cluster)}`;
  }
  if (envelope.time < now - times.eventAgeMax) {
    return "it is older than 13 days: what it says may have been deleted, and the proof of that with it";
  }
  return undefined;
}

/** A rebuilt cluster of the same name puts it on hold, and says nothing that is stored, until a person registers it anew. */
async function otherEpoch(event: BusEvent, cluster: Cluster, d: IngestDeps): Promise<boolean> {
  const believed = cluster.state.epoch ?? cluster.registration.epoch;
  if (believed === event.epoch) return false;
  if (believed === undefined) {
    await updateState(event.cluster, deps(d), (state) => ({ ...state, epoch: state.epoch ?? event.epoch }));
    return false;
  }
  d.metrics.count("RefusedEvents", 1, { cluster: event.cluster });
  d.log.warn("an event of another epoch was not stored", {
    cluster: event.cluster,
    epoch: event.epoch,
    believed,
  });
  const hold =
    `the cluster's kube-system namespace is ${event.epoch}, not ${believed}: the cluster was rebuilt, or another one uses its name. ` +
    `Register ${event.cluster} with epoch ${event.epoch} to go on with it`;
  await updateState(event.cluster, deps(d), (state) => ({ ...state, hold }));
  return true;
}

async function store(event: BusEvent, cluster: Cluster, d: IngestDeps): Promise<void> {
  switch (event.type) {
    case "Objects Changed":
      return storeChanges(event, cluster, d);
    case "Inventory":
      return storeInventory(event, cluster, d);
    case "Heartbeat":
      return storeWatchHealth(event, d);
  }
}

async function storeChanges(event: ObjectsChanged, cluster: Cluster, d: IngestDeps): Promise<void> {
  // One after the other: objects of one event often wake the same roots, and order makes a failure easy to read.
  for (const change of event.changes) await storeChange(event, change, cluster, d);
}

async function storeInventory(event: InventoryChunk, cluster: Cluster, d: IngestDeps): Promise<void> {
  for (const body of event.bodies) await storeChange(event, body, cluster, d);
  await takeInventory(event, cluster, d);
}

async function storeChange(
  event: { readonly cluster: ObjectRef["cluster"] },
  change: Change | Put | Refuse,
  cluster: Cluster,
  d: IngestDeps,
): Promise<void> {
  const epoch = cluster.state.epochNumber;
  switch (change.op) {
    case "put": {
      const version = { epoch, rv: change.rv, trim: change.trim };
      const answer = await putIfNewer(
        { op: "put", object: change.object, version, hash: contentHash(change.object, change.trim) },
        event.cluster,
        deps(d),
      );
      d.metrics.count(answer === "stored" ? "ObjectsChanged" : "ObjectsRepeated", 1);
      const { namespace, name, uid } = change.object.metadata;
      const ref = { cluster: event.cluster, kind: change.kind, namespace, name };
      if (answer === "stored") await withdrawRefusal(ref, d);
      if (answer !== "too-large") return;
      return refused(ref, uid, "it is too large to be stored", d);
    }
    case "delete": {
      const ref: ObjectRef = {
        cluster: event.cluster,
        kind: change.kind,
        namespace: change.namespace,
        name: change.name,
      };
      const answer = await putIfNewer(
        { op: "delete", ref, version: { epoch, rv: change.rv, trim: 0 } },
        event.cluster,
        deps(d),
      );
      d.metrics.count(answer === "stored" ? "ObjectsChanged" : "ObjectsRepeated", 1);
      return;
    }
    case "refuse": {
      const ref = {
        cluster: event.cluster,
        kind: change.kind,
        namespace: change.namespace,
        name: change.name,
      };
      return refused(ref, change.uid, change.reason, d);
    }
  }
}

/** An object that cannot be taken in: whoever wrote it is told; what was there before stays as it was. */
async function refused(ref: ObjectRef, uid: string, reason: string, d: IngestDeps): Promise<void> {
  d.log.warn("an object was refused", { object: keyOf(ref), reason });
  await reportRefusal({ ref, uid, reason }, deps(d));
}

async function storeWatchHealth(event: Heartbeat, d: IngestDeps): Promise<void> {
  await storeHeartbeat(d.table, event.cluster, { ...event, received: d.clock.now() });
  const failedWatches = event.watches
    .filter((watch) => !watch.ok)
    .map((watch) => ({ kind: watch.kind, reason: watch.reason ?? "unknown" }));
  await updateState(event.cluster, deps(d), (state) => ({ ...state, failedWatches }));
}

const deps = (d: IngestDeps) => ({ table: d.table, queues: d.queues, now: d.clock.now() });
