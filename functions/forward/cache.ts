import type { Rv } from "../model/ids.ts";
import { allKinds, type Kind } from "../model/objects.ts";

import type { Seen } from "./trim.ts";

/** Names one object within the cluster: all that is needed to look it up. */
export interface Name {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** A name as a key of maps. */
export const nameKey = ({ kind, namespace, name }: Name): string => `${kind}/${namespace}/${name}`;

/** What is known of one kind. */
export interface Shelf {
  readonly objects: Map<string, Seen>;
  /** Everything up to here is known; absent before the first list. */
  rv: Rv | undefined;
  /** Whether a list since the start, or since everything was to be listed anew, has come in. */
  listed: boolean;
  /** How the watch is; absent until it has had an answer. */
  health: { readonly ok: boolean; readonly reason?: string | undefined } | undefined;
}

export type Cache = ReadonlyMap<Kind, Shelf>;

/** An empty memory of the cluster. */
export const createCache = (): Cache =>
  new Map(
    allKinds.map((kind): [Kind, Shelf] => [
      kind,
      { objects: new Map(), rv: undefined, listed: false, health: undefined },
    ]),
  );

/** The shelf of a kind; every kind has one. */
export function shelfOf(cache: Cache, kind: Kind): Shelf {
  const shelf = cache.get(kind);
  if (shelf === undefined) throw new TypeError(`no shelf for kind ${kind}`);
  return shelf;
}

/** Kinds of which everything is known now: listed, and with a watch that works. */
export const syncedKinds = (cache: Cache): readonly Kind[] =>
  allKinds.filter((kind) => {
    const shelf = shelfOf(cache, kind);
    return shelf.listed && shelf.health?.ok === true && shelf.rv !== undefined;
  });
