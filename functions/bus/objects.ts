import type { z } from "zod";

import type { Kind, ObjectOf } from "../model/objects.ts";

import { schemas } from "./schemas.ts";

/**
 * The version of this parse, which travels with every object. It rises by one whenever the same Kubernetes object would
 * parse to something else (a field more, a default, something dropped): then content hashes differ, so that a new
 * forwarder sends everything again, and the newer parse of the same resourceVersion wins over the older one.
 */
export const trimVersion = 3;

/** An object that parsed, or what is wrong with it: field paths with the problem at each, joined by semicolons. */
export type Parsed<K extends Kind = Kind> =
  | { readonly ok: true; readonly object: ObjectOf<K> }
  | { readonly ok: false; readonly problems: string };

/**
 * Reduces a Kubernetes object to the fields that we use and fills in the API's defaults. It takes what the API server
 * lists (items of a list do not name their kind) as well as its own results, which it answers unchanged.
 */
export function parseObject<K extends Kind>(kind: K, raw: unknown): Parsed<K> {
  const parsed = schemas[kind].safeParse(withoutNulls(raw));
  return parsed.success
    ? { ok: true, object: parsed.data }
    : { ok: false, problems: problemsOf(parsed.error) };
}

/** What a schema found wrong, for people: `spec.rules[0].backendRefs[1].weight: expected number, received string`. */
export function problemsOf(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => `${pathOf(path)}: ${message.replace(/^Invalid input: /, "")}`)
    .join("; ");
}

function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "(the whole)";
  const parts = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`));
  return parts.join("").replace(/^\./, "");
}

/** Kubernetes writes an absent list or field as null in places (the endpoints of an empty slice): null means absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, v]) => (v === null ? [] : [[key, withoutNulls(v)]])),
  );
}
