/** A structural schema (Kubernetes, "Specifying a structural schema"), as far as it is looked at here. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly nullable?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-validations"?: readonly Rule[];
  readonly [keyword: string]: unknown;
}

/** A validation rule in CEL. */
export interface Rule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly fieldPath?: string;
  readonly reason?: string;
}

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const additional = (schema: Schema): Schema | undefined =>
  typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;

/** A value without the fields that its schema does not know. */
export function prune(schema: Schema, value: unknown): unknown {
  const { items } = schema;
  if (Array.isArray(value)) return items === undefined ? value : value.map((one) => prune(items, one));
  if (!isObject(value)) return value;
  const keep =
    schema["x-kubernetes-preserve-unknown-fields"] === true || schema.additionalProperties === true;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => {
      const known = schema.properties?.[key] ?? additional(schema);
      if (known !== undefined) return [[key, prune(known, one)]];
      return keep ? [[key, one]] : [];
    }),
  );
}

/** A value with the defaults of its schema, from the outside in. A null for what is not nullable is as if it were not there. */
export function withDefaults(schema: Schema, value: unknown): unknown {
  const { items } = schema;
  if (Array.isArray(value)) return items === undefined ? value : value.map((one) => withDefaults(items, one));
  if (!isObject(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) {
    const known = schema.properties?.[key] ?? additional(schema);
    if (one === null && known !== undefined && known.nullable !== true) continue;
    result[key] = known === undefined ? one : withDefaults(known, one);
  }
  for (const [key, known] of Object.entries(schema.properties ?? {})) {
    if (result[key] === undefined && known.default !== undefined)
      result[key] = withDefaults(known, structuredClone(known.default));
  }
  return result;
}

const formats = new Set(["date-time", "email", "uri", "ipv4", "ipv6", "hostname", "byte", "int32", "int64"]);

/** The JSON Schema that ajv understands: without Kubernetes' own keywords and unknown formats. */
export function plainSchema(schema: Schema): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key.startsWith("x-kubernetes-") || key === "description" || key === "default" || key === "nullable")
      continue;
    if (key === "format" && !formats.has(String(value))) continue;
    result[key] = value;
  }
  if (schema.properties !== undefined) result["properties"] = mapped(schema.properties);
  if (schema.items !== undefined) result["items"] = plainSchema(schema.items);
  const more = additional(schema);
  if (more !== undefined) result["additionalProperties"] = plainSchema(more);
  for (const key of ["allOf", "anyOf", "oneOf"]) {
    const branches = schema[key];
    if (Array.isArray(branches)) result[key] = branches.map((one: Schema) => plainSchema(one));
  }
  if (isObject(schema["not"])) result["not"] = plainSchema(schema["not"]);
  if (schema["x-kubernetes-int-or-string"] === true) result["type"] = ["integer", "string"];
  if (schema.nullable === true && typeof result["type"] === "string")
    result["type"] = [result["type"], "null"];
  return result;
}

const mapped = (schemas: Readonly<Record<string, Schema>>) =>
  Object.fromEntries(Object.entries(schemas).map(([key, one]) => [key, plainSchema(one)]));
