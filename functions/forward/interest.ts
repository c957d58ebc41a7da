import type { ClusterName } from "../model/ids.ts";
import { kinds, serviceNameLabel, type ClusterObject, type Kind } from "../model/objects.ts";
import { namedBy } from "../model/reads.ts";

import { nameKey, type Name } from "./cache.ts";

/**
 * Who is named by whom: bodies of Services and EndpointSlices travel only while something that was seen names them, and
 * of what is named and does not exist, that is said.
 */
export interface Interest {
  /** Remembers what an object names; answers the names that nothing else named before. */
  note(object: ClusterObject): readonly Name[];
  /** The object is gone, and names nothing. */
  forget(name: Name): void;
  /** Whether something names it. */
  named(name: Name): boolean;
  /** Every name of a kind that something names. */
  namesOf(kind: Kind): readonly Name[];
  /** Whether an object's body is to travel. */
  wanted(object: ClusterObject): boolean;
  /** EndpointSlices that bear a Service's name. */
  slicesOf(service: Name): readonly Name[];
}

export const createInterest = (cluster: ClusterName): Interest => new CountedInterest(cluster);

class CountedInterest implements Interest {
  readonly #cluster: ClusterName;
  /** By whom each name is named. */
  readonly #namers = new Map<string, { readonly name: Name; readonly by: Set<string> }>();
  /** What each object names. */
  readonly #names = new Map<string, readonly string[]>();
  /** Slices by the key of their Service, and back. */
  readonly #slices = new Map<string, Map<string, Name>>();
  readonly #serviceOf = new Map<string, string>();

  constructor(cluster: ClusterName) {
    this.#cluster = cluster;
  }

  note(object: ClusterObject): readonly Name[] {
    const own = nameOf(object);
    const owner = nameKey(own);
    if (object.kind === "EndpointSlice") this.#shelve(own, serviceKey(object));
    const now = new Map(namedBy(this.#cluster, object).map((ref): [string, Name] => [nameKey(ref), ref]));
    this.#release(owner, now);
    if (now.size > 0) this.#names.set(owner, [...now.keys()]);
    else this.#names.delete(owner);
    const fresh: Name[] = [];
    for (const [key, { kind, namespace, name }] of now) {
      const entry = this.#namers.get(key) ?? { name: { kind, namespace, name }, by: new Set<string>() };
      if (entry.by.size === 0) fresh.push(entry.name);
      entry.by.add(owner);
      this.#namers.set(key, entry);
    }
    return fresh;
  }

  forget(name: Name): void {
    const owner = nameKey(name);
    this.#release(owner, new Map());
    this.#names.delete(owner);
    if (name.kind === "EndpointSlice") this.#shelve(name, undefined);
  }

  named(name: Name): boolean {
    return this.#namers.has(nameKey(name));
  }

  namesOf(kind: Kind): readonly Name[] {
    return [...this.#namers.values()].map(({ name }) => name).filter((name) => name.kind === kind);
  }

  wanted(object: ClusterObject): boolean {
    if (!kinds[object.kind].filtered) return true;
    const key = object.kind === "EndpointSlice" ? serviceKey(object) : nameKey(nameOf(object));
    return key !== undefined && this.#namers.has(key);
  }

  slicesOf(service: Name): readonly Name[] {
    return [...(this.#slices.get(nameKey(service))?.values() ?? [])];
  }

  #release(owner: string, keep: ReadonlyMap<string, unknown>): void {
    for (const key of this.#names.get(owner) ?? []) {
      const entry = this.#namers.get(key);
      if (entry === undefined || keep.has(key)) continue;
      entry.by.delete(owner);
      if (entry.by.size === 0) this.#namers.delete(key);
    }
  }

  #shelve({ kind, namespace, name }: Name, service: string | undefined): void {
    const slice = nameKey({ kind, namespace, name });
    const before = this.#serviceOf.get(slice);
    if (before !== undefined && before !== service) {
      const siblings = this.#slices.get(before);
      siblings?.delete(slice);
      if (siblings?.size === 0) this.#slices.delete(before);
    }
    if (service === undefined) {
      this.#serviceOf.delete(slice);
      return;
    }
    this.#serviceOf.set(slice, service);
    const siblings = this.#slices.get(service) ?? new Map<string, Name>();
    this.#slices.set(service, siblings.set(slice, { kind, namespace, name }));
  }
}

const nameOf = ({ kind, metadata: { namespace, name } }: ClusterObject): Name => ({ kind, namespace, name });

/** The key of the Service that a slice says it belongs to. */
function serviceKey(slice: ClusterObject): string | undefined {
  const name = slice.metadata.labels[serviceNameLabel];
  return name === undefined
    ? undefined
    : nameKey({ kind: "Service", namespace: slice.metadata.namespace, name });
}
