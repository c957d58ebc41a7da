import { canonicalJson, hash } from "../model/canonical.ts";
import type { ClusterObject } from "../model/objects.ts";

/**
 * The hash of an object as it travels: of its trimmed content with uid and generation, and of the version of the trimming.
 * The forwarder sends an object when its hash changes, and an inventory lists it; ingest computes the same one.
 */
export const contentHash = (object: ClusterObject, trim: number): string =>
  hash(canonicalJson({ object, trim }));
