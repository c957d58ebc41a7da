import { z } from "zod";

import { contentHash } from "../bus/hash.ts";
import { parseObject, problemsOf, trimVersion } from "../bus/objects.ts";
import { canonicalJson, hash } from "../model/canonical.ts";
import { rv, type Rv } from "../model/ids.ts";
import type { ClusterObject, Kind } from "../model/objects.ts";

/** An object of the cluster as the forwarder remembers it. */
export interface Seen {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly rv: Rv;
  /** Equal hashes: nothing that we use has changed. */
  readonly hash: string;
  /** The trimmed object, or why it cannot be read: then it is refused for its owner to see. */
  readonly body:
    | { readonly ok: true; readonly object: ClusterObject }
    | { readonly ok: false; readonly reason: string };
  /** Being deleted counts as deleted, whatever finalizers still hold it. */
  readonly leaving: boolean;
}

const head = z.object({
  metadata: z.object({
    namespace: z.string().nullish(),
    name: z.string().min(1),
    uid: z.string().min(1),
    resourceVersion: z.string(),
    generation: z.number().nullish(),
    deletionTimestamp: z.string().nullish(),
  }),
});

/**
 * Reduces an object of the API server to what travels. Throws TypeError when it lacks even its name, uid or a numeric
 * resourceVersion: no API server writes such a thing, and nobody could be told of it.
 */
export function trim(kind: Kind, raw: unknown): Seen {
  const known = head.safeParse(raw);
  if (!known.success) throw new TypeError(`not an object of kind ${kind}: ${problemsOf(known.error)}`);
  const { namespace, name, uid, resourceVersion, generation, deletionTimestamp } = known.data.metadata;
  const parsed = parseObject<Kind>(kind, raw);
  return {
    kind,
    namespace: namespace ?? "",
    name,
    uid,
    rv: rv(resourceVersion),
    hash: parsed.ok
      ? contentHash(parsed.object, trimVersion)
      : hash(canonicalJson([parsed.problems, uid, generation ?? 0, trimVersion])),
    body: parsed.ok ? parsed : { ok: false, reason: `cannot be read: ${parsed.problems}` },
    leaving: typeof deletionTimestamp === "string",
  };
}
