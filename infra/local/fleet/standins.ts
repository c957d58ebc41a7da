import { randomUUID } from "node:crypto";
import { createAdmission } from "../kubernetes/admission.ts";
import type { Echo } from "../kubernetes/echo.ts";
import type { KubeObject } from "../kubernetes/objects.ts";
import { managedBy, managedByLabel } from "../kubernetes/pods.ts";
import { KubeError } from "../kubernetes/status.ts";
import { createStore, type AdmittingStore } from "../kubernetes/store.ts";
import { runWorkloads } from "../kubernetes/workloads.ts";
import { listedKinds } from "./cluster.ts";
import type { RemoteApi } from "./remoteapi.ts";

const mirrored = ["Namespace", "Service", "Deployment"] as const;

/**
 * Pods for an API server without Nodes, where nothing would ever run: its Services are mirrored into a store of our own, in
 * which the workloads of the local clusters run, and the EndpointSlices that come of it are written to the real server. Its
 * Pods are not: nothing of ours looks at them. Answers how to stop.
 */
export function runStandIns(d: {
  readonly api: RemoteApi;
  readonly echo: Echo;
  readonly podNet: string;
  readonly terminatingMs: number;
  readonly onError: (error: unknown) => void;
}): () => Promise<void> {
  const { api } = d;
  const store = createStore({ now: Date.now, uid: randomUUID, admit: createAdmission() });
  const after = (ms: number, run: () => void): (() => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  };
  const stopWorkloads = runWorkloads({ store, ...d, after });
  // One write after the other, so that the last state of a slice is what stays.
  let writing = Promise.resolve();
  const write = (call: () => Promise<void>): void => void (writing = writing.then(call).catch(d.onError));
  const stopSlices = store.watch(listedKinds.EndpointSlice, "0", ({ type, object }) => {
    if (object.metadata.labels?.[managedByLabel] !== managedBy) return;
    if (type === "DELETED") write(() => api.remove(listedKinds.EndpointSlice, object.metadata));
    else write(() => api.apply(listedKinds.EndpointSlice, portable(object)));
  });
  const follows = mirrored.map((kind) =>
    api.follow(listedKinds[kind], kind, (type, object) => mirror(store, kind, type, object)),
  );
  return async () => {
    await Promise.all(follows.map((stop) => stop()));
    stopSlices();
    stopWorkloads();
    await writing;
  };
}

function mirror(
  store: AdmittingStore,
  kind: (typeof mirrored)[number],
  type: "there" | "changed" | "gone",
  object: KubeObject,
): void {
  const resource = listedKinds[kind];
  if (kind !== "Namespace") ensureNamespace(store, object.metadata.namespace ?? "");
  const copy = portable(object);
  const exists = has(store, kind, object);
  if (type === "gone") {
    if (exists) store.remove(resource, object.metadata);
  } else if (exists) store.update(resource, copy);
  else store.create(resource, copy);
}

/** A Service may be heard of before its Namespace is. */
function ensureNamespace(store: AdmittingStore, name: string): void {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  if (!has(store, "Namespace", namespace)) store.create(listedKinds.Namespace, namespace);
}

function has(store: AdmittingStore, kind: (typeof mirrored)[number], { metadata }: KubeObject): boolean {
  try {
    store.get(listedKinds[kind], metadata);
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.code === 404) return false;
    throw error;
  }
}

/** An object without what belongs to the server that it comes from. */
function portable(object: KubeObject): KubeObject {
  const { name, namespace, labels, annotations } = object.metadata;
  const { status: _status, ...rest } = object;
  return {
    ...rest,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}
