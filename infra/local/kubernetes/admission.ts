import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { createCel } from "./cel.ts";
import type { KubeObject } from "./objects.ts";
import type { Resource } from "./resources.ts";
import { isObject, plainSchema, prune, withDefaults, type Json, type Schema } from "./schema.ts";
import { invalid, type Cause } from "./status.ts";

const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
addFormats.default(ajv);
ajv.addFormat("int32", { type: "number", validate: Number.isInteger });
ajv.addFormat("int64", { type: "number", validate: Number.isInteger });

/** Every cluster of a process has much the same definitions, and a validator takes long to make. */
const validatorsByText = new Map<string, ValidateFunction>();

function compiled(schema: Schema): ValidateFunction {
  const plain = plainSchema(schema);
  const text = JSON.stringify(plain);
  const made = validatorsByText.get(text) ?? ajv.compile(plain);
  validatorsByText.set(text, made);
  return made;
}

/** Makes an object what the API server would store, or throws the KubeError with which it would refuse it. */
export type Admit = (resource: Resource, object: KubeObject, old: KubeObject | undefined) => KubeObject;

/**
 * Admission by schema, in the order that was found to agree with the real server: prune, default, validate, keys of lists that
 * are maps or sets, rules in CEL.
 */
export function createAdmission(): Admit {
  const validators = new Map<Schema, ValidateFunction>();
  const validatorOf = (schema: Schema): ValidateFunction => {
    const made = validators.get(schema) ?? compiled(schema);
    validators.set(schema, made);
    return made;
  };
  const rules = createCel();

  return (resource, object, old) => {
    const named = nameProblems(object);
    if (named.length > 0) throw invalid(resource, object.metadata.name, named);
    const { schema } = resource;
    if (schema === undefined) return object;
    const { apiVersion, kind, metadata, ...content } = object;
    const defaulted = withDefaults(schema, prune(schema, content)) as Json;
    const body = resource.complete?.(defaulted) ?? defaulted;
    const validate = validatorOf(schema);
    const causes = validate(body) ? [] : causesOf(validate.errors ?? [], body);
    const blocked = causes.some((cause) => blocking.has(cause.reason));
    const left = resource.custom ? [unchecked] : [];
    const more = blocked ? left : [...doubles(schema, body, ""), ...rules(schema, body, withoutMeta(old))];
    const all = [...causes, ...more, ...(resource.check?.(body, old, metadata) ?? [])];
    if (all.length > 0) throw invalid(resource, object.metadata.name, all);
    return { apiVersion, kind, metadata, ...body };
  };
}

/** What is so wrong that rules about it would make no sense. */
const blocking: ReadonlySet<string> = new Set([
  "FieldValueRequired",
  "FieldValueNotSupported",
  "FieldValueTypeInvalid",
  "FieldValueTooLong",
  "FieldValueTooMany",
]);
const unchecked: Cause = {
  reason: "FieldValueInvalid",
  message:
    'Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  field: "<nil>",
};

function withoutMeta(old: KubeObject | undefined): Json | undefined {
  if (old === undefined) return undefined;
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...content } = old;
  return content;
}

const dnsName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** RBAC and leader-election names may hold more than DNS names may. */
const looseName = /^[^/%]+$/;

function nameProblems(object: KubeObject): readonly Cause[] {
  const { name } = object.metadata;
  const rbac = object.apiVersion.startsWith("rbac.authorization.k8s.io/");
  if (rbac ? looseName.test(name) : dnsName.test(name) && name.length <= 253) return [];
  return [
    {
      reason: "FieldValueInvalid",
      message: `Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
      field: "metadata.name",
    },
  ];
}

/** ajv's errors in the words of the real server; those of the branches of a choice are summed up in the choice itself. */
function causesOf(errors: readonly ErrorObject[], body: Json): readonly Cause[] {
  const seen = new Set<string>();
  return errors.flatMap((error) => {
    const cause = causeOf(error, body);
    const key = `${cause.field} ${cause.message}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [cause];
  });
}

function causeOf(error: ErrorObject, body: Json): Cause {
  const path = fieldOf(error.instancePath);
  const value = valueAt(body, error.instancePath);
  const shown =
    typeof value === "object" ? (Array.isArray(value) ? "array" : "object") : JSON.stringify(value);
  const params: Readonly<Record<string, unknown>> = error.params;
  const cause = (reason: string, message: string, field = path): Cause => ({
    reason,
    message,
    field: field === "" ? "<nil>" : field,
  });
  switch (error.keyword) {
    case "required": {
      const missing = String(params["missingProperty"]);
      return cause("FieldValueRequired", "Required value", path === "" ? missing : `${path}.${missing}`);
    }
    case "enum": {
      const allowed = Array.isArray(params["allowedValues"]) ? params["allowedValues"] : [];
      return cause(
        "FieldValueNotSupported",
        `Unsupported value: ${shown}: supported values: ${allowed.map((one) => JSON.stringify(one)).join(", ")}`,
      );
    }
    case "type":
      return cause(
        "FieldValueTypeInvalid",
        `Invalid value: ${JSON.stringify(typeOf(value))}: ${path} in body must be of type ${String(params["type"])}: ${JSON.stringify(typeOf(value))}`,
      );
    case "maxItems":
      return cause(
        "FieldValueTooMany",
        `Too many: ${Array.isArray(value) ? value.length : 0}: must have at most ${String(params["limit"])} items`,
      );
    case "maxLength":
      return cause("FieldValueTooLong", `Too long: may not be more than ${String(params["limit"])} bytes`);
    case "pattern":
      return cause(
        "FieldValueInvalid",
        `Invalid value: ${shown}: ${path} in body should match '${String(params["pattern"])}'`,
      );
    case "minimum":
    case "maximum":
      return cause(
        "FieldValueInvalid",
        `Invalid value: ${shown}: ${path} in body should be ${error.keyword === "minimum" ? "greater" : "less"} than or equal to ${String(params["limit"])}`,
      );
    default:
      return cause(
        "FieldValueInvalid",
        `Invalid value: ${shown}: ${path} in body ${error.message ?? error.keyword}`,
      );
  }
}

const typeOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value;

/** `/spec/rules/0/name` as `spec.rules[0].name`. */
const fieldOf = (pointer: string): string =>
  segments(pointer).reduce(
    (path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === "" ? part : `${path}.${part}`),
    "",
  );

const segments = (pointer: string): readonly string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));

function valueAt(body: unknown, pointer: string): unknown {
  let value: unknown = body;
  for (const part of segments(pointer)) {
    if (Array.isArray(value)) value = value[Number(part)] as unknown;
    else if (isObject(value)) value = value[part];
    else return undefined;
  }
  return value;
}

/** Elements that a list may hold only once: by keys where the list is a map, whole where it is a set. */
function* doubles(schema: Schema, value: unknown, path: string): Generator<Cause> {
  if (Array.isArray(value)) {
    const { items } = schema;
    const keys = schema["x-kubernetes-list-map-keys"];
    const seen = new Set<string>();
    for (const [index, one] of value.entries()) {
      const at = `${path}[${index}]`;
      if (schema["x-kubernetes-list-type"] === "map" || schema["x-kubernetes-list-type"] === "set") {
        const key =
          keys !== undefined && isObject(one)
            ? Object.fromEntries(keys.map((name) => [name, one[name]]))
            : one;
        const text = JSON.stringify(key);
        if (seen.has(text))
          yield { reason: "FieldValueDuplicate", message: `Duplicate value: ${text}`, field: at };
        seen.add(text);
      }
      if (items !== undefined) yield* doubles(items, one, at);
    }
    return;
  }
  if (!isObject(value)) return;
  for (const [key, one] of Object.entries(value)) {
    const known =
      schema.properties?.[key] ??
      (typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined);
    if (known !== undefined) yield* doubles(known, one, path === "" ? key : `${path}.${key}`);
  }
}
