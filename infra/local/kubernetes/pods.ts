import { z } from "zod";
import { hash, same } from "../../../functions/model/canonical.ts";
import type { KubeObject } from "./objects.ts";

/**
 * Services, Deployments, Pods and EndpointSlices, as far as a controller of workloads looks at them. What a real server would
 * have refused counts as absent: nothing that a user writes may stop the controller.
 */

const labels = z.record(z.string(), z.string()).catch({});
const containers = z
  .array(
    z.looseObject({
      ports: z.array(z.looseObject({ name: z.string().optional(), containerPort: z.int() })).catch([]),
    }),
  )
  .catch([]);

const service = z.looseObject({
  type: z.string().catch("ClusterIP"),
  clusterIP: z.string().catch(""),
  selector: labels,
  ports: z
    .array(
      z.looseObject({
        name: z.string().catch(""),
        port: z.int(),
        protocol: z.string().catch("TCP"),
        targetPort: z.union([z.int(), z.string()]).optional(),
      }),
    )
    .catch([]),
});

const podSpec = z.looseObject({ containers }).catch({ containers: [] });
const template = z.looseObject({
  metadata: z.looseObject({ labels }).catch({ labels: {} }),
  spec: podSpec,
});
const deployment = z.looseObject({
  replicas: z.int().catch(1),
  template: template.catch({ metadata: { labels: {} }, spec: { containers: [] } }),
});

type Labels = Readonly<Record<string, string>>;
type PodSpec = z.infer<typeof podSpec>;

/** Who a pod belongs to (metav1.OwnerReference). */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: true;
}

/** A Service with a selector. */
export interface Selecting {
  readonly namespace: string;
  readonly name: string;
  readonly owner: Owner;
  readonly selector: Labels;
  /** Without an address of its own. */
  readonly headless: boolean;
  readonly ports: z.infer<typeof service>["ports"];
}

/** Equal pods: those of a Deployment that a Service selects, or two for a Service that selects no Deployment. */
export interface PodSet {
  readonly namespace: string;
  /** The Service that it was made for. */
  readonly service: string;
  readonly owner: Owner;
  readonly replicas: number;
  readonly labels: Labels;
  readonly spec: PodSpec;
}

const replicasWithoutDeployment = 2;

/** A Service as far as pods are chosen by it; undefined without a selector: then its endpoints are made by hand. */
export function selectingOf(object: KubeObject): Selecting | undefined {
  const { type, selector, clusterIP, ports } = service.parse(object["spec"] ?? {});
  if (Object.keys(selector).length === 0 || type === "ExternalName") return undefined;
  const { namespace = "", name } = object.metadata;
  return { namespace, name, owner: ownerOf(object), selector, headless: clusterIP === "None", ports };
}

/** The pods that Services ask for. A Deployment that several of them select has its pods once. */
export function setsOf(
  services: readonly Selecting[],
  deployments: readonly KubeObject[],
): readonly PodSet[] {
  const sets = new Map<string, PodSet>();
  for (const { namespace, name, owner, selector } of services) {
    const selected = deployments
      .filter((one) => one.metadata.namespace === namespace)
      .map((one) => ({ owner: ownerOf(one), ...deployment.parse(one["spec"] ?? {}) }))
      .filter((one) => selects(selector, one.template.metadata.labels));
    for (const one of selected) {
      if (sets.has(one.owner.uid)) continue;
      const { metadata, spec } = one.template;
      const labels = { ...metadata.labels, [templateLabel]: hash(JSON.stringify(one.template)).slice(0, 10) };
      const { replicas } = one;
      sets.set(one.owner.uid, {
        namespace,
        service: name,
        owner: one.owner,
        replicas,
        labels,
        spec,
      });
    }
    const served = [...sets.values()].some(
      (set) => set.namespace === namespace && selects(selector, set.labels),
    );
    if (served) continue;
    const spec = { containers: [{ ...echoContainer, ports: [] }] };
    const replicas = replicasWithoutDeployment;
    sets.set(owner.uid, { namespace, service: name, owner, replicas, labels: selector, spec });
  }
  return [...sets.values()];
}

/** By which pods of a Deployment's template are told from those of an earlier one, as the real controller does. */
export const templateLabel = "pod-template-hash";

const echoContainer = { name: "echo", image: "echo" };

const ownerOf = ({ apiVersion, kind, metadata }: KubeObject): Owner => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid ?? "",
  controller: true,
});

/** Whether labels have all that a selector asks for. */
export const selects = (selector: Labels, has: Labels | undefined): boolean =>
  Object.entries(selector).every(([key, value]) => has?.[key] === value);

/** A pod of a set, before it runs. */
export const podOf = (set: PodSet, name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name,
    namespace: set.namespace,
    labels: { ...set.labels },
    ownerReferences: [set.owner],
  },
  spec: set.spec.containers.length > 0 ? set.spec : { ...set.spec, containers: [echoContainer] },
});

/** What kubelet says of a pod that runs and is ready. */
export const runningAt = (ip: string) => ({
  phase: "Running",
  podIP: ip,
  podIPs: [{ ip }],
  conditions: ["Initialized", "ContainersReady", "PodScheduled", "Ready"].map((type) => ({
    type,
    status: "True",
  })),
});

const running = z
  .looseObject({
    podIP: z.string().catch(""),
    conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).catch([]),
  })
  .catch({ podIP: "", conditions: [] });

/** A pod's address, or an empty text when it has none yet. */
export const ipOf = (pod: KubeObject): string => running.parse(pod["status"]).podIP;

/** Whether a pod says that it is ready. */
export const isReady = (pod: KubeObject): boolean =>
  running.parse(pod["status"]).conditions.some((one) => one.type === "Ready" && one.status === "True");

const owned = z
  .looseObject({ ownerReferences: z.array(z.looseObject({ kind: z.string(), uid: z.string() })).catch([]) })
  .catch({ ownerReferences: [] });

/** The uid of the Deployment or Service that an object was made for; undefined for one that somebody made by hand. */
export const madeFor = (object: KubeObject): string | undefined =>
  owned.parse(object.metadata).ownerReferences.find(({ kind }) => kind === "Deployment" || kind === "Service")
    ?.uid;

/** A port of a slice. */
export interface SlicePort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

/**
 * A Service's ports as the pods have them. The first template or pod that has a port of that name says what a named target
 * is; a named target that none has is left out.
 */
export function resolvedPorts({ ports }: Selecting, specs: readonly unknown[]): readonly SlicePort[] {
  const named = specs.flatMap((one) => podSpec.parse(one).containers.flatMap((container) => container.ports));
  return ports.flatMap(({ name, port, protocol, targetPort = port }) => {
    const target =
      typeof targetPort === "string"
        ? named.find((one) => one.name === targetPort)?.containerPort
        : targetPort;
    return target === undefined ? [] : [{ name, port: target, protocol }];
  });
}

/** One address behind a Service. */
export interface Endpoint {
  readonly ip: string;
  readonly pod: string;
  readonly state: "ready" | "unready" | "terminating";
}

/** By which the slices made here are told from those that people write. */
export const managedByLabel = "endpointslice.kubernetes.io/managed-by";
export const managedBy = "endpointslice-controller.k8s.io";

/** The EndpointSlice of a Service. */
export const sliceOf = (
  { namespace, name, owner, headless }: Selecting,
  endpoints: readonly Endpoint[],
  ports: readonly SlicePort[],
): KubeObject => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: {
    name: `${name}-local`,
    namespace,
    labels: {
      "kubernetes.io/service-name": name,
      [managedByLabel]: managedBy,
      ...(headless ? { "service.kubernetes.io/headless": "" } : {}),
    },
    ownerReferences: [owner],
  },
  addressType: "IPv4",
  endpoints: endpoints.map(({ ip, pod, state }) => ({
    addresses: [ip],
    conditions: {
      ready: state === "ready",
      serving: state !== "unready",
      terminating: state === "terminating",
    },
    targetRef: { kind: "Pod", name: pod, namespace },
  })),
  ports: ports.map(({ name: portName, port, protocol }) => ({ name: portName, port, protocol })),
});

const published = z.looseObject({
  endpoints: z
    .array(
      z.looseObject({
        addresses: z.array(z.string()),
        targetRef: z.looseObject({ name: z.string() }).catch({ name: "" }),
      }),
    )
    .catch([]),
  ports: z.array(z.looseObject({ name: z.string(), port: z.int(), protocol: z.string() })).catch([]),
});

/** The addresses and ports that a slice lists, in its order. */
export function listedIn(slice: KubeObject | undefined): {
  readonly addresses: readonly { readonly ip: string; readonly pod: string }[];
  readonly ports: readonly SlicePort[];
} {
  const { endpoints, ports } = published.parse(slice ?? {});
  return {
    addresses: endpoints.flatMap(({ addresses, targetRef }) =>
      addresses.map((ip) => ({ ip, pod: targetRef.name })),
    ),
    ports,
  };
}

/** The wanted values: first those that are there already, in their order, then the new ones. */
export const keepingOrder = <T>(before: readonly T[], wanted: readonly T[]): readonly T[] => {
  const has = (all: readonly T[], one: T): boolean => all.some((other) => same(other, one));
  return [...before.filter((one) => has(wanted, one)), ...wanted.filter((one) => !has(before, one))];
};
