import { createAdmission } from "../../../../infra/local/kubernetes/admission.ts";
import { createEcho } from "../../../../infra/local/kubernetes/echo.ts";
import type { KubeObject, ObjectName, ResourceName } from "../../../../infra/local/kubernetes/objects.ts";
import { createStore } from "../../../../infra/local/kubernetes/store.ts";
import { runWorkloads } from "../../../../infra/local/kubernetes/workloads.ts";

export const pods: ResourceName = { group: "", version: "v1", plural: "pods" };
export const services: ResourceName = { group: "", version: "v1", plural: "services" };
export const namespaces: ResourceName = { group: "", version: "v1", plural: "namespaces" };
export const deployments: ResourceName = { group: "apps", version: "v1", plural: "deployments" };
export const slices: ResourceName = { group: "discovery.k8s.io", version: "v1", plural: "endpointslices" };

/** The objects of a cluster, admitted as in the local system. */
function newStore() {
  let uids = 0;
  return createStore({ now: () => 0, uid: () => `uid-${(uids += 1)}`, admit: createAdmission() });
}

/** A cluster whose pods run, with a clock that only the test moves. */
export function startCluster() {
  const store = newStore();
  const echo = createEcho("east");
  const timers = new Set<() => void>();
  const stopWorkloads = runWorkloads({
    store,
    echo,
    podNet: "10.1",
    terminatingMs: 30_000,
    after(_ms, run) {
      timers.add(run);
      return () => void timers.delete(run);
    },
  });
  return {
    store,
    echo,
    /** Until the controllers have seen everything. */
    settled: () => new Promise<void>((resolve) => void setImmediate(resolve)),
    /** Lets the time pass for which pods are listed as terminating. */
    async pass(): Promise<void> {
      for (const run of timers) {
        timers.delete(run);
        run();
      }
      await new Promise<void>((resolve) => void setImmediate(resolve));
    },
    timers: () => timers.size,
    stop(): void {
      stopWorkloads();
      echo.close();
    },
    pods: (namespace = "default") => store.list(pods, namespace).items.map(podView),
    slice: (name: string, namespace = "default") => sliceView(store.get(slices, { namespace, name })),
    slices: () => store.list(slices).items.map((one) => one.metadata.name),
    scale: (name: ObjectName, replicas: number) =>
      store.mergePatch(deployments, name, { spec: { replicas } }),
  };
}

export type TestCluster = ReturnType<typeof startCluster>;

export const service = (name: string, spec: Readonly<Record<string, unknown>>): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "default" },
  spec,
});

export const deployment = (
  name: string,
  replicas: number,
  labels: Readonly<Record<string, string>>,
  ports: readonly { readonly name?: string; readonly containerPort: number }[] = [],
): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "default" },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: "app", image: "app:1", ports }] } },
  },
});

/** A slice that a person wrote. */
export const handmade = (serviceName: string): KubeObject => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: {
    name: "mine",
    namespace: "default",
    labels: { "kubernetes.io/service-name": serviceName },
  },
  addressType: "IPv4",
  endpoints: [{ addresses: ["10.9.9.9"], conditions: { ready: true } }],
});

interface PodView {
  readonly name: string;
  readonly ip: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: unknown;
}

function podView(pod: KubeObject): PodView {
  const status = pod["status"] as { readonly podIP?: string } | undefined;
  return { name: pod.metadata.name, ip: status?.podIP ?? "", labels: pod.metadata.labels ?? {}, status };
}

interface Slice extends KubeObject {
  readonly addressType: string;
  readonly endpoints: readonly {
    readonly addresses: readonly string[];
    readonly conditions: {
      readonly ready: boolean;
      readonly serving: boolean;
      readonly terminating: boolean;
    };
    readonly targetRef: { readonly name: string };
  }[];
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
}

function sliceView(object: KubeObject) {
  const slice = object as Slice;
  return {
    object: slice,
    version: slice.metadata.resourceVersion,
    ports: slice.ports,
    addresses: slice.endpoints.map((one) => one.addresses.join()),
    terminating: slice.endpoints
      .filter((one) => one.conditions.terminating)
      .map((one) => one.addresses.join()),
    ready: slice.endpoints.filter((one) => one.conditions.ready).map((one) => one.addresses.join()),
  };
}
