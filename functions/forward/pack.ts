import {
  detailOf,
  sourceOf,
  type Change,
  type InventoryChunk,
  type ObjectsChanged,
  type Put,
  type Refuse,
} from "../bus/events.ts";
import { callLimits, entryBytes } from "../bus/publish.ts";
import type { ClusterName } from "../model/ids.ts";

/** Who speaks: what every event of this forwarder says of its origin. */
export interface Origin {
  readonly version: 1;
  readonly cluster: ClusterName;
  readonly epoch: string;
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** The bytes of an event as the bus counts them. */
const eventBytes = (event: ObjectsChanged | InventoryChunk): number =>
  entryBytes({ source: sourceOf(event.cluster), type: event.type, detail: detailOf(event) });

/** Changes as few events: each change goes into the first event that has room, since their order means nothing. */
export function packChanges<T extends { readonly change: Change }>(
  origin: Origin,
  items: readonly T[],
  limit: number = callLimits.bytes,
): readonly { readonly event: ObjectsChanged; readonly items: readonly T[] }[] {
  const empty = eventBytes({ type: "Objects Changed", ...origin, changes: [] });
  const events: { items: T[]; bytes: number }[] = [];
  for (const item of items) {
    const size = bytesOf(item.change) + 1;
    const open = events.find(({ bytes }) => bytes + size <= limit);
    if (open === undefined) {
      // The first change of an event has no comma before it.
      events.push({ items: [item], bytes: empty + size - 1 });
    } else {
      open.items.push(item);
      open.bytes += size;
    }
  }
  return events.map(({ items }) => ({
    event: { type: "Objects Changed", ...origin, changes: items.map(({ change }) => change) },
    items,
  }));
}

/** The put if an event can carry it, else a refusal that says by how much it is too large and what to do. */
export function withinLimit(origin: Origin, put: Put, limit: number = callLimits.bytes): Put | Refuse {
  // An inventory chunk has the larger frame: what fits in one fits in both.
  const bytes = bytesOf(put) + chunkFrame(origin);
  if (bytes <= limit) return put;
  const { namespace, name, uid } = put.object.metadata;
  return {
    op: "refuse",
    kind: put.kind,
    namespace,
    name,
    uid,
    rv: put.rv,
    reason:
      `too large to be sent: ${bytes} bytes after what is not used was removed, at most ${limit} fit in one event; ` +
      `split it into several objects or shorten its annotations`,
  };
}

/** More than the frame of a chunk takes with all its kinds: cluster and epoch, and a generous rest. */
const chunkFrame = (origin: Origin): number => 2048 + 2 * origin.cluster.length + origin.epoch.length;

/** What an inventory says before it is cut into chunks. */
export type Listing = Omit<InventoryChunk, "type" | "version" | "cluster" | "epoch" | "chunk" | "chunks">;

type Lists = Pick<InventoryChunk, "entries" | "absent" | "bodies">;

/** A listing as few chunks, at least one; every chunk says what the listing is of, and its lists are a part of the whole. */
export function packInventory(
  origin: Origin,
  listing: Listing,
  limit: number = callLimits.bytes,
): readonly InventoryChunk[] {
  const { entries, absent, bodies, ...rest } = listing;
  // The numbers are filled in when it is known how many there are; five digits are more than there can be.
  const most = { chunk: 99_999, chunks: 99_999 };
  const frame = { type: "Inventory", ...origin, ...rest, ...most } as const;
  const empty = eventBytes({ ...frame, entries: [], absent: [], bodies: [] });
  const parts: {
    entries: Lists["entries"][number][];
    absent: Lists["absent"][number][];
    bodies: (Put | Refuse)[];
  }[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  const room = (value: unknown): (typeof parts)[number] => {
    const size = bytesOf(value) + 1;
    const open = parts.at(-1);
    if (open !== undefined && bytes + size <= limit) {
      bytes += size;
      return open;
    }
    const part = { entries: [], absent: [], bodies: [] };
    parts.push(part);
    bytes = empty + size;
    return part;
  };
  for (const entry of entries) room(entry).entries.push(entry);
  for (const entry of absent) room(entry).absent.push(entry);
  for (const body of bodies) room(body).bodies.push(body);
  if (parts.length === 0) parts.push({ entries: [], absent: [], bodies: [] });
  return parts.map((part, chunk) => ({ ...frame, chunk, chunks: parts.length, ...part }));
}
