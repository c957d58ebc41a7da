import { z } from "zod";

import type { ClusterName } from "../model/ids.ts";
import { isKind, type ObjectRef } from "../model/objects.ts";

import { problemsOf } from "./objects.ts";

/**
 * The way back. The bus has none: what the control plane lacks, it asks for with an annotation of a ConfigMap in the
 * cluster, which the forwarder watches.
 */
export const wishPlace = {
  namespace: "espalier-system",
  configMap: "espalier-forwarder",
  annotation: "espalier.dev/send-again",
} as const;

/** Objects to send again. An id that was seen before asks for nothing. */
export interface Wish {
  readonly id: string;
  readonly refs: readonly ObjectRef[];
}

/** The annotation's value. */
export const wishText = (wish: Wish): string =>
  JSON.stringify({
    id: wish.id,
    refs: wish.refs.map(({ kind, namespace, name }) => ({ kind, namespace, name })),
  });

const schema = z.object({
  id: z.string().min(1),
  refs: z.array(z.object({ kind: z.string(), namespace: z.string().default(""), name: z.string().min(1) })),
});

/**
 * Reads the annotation's value. Kinds that this forwarder does not know are left out: an older forwarder cannot send them,
 * and the rest of the wish stands.
 */
export function parseWish(cluster: ClusterName, text: string): Wish | { readonly refused: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { refused: `annotation ${wishPlace.annotation} is no JSON: ${String(error)}` };
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) return { refused: `annotation ${wishPlace.annotation}: ${problemsOf(parsed.error)}` };
  const refs = parsed.data.refs.flatMap(({ kind, namespace, name }): readonly ObjectRef[] =>
    isKind(kind) ? [{ cluster, kind, namespace, name }] : [],
  );
  return { id: parsed.data.id, refs };
}
