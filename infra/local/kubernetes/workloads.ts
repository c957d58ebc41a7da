import { letters } from "../../../functions/model/canonical.ts";
import type { Echo } from "./echo.ts";
import type { KubeObject, ResourceName, Store } from "./objects.ts";
import {
  ipOf,
  managedBy,
  managedByLabel,
  podOf,
  selects,
  sliceOf,
  workloadOf,
  type Endpoint,
  type ServiceWorkload,
} from "./pods.ts";
import { KubeError } from "./status.ts";

const services: ResourceName = { group: "", version: "v1", plural: "services" };
const pods: ResourceName = { group: "", version: "v1", plural: "pods" };
const deployments: ResourceName = { group: "apps", version: "v1", plural: "deployments" };
const slices: ResourceName = { group: "discovery.k8s.io", version: "v1", plural: "endpointslices" };

export interface WorkloadOptions {
  readonly store: Store;
  readonly echo: Echo;
  /** The first two octets of the pods' addresses, such as `10.1`. */
  readonly podNet: string;
  /** Calls back once after so many milliseconds; answers how to cancel. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** How long a pod that goes is still listed as terminating. */
  readonly terminatingMs: number;
}

/**
 * What kubelet and the controllers do in a real cluster, as far as routes can tell: every Service with a selector gets pods
 * that answer, and EndpointSlices that list them. Answers how to stop.
 */
export function runWorkloads(options: WorkloadOptions): () => void {
  const { store, echo, after } = options;
  const leaving = new Map<string, { readonly service: string; readonly endpoint: Endpoint }>();
  const timers = new Set<() => void>();
  let next = 0;
  let dirty = false;
  let stopped = false;

  /** Looks at everything once all changes of now are in: a controller's watches arrive in bursts too. */
  function touch(): void {
    if (dirty || stopped) return;
    dirty = true;
    queueMicrotask(() => {
      dirty = false;
      if (!stopped) reconcile();
    });
  }

  function reconcile(): void {
    const existing = store.list(deployments).items;
    const wanted = store.list(services).items.flatMap((one) => workloadOf(one, existing) ?? []);
    for (const workload of wanted) settle(workload);
    removeOrphans(wanted);
  }

  function settle(workload: ServiceWorkload): void {
    const all = store
      .list(pods, workload.namespace)
      .items.filter((pod) => selects(workload.selector, pod.metadata.labels) && ipOf(pod) !== "");
    // Pods that somebody made by hand have no name of ours, and are neither counted nor removed.
    const own = all.filter((pod) => ownName(workload).test(pod.metadata.name));
    for (const pod of own.slice(workload.replicas)) retire(workload, pod);
    const kept = all.filter((pod) => !own.slice(workload.replicas).includes(pod));
    const made = Array.from({ length: Math.max(0, workload.replicas - own.length) }, () => start(workload));
    for (const pod of [...kept, ...made]) serve(workload, pod);
    publish(workload, [...kept, ...made]);
    if (workload.deployment !== undefined) report(workload);
  }

  function start(workload: ServiceWorkload): KubeObject {
    next += 1;
    const ip = `${options.podNet}.${Math.floor(next / 250)}.${(next % 250) + 1}`;
    const set = letters(`${workload.namespace}/${workload.name}`, 10);
    const name = `${workload.name}-${set}-${letters(`${set}${next}`, 5)}`;
    const pod = podOf(workload, name, ip);
    const created = store.create(pods, pod);
    return store.update(pods, { ...created, status: pod["status"] }, "status");
  }

  function serve(workload: ServiceWorkload, pod: KubeObject): void {
    const { name, namespace = "" } = pod.metadata;
    void echo.serve({
      name,
      namespace,
      service: workload.name,
      ip: ipOf(pod),
      ports: workload.ports.map((one) => one.port),
    });
  }

  function retire(workload: ServiceWorkload, pod: KubeObject): void {
    leave(`${workload.namespace}/${workload.name}`, pod);
    store.remove(pods, pod.metadata);
  }

  /** The pod's address is still answered, and listed as terminating, for a while. */
  function leave(service: string, pod: KubeObject): void {
    const ip = ipOf(pod);
    leaving.set(ip, { service, endpoint: { ip, pod: pod.metadata.name, terminating: true } });
    const cancel = after(options.terminatingMs, () => {
      timers.delete(cancel);
      leaving.delete(ip);
      echo.drop(ip);
      touch();
    });
    timers.add(cancel);
  }

  function publish(workload: ServiceWorkload, running: readonly KubeObject[]): void {
    const service = `${workload.namespace}/${workload.name}`;
    const gone = [...leaving.values()].filter((one) => one.service === service).map((one) => one.endpoint);
    const ready = running.map((pod) => ({ ip: ipOf(pod), pod: pod.metadata.name, terminating: false }));
    const slice = sliceOf(workload, [...ready, ...gone]);
    const before = find(slices, slice.metadata);
    // The store does not count a write that changes nothing, so this does not wake itself for ever.
    if (before === undefined) store.create(slices, slice);
    else store.update(slices, { ...before, endpoints: slice["endpoints"], ports: slice["ports"] });
  }

  function report({ namespace, deployment = "", replicas }: ServiceWorkload): void {
    const status = { replicas, readyReplicas: replicas, availableReplicas: replicas };
    store.mergePatch(deployments, { namespace, name: deployment }, { status }, "status");
  }

  function find(resource: ResourceName, { name, namespace }: KubeObject["metadata"]): KubeObject | undefined {
    try {
      return store.get(resource, { name, namespace });
    } catch (error) {
      if (error instanceof KubeError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** Slices and pods of Services that are gone. */
  function removeOrphans(wanted: readonly ServiceWorkload[]): void {
    for (const slice of store.list(slices).items) {
      const { namespace, name } = slice.metadata;
      const owner = wanted.find((one) => one.namespace === namespace && `${one.name}-local` === name);
      if (owner === undefined && slice.metadata.labels?.[managedByLabel] === managedBy)
        store.remove(slices, slice.metadata);
    }
    for (const pod of store.list(pods).items) {
      const known = wanted.some(
        (one) => one.namespace === pod.metadata.namespace && ownName(one).test(pod.metadata.name),
      );
      if (known || !anyOwnName.test(pod.metadata.name)) continue;
      echo.drop(ipOf(pod));
      store.remove(pods, pod.metadata);
    }
  }

  const stops = [services, deployments].map((resource) =>
    store.watch(resource, String(store.version()), touch),
  );
  stops.push(
    store.watch(pods, String(store.version()), ({ type, object }) => {
      if (type !== "DELETED") return;
      const owner = store
        .list(services, object.metadata.namespace)
        .items.flatMap((one) => workloadOf(one, []) ?? []);
      const workload = owner.find((one) => ownName(one).test(object.metadata.name));
      if (workload !== undefined && !leaving.has(ipOf(object)))
        leave(`${workload.namespace}/${workload.name}`, object);
      touch();
    }),
  );
  touch();
  return () => {
    stopped = true;
    for (const stop of [...stops, ...timers]) stop();
  };
}

const anyOwnName = /-[a-z]{10}-[a-z]{5}$/;
const ownName = ({ namespace, name }: ServiceWorkload): RegExp =>
  new RegExp(`^${name}-${letters(`${namespace}/${name}`, 10)}-[a-z]{5}$`);
