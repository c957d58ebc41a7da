import { celEnv, isCelError, parse, plan, type CelInput, type CelResult } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import type { Cause } from "./status.ts";
import { isObject, type Rule, type Schema } from "./schema.ts";

type Evaluate = (bindings: Readonly<Record<string, CelInput>>) => CelResult;

const environment = celEnv({ funcs: strings });

/** Compiles a rule once; each rule of a CRD is used for every object of its kind. */
export function createCel(): (schema: Schema, value: unknown, old: unknown) => readonly Cause[] {
  const plans = new Map<string, Evaluate>();
  const planOf = (rule: string): Evaluate => {
    const known = plans.get(rule);
    if (known !== undefined) return known;
    const made = plan(environment, parse(rule)) as Evaluate;
    plans.set(rule, made);
    return made;
  };
  return (schema, value, old) => [...violations(schema, value, old, "", planOf)];
}

/**
 * Every rule that a value breaks, with the field that it is about. A rule that speaks of `oldSelf` holds only where there
 * was a value before (Kubernetes, "Transition rules"). Whatever does not evaluate to true is a violation, as on the real server.
 */
function* violations(
  schema: Schema,
  value: unknown,
  old: unknown,
  path: string,
  planOf: (rule: string) => Evaluate,
): Generator<Cause> {
  if (value === undefined || value === null) return;
  for (const rule of schema["x-kubernetes-validations"] ?? []) {
    const transition = /\boldSelf\b/.test(rule.rule);
    if (transition && old === undefined) continue;
    const result = planOf(rule.rule)({
      self: celValue(schema, value),
      ...(transition ? { oldSelf: celValue(schema, old) } : {}),
    });
    if (result !== true) yield causeOf(rule, value, path, result);
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return;
    for (const [index, one] of value.entries())
      yield* violations(items, one, counterpart(schema, one, old), `${path}[${index}]`, planOf);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, one] of Object.entries(value)) {
    const known = schema.properties?.[key] ?? valuesOf(schema);
    const before = isObject(old) ? old[key] : undefined;
    if (known !== undefined)
      yield* violations(known, one, before, path === "" ? key : `${path}.${key}`, planOf);
  }
}

const valuesOf = (schema: Schema): Schema | undefined =>
  typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;

function causeOf(rule: Rule, value: unknown, path: string, result: CelResult): Cause {
  const shown =
    typeof value === "string"
      ? JSON.stringify(value)
      : Array.isArray(value)
        ? "array"
        : isObject(value)
          ? "object"
          : String(value);
  const why = isCelError(result) ? ` (${result.message})` : "";
  return {
    reason: rule.reason ?? "FieldValueInvalid",
    message: `Invalid value: ${shown}: ${rule.message ?? `failed rule: ${rule.rule}`}${why}`,
    field: path === "" ? "<nil>" : path,
  };
}

/** The element of the old list that bears the same keys; only lists that are maps have one. */
function counterpart(schema: Schema, element: unknown, old: unknown): unknown {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (keys === undefined || !Array.isArray(old) || !isObject(element)) return undefined;
  return old.find((one) => isObject(one) && keys.every((key) => one[key] === element[key]));
}

/** A JSON value with CEL's types: integers where the schema has them, maps for objects. */
function celValue(schema: Schema | undefined, value: unknown): CelInput {
  if (typeof value === "number")
    return schema?.type === "number" || !Number.isInteger(value) ? value : BigInt(value);
  if (Array.isArray(value)) return value.map((one) => celValue(schema?.items, one));
  if (isObject(value))
    return new Map(
      Object.entries(value).map(([key, one]) => [
        key,
        celValue(schema?.properties?.[key] ?? (schema === undefined ? undefined : valuesOf(schema)), one),
      ]),
    );
  return value as CelInput;
}
