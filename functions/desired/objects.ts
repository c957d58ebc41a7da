import type { ClusterName, EpochMs, Rv } from "../model/ids.ts";
import { later, toEpochSec } from "../model/ids.ts";
import { times } from "../model/limits.ts";
import {
  isKind,
  keyOf,
  parseObjectKey,
  refTo,
  type ClusterObject,
  type ObjectRef,
} from "../model/objects.ts";
import { answeredBy, indexesOf, objectRead, type Index } from "../model/reads.ts";
import { ownRoot, rootKey } from "../model/roots.ts";
import { bodyBytesMax, packBody, unpackBody } from "./body.ts";
import { indexItemKey, indexPartition, objectItemKey } from "./keys.ts";
import { addOwed, owedOf, owedValue, pay, type Owed } from "./owed.ts";
import type { Queues } from "./lanes.ts";
import type { Item, Table, Value, Write } from "./table.ts";

/** How new a version of an object is: compared by epoch, then resourceVersion, then the version of the trimming. */
export interface Version {
  /** Counts the epochs of a cluster: resourceVersions of different ones cannot be compared. */
  readonly epoch: number;
  readonly rv: Rv;
  readonly trim: number;
}

/** What is to be stored about one object. */
export type ObjectChange =
  | { readonly op: "put"; readonly object: ClusterObject; readonly version: Version; readonly hash: string }
  | { readonly op: "delete"; readonly ref: ObjectRef; readonly version: Version };

/** What the table holds about one object. */
export type StoredObject = { readonly version: Version; readonly hash: string } & (
  | { readonly is: "object"; readonly object: ClusterObject }
  | { readonly is: "tombstone" }
);

export type PutAnswer = "stored" | "repeated" | "too-large";

const newer = (a: Version, b: Version): boolean =>
  a.epoch !== b.epoch ? a.epoch > b.epoch : a.rv !== b.rv ? a.rv > b.rv : a.trim > b.trim;

/** Reads what is stored about an object; undefined when neither it nor its absence has been heard of. */
export async function getObject(table: Table, ref: ObjectRef): Promise<StoredObject | undefined> {
  return parseStored(await table.get(objectItemKey(ref)));
}

/** The objects of a list with their versions, in order of their keys; tombstones are not in lists. */
export async function listObjects(
  table: Table,
  cluster: ClusterName,
  index: Index,
): Promise<readonly { readonly ref: ObjectRef; readonly stored: StoredObject }[]> {
  const entries = await table.query(indexPartition(cluster, index));
  const refs = entries.map((entry) => parseObjectKey(entry.sk));
  const items = await table.getMany(refs.map(objectItemKey));
  const byKey = new Map(items.map((item) => [`${item.pk}|${item.sk}`, item]));
  return refs.flatMap((ref) => {
    const key = objectItemKey(ref);
    const stored = parseStored(byKey.get(`${key.pk}|${key.sk}`));
    return stored === undefined ? [] : [{ ref, stored }];
  });
}

/**
 * Stores a version of an object, or its absence, if it is newer than what is stored, together with the index entries and
 * with what is owed for it, in one transaction; then pays. An equal or older version is a repeat: it pays what is still
 * owed. Nothing here depends on the order or the number of times in which versions arrive.
 */
export async function putIfNewer(
  change: ObjectChange,
  cluster: ClusterName,
  d: { readonly table: Table; readonly queues: Queues; readonly now: EpochMs },
): Promise<PutAnswer> {
  const ref = change.op === "put" ? refTo(cluster, change.object) : change.ref;
  const key = objectItemKey(ref);
  for (;;) {
    const before = await d.table.get(key);
    const stored = parseStored(before);
    if (stored !== undefined && !newer(change.version, stored.version)) {
      await pay(key, before, d.table, d.queues);
      return "repeated";
    }
    const writes = writesFor(change, ref, before, stored, d.now);
    if (writes === "too-large") return "too-large";
    // A failed condition means that another writer came between the read and the write: look again.
    if (!(await d.table.write(writes))) continue;
    await pay(key, await d.table.get(key), d.table, d.queues);
    return "stored";
  }
}

function writesFor(
  change: ObjectChange,
  ref: ObjectRef,
  before: Item | undefined,
  stored: StoredObject | undefined,
  now: EpochMs,
): readonly Write[] | "too-large" {
  const old = stored?.is === "object" ? stored.object : undefined;
  const next = change.op === "put" ? change.object : undefined;
  // The same content at a newer version answers nobody: only the version moves.
  const silent = stored?.is === "object" && change.op === "put" && stored.hash === change.hash;
  const owed = addOwed(
    owedOf(before),
    silent ? { reads: [], roots: [], statuses: [], cause: "" } : owedFor(change, ref, old, next),
  );
  const body = next === undefined ? "" : packBody(next);
  if (body.length > bodyBytesMax) return "too-large";
  const version = before?.["v"];
  const item: Record<string, Value> = {
    v: (typeof version === "number" ? version : 0) + 1,
    epoch: change.version.epoch,
    rv: change.version.rv,
    trim: change.version.trim,
    ...(next === undefined
      ? { state: "tombstone", hash: "", ttl: toEpochSec(later(now, times.tombstoneLife)) }
      : { state: "object", hash: change.op === "put" ? change.hash : "", body }),
    ...(owed.reads.length + owed.roots.length + owed.statuses.length > 0
      ? { owed: owedValue(owed), due: now }
      : {}),
  };
  const when: Write["when"] =
    typeof version === "number"
      ? [{ attribute: "v", is: "equal", value: version }]
      : [{ attribute: "v", is: "absent" }];
  return [{ do: "put", key: objectItemKey(ref), item, when }, ...indexWrites(ref, old, next)];
}

function indexWrites(
  ref: ObjectRef,
  old: ClusterObject | undefined,
  next: ClusterObject | undefined,
): readonly Write[] {
  const keys = (object: ClusterObject | undefined) =>
    new Map(
      (object === undefined ? [] : indexesOf(object)).map((index) => [
        indexItemKey(ref, index).pk,
        indexItemKey(ref, index),
      ]),
    );
  const had = keys(old);
  const has = keys(next);
  const gone = [...had].filter(([pk]) => !has.has(pk)).map(([, key]): Write => ({ do: "delete", key }));
  const come = [...has]
    .filter(([pk]) => !had.has(pk))
    .map(([, key]): Write => ({ do: "put", key, item: {} }));
  return [...gone, ...come];
}

function owedFor(
  change: ObjectChange,
  ref: ObjectRef,
  old: ClusterObject | undefined,
  next: ClusterObject | undefined,
): Owed {
  const reads = new Set(answeredBy(ref.cluster, old, next));
  reads.add(objectRead(ref));
  const source = next ?? old;
  const own = source === undefined ? undefined : ownRoot(ref.cluster, source);
  return {
    reads: [...reads],
    roots: own === undefined ? [] : [rootKey(own)],
    statuses: [],
    cause: `${change.op} ${keyOf(ref)} at ${change.version.rv}`,
  };
}

/** Reads an item that `putIfNewer` wrote. */
function parseStored(item: Item | undefined): StoredObject | undefined {
  if (item === undefined) return undefined;
  const { epoch, rv, trim, state, hash, body } = item;
  if (
    typeof epoch !== "number" ||
    typeof rv !== "number" ||
    typeof trim !== "number" ||
    typeof hash !== "string"
  ) {
    throw new TypeError(`the item ${item.pk} ${item.sk} is not an object of ours`);
  }
  const version: Version = { epoch, rv: rv as Rv, trim };
  if (state === "tombstone") return { is: "tombstone", version, hash };
  if (typeof body !== "string") throw new TypeError(`the item ${item.pk} ${item.sk} has no body`);
  return { is: "object", version, hash, object: objectIn(unpackBody(body)) };
}

/** What was stored was parsed before it was stored; only its kind is looked at again. */
function objectIn(value: unknown): ClusterObject {
  if (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    typeof value.kind === "string" &&
    isKind(value.kind)
  ) {
    return value as ClusterObject;
  }
  throw new TypeError("a stored body is not an object of a known kind");
}
