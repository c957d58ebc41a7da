import type { InventoryChunk } from "../bus/events.ts";
import { updateState, type Cluster } from "../desired/clusters.ts";
import { chunksOf, dropChunks, storeChunk } from "../desired/inventories.ts";
import { getObject, listObjects, putIfNewer } from "../desired/objects.ts";
import { allKinds, keyOf, optionalKinds, type Kind, type ObjectRef } from "../model/objects.ts";
import type { Rv } from "../model/ids.ts";
import type { IngestDeps } from "./ingest.ts";

/** What a chunk says once its bodies are stored: this much is kept until all chunks are there. */
type Digest = Pick<
  InventoryChunk,
  "id" | "chunk" | "chunks" | "full" | "kinds" | "taken" | "entries" | "absent"
>;

/**
 * Takes one chunk of an inventory. Once all of its chunks are there: what it does not list and is older than it is gone;
 * what it lists and desired state lacks is asked for. Chunks may come in any order, and again.
 */
export async function takeInventory(event: InventoryChunk, cluster: Cluster, d: IngestDeps): Promise<void> {
  const { id, chunk, chunks, full, kinds: listed, taken, entries, absent } = event;
  const digest: Digest = { id, chunk, chunks, full, kinds: listed, taken, entries, absent };
  await storeChunk(d.table, event.cluster, digest, d.clock.now());
  const stored = await chunksOf<Digest>(d.table, event.cluster, id);
  if (stored.length < chunks) return;
  await complete(event, stored, cluster, d);
  await dropChunks(d.table, event.cluster, id, chunks);
}

async function complete(
  event: InventoryChunk,
  chunks: readonly Digest[],
  cluster: Cluster,
  d: IngestDeps,
): Promise<void> {
  const entries = new Map(
    chunks
      .flatMap((chunk) => chunk.entries)
      .map((entry) => [keyOf(refOf(event, entry[0], entry[1], entry[2])), entry]),
  );
  const lacking: ObjectRef[] = [];
  for (const kind of event.kinds) {
    const taken = event.taken[kind];
    if (taken === undefined) continue;
    const gone = await goneSince(event, kind, { rv: taken, epoch: cluster.state.epochNumber }, entries, d);
    for (const ref of gone) await bury(ref, taken, cluster, d);
  }
  for (const [kind, namespace, name] of chunks.flatMap((chunk) => chunk.absent)) {
    const taken = event.taken[kind];
    if (taken !== undefined) await bury(refOf(event, kind, namespace, name), taken, cluster, d);
  }
  for (const [kind, namespace, name, , rv, hash, travels] of entries.values()) {
    const ref = refOf(event, kind, namespace, name);
    if (travels && (await lacks(ref, rv, hash, d))) lacking.push(ref);
  }
  // A full inventory of every kind that lacks nothing is what a cluster's first changes wait for.
  const needed = allKinds.filter((kind) => !optionalKinds.has(kind));
  const whole = event.full && lacking.length === 0 && needed.every((kind) => event.kinds.includes(kind));
  await updateState(event.cluster, { table: d.table, queues: d.queues, now: d.clock.now() }, (state) => ({
    ...state,
    listed: [...new Set([...state.listed, ...event.kinds])].toSorted(),
    applied: state.applied || whole,
  }));
  d.metrics.count("InventoriesCompleted", 1);
  if (lacking.length === 0) return;
  d.log.warn("an inventory shows objects that desired state lacks", {
    cluster: event.cluster,
    objects: lacking.length,
  });
  await d.queues.sendStatus([{ do: "ask-forwarder", cluster: event.cluster, objects: lacking.map(keyOf) }]);
}

/** Objects that are stored, older than the listing (all of an earlier epoch are), and not in it. */
async function goneSince(
  event: InventoryChunk,
  kind: Kind,
  taken: { readonly rv: Rv; readonly epoch: number },
  listed: ReadonlyMap<string, unknown>,
  d: IngestDeps,
): Promise<readonly ObjectRef[]> {
  const stored = await listObjects(d.table, event.cluster, { kind, by: "cluster", value: "" });
  const older = (version: { readonly rv: Rv; readonly epoch: number }): boolean =>
    version.epoch < taken.epoch || version.rv < taken.rv;
  return stored
    .filter(({ ref, stored: one }) => !listed.has(keyOf(ref)) && older(one.version))
    .map(({ ref }) => ref);
}

/** Stores that an object does not exist, as of the listing. Something newer that is stored by now stays. */
async function bury(ref: ObjectRef, taken: Rv, cluster: Cluster, d: IngestDeps): Promise<void> {
  const version = { epoch: cluster.state.epochNumber, rv: taken, trim: 0 };
  await putIfNewer({ op: "delete", ref, version }, ref.cluster, {
    table: d.table,
    queues: d.queues,
    now: d.clock.now(),
  });
}

/** Whether an object that exists and is sent is not stored, or is stored in an older version of other content. */
async function lacks(ref: ObjectRef, rv: Rv, hash: string, d: IngestDeps): Promise<boolean> {
  const stored = await getObject(d.table, ref);
  if (stored?.is === "object") return stored.version.rv < rv && stored.hash !== hash;
  if (stored?.is === "tombstone" && stored.version.rv >= rv) return false;
  return true;
}

const refOf = (event: InventoryChunk, kind: Kind, namespace: string, name: string): ObjectRef => ({
  cluster: event.cluster,
  kind,
  namespace,
  name,
});
