import type { InventoryEntry, Put, Refuse } from "../bus/events.ts";
import type { Rv } from "../model/ids.ts";
import { type Kind } from "../model/objects.ts";

import { nameKey, shelfOf, syncedKinds } from "./cache.ts";
import { bodyOf, travels, type Knowledge } from "./changes.ts";
import type { Listing } from "./pack.ts";

/**
 * Everything that exists in the cluster now, of each kind of which that is known for certain; undefined when that is none.
 * It lists every object, also those whose bodies the filter holds back: an object that it does not list is gone.
 * A full one brings along the bodies that the filter lets through.
 */
export function takeInventory(id: string, full: boolean, knows: Knowledge): Listing | undefined {
  const { cache, interest, origin } = knows;
  const kinds = syncedKinds(cache);
  if (kinds.length === 0) return undefined;
  const taken: Partial<Record<Kind, Rv>> = {};
  const entries: InventoryEntry[] = [];
  const bodies: (Put | Refuse)[] = [];
  for (const kind of kinds) {
    const { rv, objects } = shelfOf(cache, kind);
    if (rv !== undefined) taken[kind] = rv;
    for (const seen of objects.values()) {
      const sent = travels(seen, interest);
      entries.push([kind, seen.namespace, seen.name, seen.uid, seen.rv, seen.hash, sent]);
      if (full && sent) bodies.push(bodyOf(seen, origin));
    }
  }
  const absent = kinds.flatMap((kind) =>
    interest
      .namesOf(kind)
      .filter((name) => !shelfOf(cache, kind).objects.has(nameKey(name)))
      .map(({ namespace, name }) => [kind, namespace, name] as const),
  );
  return { id, full, kinds, taken, entries, absent, bodies };
}
