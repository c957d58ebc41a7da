import type { KubeObject } from "./objects.ts";
import { isObject, type Json, type Schema } from "./schema.ts";

/**
 * Server-side apply (Kubernetes, "Server-Side Apply"): what a manager applies is merged in, and what it applied before and
 * does not any more is taken away. Conflicts between managers are not raised: the last one to apply wins, as with `--force-conflicts`.
 */
export function applied(
  schema: Schema | undefined,
  before: KubeObject | undefined,
  config: Json,
  manager: string,
  time: string,
): Json {
  const { apiVersion, kind, metadata, ...content } = config;
  const meta = isObject(metadata) ? metadata : {};
  const { managedFields: _given, ...wanted } = meta;
  const owned = fieldsOf(schema, { ...content, metadata: ownedOf(wanted) });
  const entries = managedOf(before);
  const mine = entries.find((one) => one["manager"] === manager && one["operation"] === "Apply");
  const base: Json = before ?? {};
  const cleaned =
    mine === undefined
      ? base
      : without(schema, base, isObject(mine["fieldsV1"]) ? mine["fieldsV1"] : {}, owned);
  const merged = mergeApplied(schema, cleaned, content) as Json;
  const kept = isObject(cleaned["metadata"]) ? cleaned["metadata"] : {};
  const entry = { manager, operation: "Apply", apiVersion, time, fieldsType: "FieldsV1", fieldsV1: owned };
  return {
    ...merged,
    apiVersion,
    kind,
    metadata: {
      ...kept,
      ...wanted,
      ...mergedTexts("labels", kept, wanted),
      ...mergedTexts("annotations", kept, wanted),
      managedFields: [...entries.filter((one) => one !== mine), entry],
    },
  };
}

/** Of metadata, managers own labels and annotations. */
const ownedOf = ({ labels, annotations }: Json): Json => ({
  ...(isObject(labels) ? { labels } : {}),
  ...(isObject(annotations) ? { annotations } : {}),
});

function mergedTexts(field: "labels" | "annotations", ...from: readonly Json[]): Json {
  const all = from.map((one) => one[field]).filter(isObject);
  return all.length === 0 ? {} : { [field]: all.reduce((a, b) => ({ ...a, ...b })) };
}

function managedOf(before: KubeObject | undefined): readonly Json[] {
  const entries = before?.metadata["managedFields"];
  return Array.isArray(entries) ? entries.filter(isObject) : [];
}

const itemKey = (schema: Schema | undefined, item: unknown): string | undefined => {
  const keys = schema?.["x-kubernetes-list-map-keys"];
  if (keys === undefined || !isObject(item)) return undefined;
  return `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key]])))}`;
};

const member = (schema: Schema | undefined, key: string): Schema | undefined =>
  schema?.properties?.[key] ??
  (typeof schema?.additionalProperties === "object" ? schema.additionalProperties : undefined);

/** The fields that a configuration sets, in the form of FieldsV1. Lists that are no maps are one field. */
function fieldsOf(schema: Schema | undefined, value: unknown): Json {
  if (Array.isArray(value))
    return Object.fromEntries(
      value.flatMap((one) => {
        const key = itemKey(schema, one);
        return key === undefined ? [] : [[key, fieldsOf(schema?.items, one)]];
      }),
    );
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [`f:${key}`, fieldsOf(member(schema, key), one)]),
  );
}

/** A value without the fields of `had` that are not among those of `has`. */
function without(schema: Schema | undefined, value: unknown, had: Json, has: Json): Json {
  if (!isObject(value)) return {};
  const result: Record<string, unknown> = { ...value };
  for (const [field, below] of Object.entries(had)) {
    const key = field.slice(2);
    if (!field.startsWith("f:") || !(key in result)) continue;
    const kept = has[field];
    if (kept === undefined) delete result[key];
    else
      result[key] = withoutBelow(
        member(schema, key),
        result[key],
        isObject(below) ? below : {},
        isObject(kept) ? kept : {},
      );
  }
  return result;
}

function withoutBelow(schema: Schema | undefined, value: unknown, had: Json, has: Json): unknown {
  if (isObject(value)) return without(schema, value, had, has);
  if (!Array.isArray(value)) return value;
  return value.flatMap((one): readonly unknown[] => {
    const key = itemKey(schema, one);
    const below = key === undefined ? undefined : had[key];
    if (key === undefined || !isObject(below)) return [one];
    const kept = has[key];
    return isObject(kept) ? [without(schema?.items, one, below, kept)] : [];
  });
}

function mergeApplied(schema: Schema | undefined, target: unknown, config: unknown): unknown {
  if (Array.isArray(config)) {
    if (schema?.["x-kubernetes-list-map-keys"] === undefined) return config;
    const result: unknown[] = Array.isArray(target) ? [...(target as unknown[])] : [];
    for (const one of config) {
      const key = itemKey(schema, one);
      const at = result.findIndex((had) => itemKey(schema, had) === key);
      if (at < 0) result.push(one);
      else result[at] = mergeApplied(schema.items, result[at], one);
    }
    return result;
  }
  if (!isObject(config)) return config;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, one] of Object.entries(config))
    result[key] = mergeApplied(member(schema, key), result[key], one);
  return result;
}
