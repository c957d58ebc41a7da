import { same } from "../../../functions/model/canonical.ts";
import type { Admit } from "./admission.ts";
import { mergePatched } from "./patch.ts";
import { builtin } from "./builtin.ts";
import { createChanges, inVersion } from "./changes.ts";
import { createDefinitions, established } from "./definitions.ts";
import { content, createdMeta, stamp, withContent, withStatus } from "./meta.ts";
import type { KubeObject, ObjectName, ResourceName, Store, WatchEvent } from "./objects.ts";
import { storageOf, type Resource } from "./resources.ts";
import { alreadyExists, conflict, invalid, KubeError, notFound } from "./status.ts";

export interface StoreOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly uid: () => string;
  readonly admit: Admit;
  /** How many changes are remembered for watches that begin in the past. */
  readonly window?: number | undefined;
}

/** A store that also knows which resources there are, and can be troubled on purpose. */
export interface AdmittingStore extends Store {
  resources(): readonly Resource[];
  /** The served resource, or undefined. */
  resource(name: ResourceName): Resource | undefined;
  /** Forgets all past changes: watches from an older version are refused with 410. */
  compact(): void;
}

const definitions = "apiextensions.k8s.io/customresourcedefinitions";

/** The objects of one cluster in memory. Deterministic: time and uids arrive as arguments. */
export function createStore(options: StoreOptions): AdmittingStore {
  const { now, uid, admit, window = 2_000 } = options;
  const objects = new Map<string, Map<string, KubeObject>>();
  const changes = createChanges(window);
  const resourcesIn = createDefinitions();
  let served: readonly Resource[] = builtin;
  let version = 0;

  const resource = (name: ResourceName): Resource | undefined =>
    served.find(
      (one) => one.group === name.group && one.version === name.version && one.plural === name.plural,
    );

  function known(name: ResourceName): Resource {
    const found = resource(name);
    if (found === undefined)
      throw new KubeError(404, "NotFound", "the server could not find the requested resource");
    return found;
  }

  const keyOf = (one: Resource, { namespace, name }: ObjectName): string =>
    one.namespaced ? `${namespace ?? ""}/${name}` : name;

  const all = (one: Resource): Map<string, KubeObject> => {
    const storage = storageOf(one);
    const found = objects.get(storage) ?? new Map<string, KubeObject>();
    objects.set(storage, found);
    return found;
  };

  function found(one: Resource, name: ObjectName): KubeObject {
    const object = all(one).get(keyOf(one, name));
    if (object === undefined) throw notFound(one, name.name);
    return object;
  }

  function commit(one: Resource, type: WatchEvent["type"], object: KubeObject): KubeObject {
    version += 1;
    const stored: KubeObject = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(version) },
    };
    const storage = storageOf(one);
    const before = all(one).get(keyOf(one, object.metadata));
    if (type === "DELETED") all(one).delete(keyOf(one, object.metadata));
    else all(one).set(keyOf(one, object.metadata), stored);
    if (storage === definitions) define();
    changes.add(one, version, { type, object: stored, before });
    return stored;
  }

  /** What is served follows the CustomResourceDefinitions that exist. */
  function define(): void {
    served = [...builtin, ...[...(objects.get(definitions)?.values() ?? [])].flatMap(resourcesIn)];
    changes.endUnless((one) => resource(one) !== undefined);
  }

  function mustHaveNamespace(one: Resource, namespace: string | undefined): void {
    if (!one.namespaced) return;
    const namespaces = objects.get("/namespaces");
    const owner = namespace === undefined ? undefined : namespaces?.get(namespace);
    if (owner === undefined)
      throw new KubeError(404, "NotFound", `namespaces "${namespace ?? ""}" not found`);
    if (owner.metadata.deletionTimestamp !== undefined)
      throw new KubeError(
        403,
        "Forbidden",
        `${one.plural} is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
      );
  }

  function update(one: Resource, object: KubeObject, subresource?: "status", dryRun = false): KubeObject {
    const before = found(one, object.metadata);
    const asked = object.metadata.resourceVersion;
    if (asked !== undefined && asked !== "" && asked !== before.metadata.resourceVersion)
      throw conflict(one, object.metadata.name);
    if (object.metadata.uid !== undefined && object.metadata.uid !== before.metadata.uid)
      throw conflict(one, object.metadata.name);
    const wanted = subresource === "status" ? withStatus(before, object) : withContent(one, before, object);
    const admitted = admit(one, inVersion(one, wanted), before);
    const bumped = one.hasGeneration && !same(content(before), content(admitted)) ? 1 : 0;
    const after: KubeObject = {
      ...admitted,
      metadata: {
        ...admitted.metadata,
        ...(one.hasGeneration ? { generation: (before.metadata.generation ?? 1) + bumped } : {}),
      },
    };
    if (same({ ...before, apiVersion: "" }, { ...after, apiVersion: "" })) return inVersion(one, before);
    if (dryRun) return inVersion(one, after);
    const done =
      after.metadata.deletionTimestamp !== undefined && (after.metadata.finalizers ?? []).length === 0;
    return inVersion(one, commit(one, done ? "DELETED" : "MODIFIED", after));
  }

  function remove(one: Resource, name: ObjectName): KubeObject {
    const before = found(one, name);
    if (one.kind === "Namespace") removeContent(before.metadata.name);
    if (one.kind === "CustomResourceDefinition") removeInstances(before);
    if ((before.metadata.finalizers ?? []).length === 0) return commit(one, "DELETED", before);
    if (before.metadata.deletionTimestamp !== undefined) return before;
    return commit(one, "MODIFIED", {
      ...before,
      metadata: { ...before.metadata, deletionTimestamp: stamp(now()) },
    });
  }

  function removeContent(namespace: string): void {
    const seen = new Set<string>();
    for (const one of served) {
      if (!one.namespaced || seen.has(storageOf(one))) continue;
      seen.add(storageOf(one));
      for (const object of all(one).values())
        if (object.metadata.namespace === namespace) remove(one, object.metadata);
    }
  }

  /** A definition takes its objects with it, finalizers or not: nobody could lift these once the kind is not served any more. */
  function removeInstances(crd: KubeObject): void {
    const [one] = resourcesIn(crd);
    if (one === undefined) return;
    for (const object of all(one).values()) commit(one, "DELETED", object);
  }

  function create(one: Resource, object: KubeObject, dryRun: boolean): KubeObject {
    mustHaveNamespace(one, object.metadata.namespace);
    if (object.metadata.name === undefined || object.metadata.name === "")
      throw invalid(one, "", [
        {
          reason: "FieldValueRequired",
          message: "Required value: name or generateName is required",
          field: "metadata.name",
        },
      ]);
    const { status, ...rest } = inVersion(one, object);
    const admitted = admit(
      one,
      one.hasStatus ? rest : { ...rest, ...(status === undefined ? {} : { status }) },
      undefined,
    );
    if (all(one).has(keyOf(one, object.metadata))) throw alreadyExists(one, object.metadata.name);
    const created: KubeObject = {
      ...admitted,
      ...(one.kind === "Namespace" ? { status: { phase: "Active" } } : {}),
      ...(one.kind === "CustomResourceDefinition" ? { status: established(admitted, now()) } : {}),
      metadata: {
        ...createdMeta(one, admitted.metadata),
        uid: uid(),
        creationTimestamp: stamp(now()),
      },
    };
    return inVersion(one, dryRun ? created : commit(one, "ADDED", created));
  }

  const store: AdmittingStore = {
    version: () => version,
    resources: () => served,
    resource,
    get: (name, object) => structuredClone(inVersion(known(name), found(known(name), object))),
    list(name, namespace) {
      const one = known(name);
      const items = [...all(one).values()].filter(
        (object) => namespace === undefined || object.metadata.namespace === namespace,
      );
      return {
        resourceVersion: String(version),
        // Not copies: lists are long and asked for all the time, and no object is changed once it is stored.
        items: items.map((object) => inVersion(one, object)),
      };
    },
    create: (name, object, dryRun = false) =>
      structuredClone(create(known(name), structuredClone(object), dryRun)),
    update: (name, object, subresource, dryRun) =>
      structuredClone(update(known(name), structuredClone(object), subresource, dryRun)),
    mergePatch(name, object, patch, subresource) {
      const one = known(name);
      const patched = mergePatched(inVersion(one, found(one, object)), patch) as KubeObject;
      return structuredClone(update(one, structuredClone(patched), subresource));
    },
    remove: (name, object) => structuredClone(inVersion(known(name), remove(known(name), object))),
    watch: (name, since, onEvent, onEnd = () => undefined) =>
      changes.follow(known(name), since, onEvent, onEnd),
    compact: () => changes.forget(version),
  };
  const namespaces = { group: "", version: "v1", plural: "namespaces" };
  for (const name of ["default", "kube-system"])
    store.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  return store;
}
