import { parse as parseYaml } from "yaml";
import { applied } from "./apply.ts";
import type { KubeObject, ObjectName } from "./objects.ts";
import { jsonPatched, mergePatched, strategicPatched } from "./patch.ts";
import type { Resource } from "./resources.ts";
import { kubeObject, objectAt } from "./parse.ts";
import { isObject, prune, type Json } from "./schema.ts";
import { badRequest, KubeError, noProtobuf, notFound, unsupportedMediaType } from "./status.ts";
import type { AdmittingStore } from "./store.ts";
import type { Target } from "./target.ts";

/** A request for a resource, read as far as HTTP goes. */
export interface Asked {
  readonly method: string;
  readonly target: Extract<Target, { is: "resource" }>;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: string;
  readonly now: number;
}

/** Does what a request asks of one object. Lists and watches are not handled here. Throws KubeError. */
export function handle(
  store: AdmittingStore,
  resource: Resource,
  asked: Asked,
): { readonly code: number; readonly body: unknown } {
  const { method, target } = asked;
  const name: ObjectName = { namespace: target.namespace, name: target.name ?? "" };
  if (target.subresource === "scale") return scale(store, resource, name, asked);
  if (target.subresource !== undefined && !(target.subresource === "status" && resource.hasStatus))
    throw new KubeError(404, "NotFound", "the server could not find the requested resource");
  const subresource = target.subresource === "status" ? "status" : undefined;
  switch (method) {
    case "GET":
      return { code: 200, body: store.get(resource, name) };
    case "POST":
      return { code: 201, body: create(store, resource, asked) };
    case "PUT":
      return { code: 200, body: written(store, resource, asked, objectOf(asked, resource), subresource) };
    case "PATCH":
      return patch(store, resource, name, asked, subresource);
    case "DELETE":
      return { code: 200, body: remove(store, resource, name, asked) };
    default:
      throw new KubeError(
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
      );
  }
}

const dry = (asked: Asked): boolean => asked.query.get("dryRun") === "All";

function create(store: AdmittingStore, resource: Resource, asked: Asked): KubeObject {
  const given = objectOf(asked, resource);
  const { namespace: _namespace, ...its } = given.metadata;
  const { generateName } = its;
  const name =
    its.name === "" && typeof generateName === "string"
      ? `${generateName}${suffix(store.version())}`
      : its.name;
  const metadata = { ...its, name, ...namespaceOf(resource, asked.target) };
  return store.create(resource, { ...given, metadata }, dry(asked));
}

/** The namespace that a URL says, which outranks what the object says of itself. */
const namespaceOf = ({ namespaced }: Resource, { namespace }: Asked["target"]) =>
  namespaced && namespace !== undefined ? { namespace } : {};

/** Five letters for a generated name, different for every version of the store. */
const suffix = (version: number): string => (version + 1_000_000).toString(36).padStart(5, "0").slice(-5);

function written(
  store: AdmittingStore,
  resource: Resource,
  asked: Asked,
  object: KubeObject,
  subresource: "status" | undefined,
): KubeObject {
  const metadata = { ...object.metadata, ...namespaceOf(resource, asked.target) };
  if (asked.target.name !== undefined && metadata.name !== asked.target.name)
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${asked.target.name})`,
    );
  return store.update(resource, { ...object, metadata }, subresource, dry(asked));
}

function patch(
  store: AdmittingStore,
  resource: Resource,
  name: ObjectName,
  asked: Asked,
  subresource: "status" | undefined,
): { readonly code: number; readonly body: unknown } {
  if (asked.contentType.startsWith("application/apply-patch+yaml"))
    return apply(store, resource, name, asked, subresource);
  const before = store.get(resource, name);
  const after = patched(before, resource, asked);
  strict(after, resource, asked);
  return { code: 200, body: written(store, resource, asked, after, subresource) };
}

function patched(before: KubeObject, resource: Resource, asked: Asked): KubeObject {
  const change: unknown = jsonOf(asked.body);
  switch (asked.contentType.split(";")[0]) {
    case "application/json-patch+json":
      if (!Array.isArray(change)) throw badRequest("a JSON patch is a list of operations");
      return kubeObject(jsonPatched(before, change), resource);
    case "application/merge-patch+json":
      return kubeObject(mergePatched(before, change), resource);
    case "application/strategic-merge-patch+json":
      if (!resource.custom) return kubeObject(strategicPatched(before, change), resource);
      throw unsupportedMediaType(patchTypes.filter((type) => !type.includes("strategic")));
    default:
      throw unsupportedMediaType(patchTypes);
  }
}

const patchTypes = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];

function apply(
  store: AdmittingStore,
  resource: Resource,
  name: ObjectName,
  asked: Asked,
  subresource: "status" | undefined,
): { readonly code: number; readonly body: unknown } {
  const manager = asked.query.get("fieldManager");
  if (manager === null || manager === "")
    throw badRequest("fieldManager: Required value: is required for apply patch");
  const config = objectOf(asked, resource);
  const before = existing(store, resource, name);
  const time = new Date(asked.now).toISOString().replace(/\.\d+Z$/, "Z");
  const merged = applied(resource.schema, before, config, manager, time);
  const metadata = {
    ...(isObject(merged["metadata"]) ? merged["metadata"] : {}),
    name: name.name,
    ...(resource.namespaced ? { namespace: name.namespace } : {}),
  };
  const object = kubeObject({ ...merged, metadata }, resource);
  return before === undefined
    ? { code: 201, body: store.create(resource, object, dry(asked)) }
    : { code: 200, body: store.update(resource, object, subresource, dry(asked)) };
}

function existing(store: AdmittingStore, resource: Resource, name: ObjectName): KubeObject | undefined {
  try {
    return store.get(resource, name);
  } catch (error) {
    if (error instanceof KubeError && error.code === 404) return undefined;
    throw error;
  }
}

function remove(store: AdmittingStore, resource: Resource, name: ObjectName, asked: Asked): unknown {
  const before = store.get(resource, name);
  const options = asked.body === "" ? {} : jsonOf(asked.body);
  const wanted = isObject(options) && isObject(options["preconditions"]) ? options["preconditions"] : {};
  if (wanted["uid"] !== undefined && wanted["uid"] !== before.metadata.uid)
    throw new KubeError(
      409,
      "Conflict",
      `the UID in the precondition (${JSON.stringify(wanted["uid"])}) does not match the UID in record (${before.metadata.uid})`,
    );
  if (!dry(asked)) store.remove(resource, name);
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { name: name.name, group: resource.group, kind: resource.plural, uid: before.metadata.uid },
  };
}

function scale(
  store: AdmittingStore,
  resource: Resource,
  name: ObjectName,
  asked: Asked,
): { readonly code: number; readonly body: unknown } {
  if (!resource.hasScale)
    throw notFound({ plural: `${resource.plural}/scale`, group: resource.group }, name.name);
  const object = store.get(resource, name);
  const spec = isObject(object["spec"]) ? object["spec"] : {};
  const current = scaleOf(object, spec);
  if (asked.method === "GET") return { code: 200, body: current };
  const wanted = asked.method === "PATCH" ? mergePatched(current, jsonOf(asked.body)) : jsonOf(asked.body);
  const scaled = isObject(wanted) && isObject(wanted["spec"]) ? wanted["spec"] : {};
  const updated = store.mergePatch(resource, name, { spec: { replicas: scaled["replicas"] ?? 0 } });
  return { code: 200, body: scaleOf(updated, isObject(updated["spec"]) ? updated["spec"] : {}) };
}

const scaleOf = (
  { metadata: { name, namespace, uid, resourceVersion, creationTimestamp } }: KubeObject,
  spec: Json,
): Json => ({
  kind: "Scale",
  apiVersion: "autoscaling/v1",
  metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
  spec: { replicas: spec["replicas"] ?? 0 },
  status: { replicas: spec["replicas"] ?? 0 },
});

/** The object of a body, JSON or YAML, of the kind that the URL is about. */
function objectOf(asked: Asked, resource: Resource): KubeObject {
  if (asked.contentType.includes("protobuf")) throw noProtobuf();
  const yaml = asked.contentType.includes("yaml");
  const value: unknown = yaml ? yamlOf(asked.body) : jsonOf(asked.body);
  const object = objectAt(value, resource);
  strict(object, resource, asked);
  return object;
}

/** With `fieldValidation=Strict`, which kubectl asks for, a field that the schema does not know is an error and not only dropped. */
function strict(object: KubeObject, resource: Resource, asked: Asked): void {
  if (asked.query.get("fieldValidation") !== "Strict" || resource.schema === undefined) return;
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...content } = object;
  const unknown = [...missing(content, prune(resource.schema, content), "")];
  if (unknown.length > 0)
    throw badRequest(
      `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: strict decoding error: ${unknown.map((field) => `unknown field "${field}"`).join(", ")}`,
    );
}

function* missing(value: unknown, pruned: unknown, path: string): Generator<string> {
  if (Array.isArray(value) && Array.isArray(pruned)) {
    for (const [index, one] of value.entries()) yield* missing(one, pruned[index], `${path}[${index}]`);
  } else if (isObject(value) && isObject(pruned)) {
    for (const [key, one] of Object.entries(value)) {
      const at = path === "" ? key : `${path}.${key}`;
      if (key in pruned) yield* missing(one, pruned[key], at);
      else yield at;
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(
      `the body of the request is no JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function yamlOf(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw badRequest(
      `the body of the request is no YAML: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
