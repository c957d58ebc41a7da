import type { Change, Put, Refuse } from "../bus/events.ts";
import { trimVersion } from "../bus/objects.ts";
import type { Rv } from "../model/ids.ts";
import { kinds } from "../model/objects.ts";

import { nameKey, shelfOf, type Cache, type Name } from "./cache.ts";
import type { Interest } from "./interest.ts";
import { withinLimit, type Origin } from "./pack.ts";
import { toldGone, type Sent } from "./sent.ts";
import type { Seen } from "./trim.ts";

/** What the forwarder knows when it decides what to say. */
export interface Knowledge {
  readonly origin: Origin;
  readonly cache: Cache;
  readonly interest: Interest;
  readonly sent: Sent;
  /** Objects that were seen and are gone, until that is said. */
  readonly tombstones: ReadonlyMap<string, { readonly uid: string; readonly rv: Rv }>;
}

/** A change to say, with the hash that counts as told once it is accepted. */
export interface Saying {
  readonly change: Change;
  readonly hash: string;
}

/**
 * What is to be said of one object as it is now, or undefined when there is nothing new, nothing to say of it, or nothing
 * certain. With `asked`, it is said whatever was said before and whoever names it.
 */
export function changeOf(name: Name, knows: Knowledge, asked: boolean): Saying | undefined {
  const { cache, interest, sent } = knows;
  const key = nameKey(name);
  const shelf = shelfOf(cache, name.kind);
  const seen = shelf.objects.get(key);
  const told = sent.latest(key);
  if (seen !== undefined) {
    if (!asked && (told === seen.hash || !travels(seen, interest))) return undefined;
    return { change: bodyOf(seen, knows.origin), hash: seen.hash };
  }
  const { kind, namespace, name: own } = name;
  const tombstone = knows.tombstones.get(key);
  // Of what was never seen, only a complete list can say that it does not exist.
  const gone = tombstone ?? (shelf.listed && shelf.rv !== undefined ? { uid: "", rv: shelf.rv } : undefined);
  if (gone === undefined) return undefined;
  const matters =
    interest.named(name) || told !== undefined || (tombstone !== undefined && !kinds[kind].filtered);
  if (!asked && (!matters || told === toldGone)) return undefined;
  return { change: { op: "delete", kind, namespace, name: own, ...gone }, hash: toldGone };
}

/** Whether the filter lets an object's body through; of what cannot be read, only where no filter asks what is in it. */
export function travels(seen: Seen, interest: Interest): boolean {
  if (seen.body.ok) return interest.wanted(seen.body.object);
  return !kinds[seen.kind].filtered || interest.named(seen);
}

/** The object as it travels, or why it cannot. */
export function bodyOf(seen: Seen, origin: Origin): Put | Refuse {
  const { kind, namespace, name, uid, rv, body } = seen;
  if (!body.ok) return { op: "refuse", kind, namespace, name, uid, rv, reason: body.reason };
  return withinLimit(origin, { op: "put", kind, object: body.object, rv, trim: trimVersion });
}
