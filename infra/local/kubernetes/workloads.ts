import { hash } from "../../../functions/model/canonical.ts";
import type { Echo } from "./echo.ts";
import type { KubeObject, ResourceName, Store } from "./objects.ts";
import {
  ipOf,
  isReady,
  keepingOrder,
  listedIn,
  madeFor,
  managedBy,
  managedByLabel,
  podOf,
  resolvedPorts,
  runningAt,
  selectingOf,
  selects,
  setsOf,
  sliceOf,
  templateLabel,
  type Endpoint,
  type PodSet,
  type Selecting,
} from "./pods.ts";
import { statusOf, type Rollout } from "./rollout.ts";
import { KubeError } from "./status.ts";

const namespaces: ResourceName = { group: "", version: "v1", plural: "namespaces" };
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
 * that answer, and an EndpointSlice that lists them. Pods made by hand run too. Answers how to stop.
 */
export function runWorkloads(options: WorkloadOptions): () => void {
  const { store } = options;
  const life = createLife(options, touch);
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
    const alive = new Set(
      store
        .list(namespaces)
        .items.filter((one) => one.metadata.deletionTimestamp === undefined)
        .map((one) => one.metadata.name),
    );
    const selecting = store
      .list(services)
      .items.filter((one) => alive.has(one.metadata.namespace ?? ""))
      .flatMap((one) => selectingOf(one) ?? []);
    const sets = setsOf(selecting, store.list(deployments).items);
    life.bury(sets);
    for (const set of sets) settle(set);
    for (const pod of store.list(pods).items) if (ipOf(pod) === "") life.run(pod);
    for (const one of selecting) publish(one, sets);
    for (const one of store.list(deployments).items) report(one, sets);
    removeOrphans(selecting);
  }

  /** As many pods as a set wants, of its template. Those of an earlier one go once the new ones are listed as ready. */
  function settle(set: PodSet): void {
    const { updated, old } = podsOf(set);
    const kept = updated.slice(0, set.replicas);
    for (const pod of updated) if (!kept.includes(pod)) life.retire(pod);
    for (let count = kept.length; count < set.replicas; count += 1) life.start(set);
    if (kept.length >= set.replicas) for (const pod of old) life.retire(pod);
  }

  function podsOf(set: PodSet): Rollout {
    const own = store
      .list(pods, set.namespace)
      .items.filter((pod) => madeFor(pod) === set.owner.uid && pod.metadata.deletionTimestamp === undefined);
    const updated = own.filter((pod) => selects(set.labels, pod.metadata.labels));
    return { updated, old: own.filter((pod) => !updated.includes(pod)) };
  }

  function publish(service: Selecting, sets: readonly PodSet[]): void {
    const { namespace, selector } = service;
    const running = store.list(pods, namespace).items.filter((pod) => selects(selector, pod.metadata.labels));
    const specs = sets
      .filter((set) => set.namespace === namespace && selects(selector, set.labels))
      .map((set) => set.spec);
    const ports = resolvedPorts(service, [...specs, ...running.map((pod) => pod["spec"])]);
    for (const pod of running) life.serve(service, pod, ports);
    const name = { namespace, name: sliceOf(service, [], []).metadata.name };
    const before = find(slices, name);
    const listed = listedIn(before);
    const staying = running.map((pod) => ({ ip: ipOf(pod), pod: pod.metadata.name }));
    const leaving = listed.addresses.filter(({ ip }) => life.isLeaving(ip));
    const endpoints = keepingOrder(listed.addresses, [...staying, ...leaving]).map(
      ({ ip, pod }): Endpoint => {
        const found = running.find((one) => one.metadata.name === pod);
        const state = life.isLeaving(ip) || found === undefined ? "terminating" : stateOf(found);
        return { ip, pod, state };
      },
    );
    const slice = sliceOf(service, endpoints, keepingOrder(listed.ports, ports));
    // The store does not count a write that changes nothing, so this does not wake itself for ever.
    if (before === undefined) store.create(slices, slice);
    else store.update(slices, { ...before, ...slice, metadata: { ...before.metadata, ...slice.metadata } });
  }

  function report(deployment: KubeObject, sets: readonly PodSet[]): void {
    const set = sets.find((one) => one.owner.uid === deployment.metadata.uid);
    const status = statusOf(deployment, set === undefined ? undefined : podsOf(set));
    store.mergePatch(deployments, deployment.metadata, { status }, "status");
  }

  function find(resource: ResourceName, name: { namespace: string; name: string }): KubeObject | undefined {
    try {
      return store.get(resource, name);
    } catch (error) {
      if (error instanceof KubeError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** Slices of Services that are gone or select no longer. */
  function removeOrphans(selecting: readonly Selecting[]): void {
    const known = new Set(selecting.map((one) => one.owner.uid));
    for (const slice of store.list(slices).items) {
      const service = madeFor(slice);
      if (service === undefined || known.has(service)) continue;
      if (slice.metadata.labels?.[managedByLabel] === managedBy) store.remove(slices, slice.metadata);
    }
  }

  const since = String(store.version());
  const stops = [namespaces, services, deployments, slices].map((resource) =>
    store.watch(resource, since, touch),
  );
  const onPod = store.watch(pods, since, ({ type, object }) => {
    if (type === "DELETED") life.leave(object);
    touch();
  });
  touch();
  return () => {
    stopped = true;
    for (const stop of [...stops, onPod]) stop();
    life.stop();
  };
}

function stateOf(pod: KubeObject): Endpoint["state"] {
  if (pod.metadata.deletionTimestamp !== undefined) return "terminating";
  return isReady(pod) ? "ready" : "unready";
}

/** What becomes of single pods: they start, answer at an address of their own, and go slowly. */
function createLife(options: WorkloadOptions, touch: () => void) {
  const { store, echo, podNet, terminatingMs, after } = options;
  const leaving = new Map<string, () => void>();
  let started = 0;
  let addresses = 0;

  /** An address that no pod has or had: one that is used again at once would be taken for the pod before. */
  function nextAddress(): string {
    const taken = new Set(store.list(pods).items.map(ipOf));
    while (addresses < 256 * 250) {
      const ip = `${podNet}.${Math.floor(addresses / 250)}.${(addresses % 250) + 2}`;
      addresses += 1;
      if (!taken.has(ip)) return ip;
    }
    throw new Error(`all addresses of ${podNet}.0.0/16 were given to pods: start the cluster anew`);
  }

  /** Named as pods of a ReplicaSet are. */
  function freeName({ namespace, service, owner, labels }: PodSet): string {
    const taken = new Set(store.list(pods, namespace).items.map((pod) => pod.metadata.name));
    const template = labels[templateLabel] ?? hash(`${namespace}/${owner.name}`).slice(0, 10);
    for (;;) {
      started += 1;
      const name = `${service}-${template}-${hash(`${template}/${started}`).slice(0, 5)}`;
      if (!taken.has(name)) return name;
    }
  }

  const life = {
    start(set: PodSet): void {
      life.run(store.create(pods, podOf(set, freeName(set))));
    },
    /** Gives a pod an address and lets it be ready. */
    run(pod: KubeObject): void {
      if (pod.metadata.deletionTimestamp !== undefined) return;
      store.update(pods, { ...pod, status: runningAt(nextAddress()) }, "status");
    },
    serve(service: Selecting, pod: KubeObject, ports: readonly { readonly port: number }[]): void {
      const { name, namespace = "" } = pod.metadata;
      const ip = ipOf(pod);
      // A machine without a free port ends the whole process: nothing here could be relied upon any more.
      void echo.serve({ name, namespace, service: service.name, ip, ports: ports.map((one) => one.port) });
    },
    retire(pod: KubeObject): void {
      store.remove(pods, pod.metadata);
    },
    /** The pod's address is still answered, and listed as terminating, for a while. */
    leave(pod: KubeObject): void {
      const ip = ipOf(pod);
      if (ip === "" || leaving.has(ip)) return;
      const cancel = after(terminatingMs, () => {
        leaving.delete(ip);
        echo.drop(ip);
        touch();
      });
      leaving.set(ip, cancel);
    },
    isLeaving: (ip: string): boolean => leaving.has(ip),
    /** Pods whose Deployment or Service is gone, or is selected no longer. */
    bury(sets: readonly PodSet[]): void {
      const wanted = new Set(sets.map((set) => set.owner.uid));
      for (const pod of store.list(pods).items) {
        const owner = madeFor(pod);
        if (owner !== undefined && !wanted.has(owner)) life.retire(pod);
      }
    },
    stop(): void {
      for (const cancel of leaving.values()) cancel();
    },
  };
  return life;
}
