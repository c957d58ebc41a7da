import type { KubeMeta, KubeObject } from "./objects.ts";
import type { Resource } from "./resources.ts";

/** RFC 3339 in whole seconds, as metav1.Time. */
export const stamp = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/** Everything but metadata and status: what a generation counts. */
export function content({
  apiVersion: _apiVersion,
  kind: _kind,
  metadata: _metadata,
  status: _status,
  ...rest
}: KubeObject): unknown {
  return rest;
}

/** The old object with the new one's status. Metadata does not change that way, but for what is nobody's but the server's. */
export const withStatus = (before: KubeObject, object: KubeObject): KubeObject => ({
  ...before,
  status: object["status"] ?? {},
});

/** The new object with the old one's status and the metadata that only the server sets. */
export function withContent(one: Resource, before: KubeObject, object: KubeObject): KubeObject {
  const { uid, creationTimestamp, deletionTimestamp, generation, resourceVersion } = before.metadata;
  const { deletionTimestamp: _deleted, ...metadata } = object.metadata;
  const kept: KubeMeta = {
    ...metadata,
    ...defined({ uid, creationTimestamp, deletionTimestamp, generation, resourceVersion }),
    ...(one.kind === "Namespace"
      ? { labels: { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name } }
      : {}),
  };
  const { status, ...rest } = object;
  const own = one.hasStatus ? before["status"] : status;
  return { ...rest, metadata: kept, ...(own === undefined ? {} : { status: own }) };
}

export function createdMeta(one: Resource, metadata: KubeMeta): KubeMeta {
  const {
    uid: _uid,
    resourceVersion: _version,
    deletionTimestamp: _deleted,
    generation: _generation,
    ...rest
  } = metadata;
  return {
    ...rest,
    ...(one.namespaced ? {} : { namespace: undefined }),
    ...(one.hasGeneration ? { generation: 1 } : {}),
    ...(one.kind === "Namespace"
      ? { labels: { ...rest.labels, "kubernetes.io/metadata.name": rest.name } }
      : {}),
  } as KubeMeta;
}

const defined = <T extends object>(value: T): { readonly [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    readonly [K in keyof T]: Exclude<T[K], undefined>;
  };
