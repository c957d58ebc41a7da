import { isIP } from "node:net";
import {
  celEnv,
  celFunc,
  CelScalar,
  isCelError,
  parse,
  plan,
  type CelInput,
  type CelResult,
} from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import type { Cause } from "./status.ts";
import { isObject, type Rule, type Schema } from "./schema.ts";

type Evaluate = (bindings: Readonly<Record<string, CelInput>>) => CelResult;

/** Of Kubernetes' own library what the standard's rules use: an address is one without a zone. */
const kubernetes = [
  celFunc("isIP", [CelScalar.STRING], CelScalar.BOOL, (text) => isIP(text) !== 0 && !text.includes("%")),
];

const environment = celEnv({ funcs: [...strings, ...kubernetes] });

/** Rules stand in a definition many times over, for each place and version. */
const expressions = new Map<string, ReturnType<typeof parse>>();

/** Throws for what is no expression. */
function expressionOf(rule: string): ReturnType<typeof parse> {
  const known = expressions.get(rule) ?? parse(rule);
  expressions.set(rule, known);
  return known;
}

/** Compiles a rule once; each rule of a CRD is used for every object of its kind. */
export function createCel(): (schema: Schema, value: unknown, old: unknown) => readonly Cause[] {
  const plans = new Map<string, Evaluate>();
  const planOf = (rule: string): Evaluate => {
    const known = plans.get(rule);
    if (known !== undefined) return known;
    const made = plan(environment, expressionOf(rule)) as Evaluate;
    plans.set(rule, made);
    return made;
  };
  return (schema, value, old) => [...violations(schema, value, old, "", planOf)];
}

/** What keeps the rules of a schema from being understood. */
export function* ruleProblems(schema: Schema): Generator<string> {
  for (const { rule } of schema["x-kubernetes-validations"] ?? [])
    try {
      expressionOf(rule);
    } catch (error) {
      yield `${rule}: ${error instanceof Error ? error.message : String(error)}`;
    }
  const below = [...Object.values(schema.properties ?? {}), schema.items, valuesOf(schema)];
  for (const one of below) if (one !== undefined) yield* ruleProblems(one);
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
  const detail = isCelError(result)
    ? `${result.message} evaluating rule: ${rule.message ?? rule.rule}`
    : (rule.message ?? `failed rule: ${rule.rule}`);
  return {
    reason: rule.reason ?? "FieldValueInvalid",
    message: `Invalid value: ${shown}: ${detail}`,
    field: path === "" ? "<nil>" : path,
  };
}

/** The element of the old list that bears the same keys; only lists that are maps have one. */
function counterpart(schema: Schema, element: unknown, old: unknown): unknown {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (keys === undefined || !Array.isArray(old) || !isObject(element)) return undefined;
  return old.find((one) => isObject(one) && keys.every((key) => one[key] === element[key]));
}

const reserved = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);
const symbols: Readonly<Record<string, string>> = { ".": "__dot__", "-": "__dash__", "/": "__slash__" };

/** A property's name as rules write it: `__namespace__` for a reserved word, `a__dash__b` for what is no identifier. */
const escaped = (name: string): string =>
  reserved.has(name)
    ? `__${name}__`
    : name.replaceAll("__", "__underscores__").replaceAll(/[./-]/g, (one) => symbols[one] ?? one);

/** A JSON value with CEL's types: integers where the schema has them, maps for objects. Only keys that the schema names are escaped. */
function celValue(schema: Schema | undefined, value: unknown): CelInput {
  if (typeof value === "number")
    return schema?.type === "number" || !Number.isInteger(value) ? value : BigInt(value);
  if (Array.isArray(value)) return value.map((one) => celValue(schema?.items, one));
  if (isObject(value))
    return new Map(
      Object.entries(value).map(([key, one]) => {
        const named = schema?.properties?.[key];
        return named === undefined
          ? [key, celValue(schema && valuesOf(schema), one)]
          : [escaped(key), celValue(named, one)];
      }),
    );
  return value as CelInput;
}
