import { z } from "zod";
import type { KubeObject } from "./objects.ts";

/** A Service, a Deployment and a Pod, as far as a controller of workloads looks at them. */

const labels = z.record(z.string(), z.string()).default({});
const containers = z
  .array(
    z.looseObject({
      ports: z.array(z.looseObject({ name: z.string().optional(), containerPort: z.number() })).default([]),
    }),
  )
  .default([]);

const service = z.looseObject({
  spec: z.looseObject({
    selector: labels,
    ports: z
      .array(
        z.looseObject({
          name: z.string().optional(),
          port: z.number(),
          protocol: z.string().default("TCP"),
          targetPort: z.union([z.number(), z.string()]).optional(),
        }),
      )
      .default([]),
  }),
});

const deployment = z.looseObject({
  spec: z.looseObject({
    replicas: z.number().default(1),
    template: z.looseObject({
      metadata: z.looseObject({ labels }).default({ labels: {} }),
      spec: z.looseObject({ containers }).default({ containers: [] }),
    }),
  }),
});

export interface ServiceWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly replicas: number;
  readonly podLabels: Readonly<Record<string, string>>;
  /** Ports of the pods, resolved: a named target that no container has is left out. */
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
  readonly deployment?: string | undefined;
}

const replicasWithoutDeployment = 2;

/** What a Service wants to have behind it; undefined without a selector: then its endpoints are made by hand. */
export function workloadOf(
  object: KubeObject,
  deployments: readonly KubeObject[],
): ServiceWorkload | undefined {
  const { selector, ports } = service.parse(object).spec;
  if (Object.keys(selector).length === 0) return undefined;
  const { namespace = "", name } = object.metadata;
  const found = deployments
    .filter((one) => one.metadata.namespace === namespace)
    .map((one) => ({ name: one.metadata.name, spec: deployment.parse(one).spec }))
    .find((one) => selects(selector, one.spec.template.metadata.labels));
  const named = new Map(
    (found?.spec.template.spec.containers ?? []).flatMap((container) =>
      container.ports.flatMap((port) =>
        port.name === undefined ? [] : [[port.name, port.containerPort] as const],
      ),
    ),
  );
  return {
    namespace,
    name,
    selector,
    replicas: found?.spec.replicas ?? replicasWithoutDeployment,
    podLabels: { ...found?.spec.template.metadata.labels, ...selector },
    ports: ports.flatMap((port) => {
      const target =
        typeof port.targetPort === "string" ? named.get(port.targetPort) : (port.targetPort ?? port.port);
      return target === undefined ? [] : [{ name: port.name ?? "", port: target, protocol: port.protocol }];
    }),
    deployment: found?.name,
  };
}

export const selects = (
  selector: Readonly<Record<string, string>>,
  has: Readonly<Record<string, string>> | undefined,
): boolean => Object.entries(selector).every(([key, value]) => has?.[key] === value);

/** A running pod of a workload. */
export function podOf(workload: ServiceWorkload, name: string, ip: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: workload.namespace, labels: { ...workload.podLabels } },
    spec: {
      containers: [
        { name: "echo", image: "echo", ports: workload.ports.map(({ port }) => ({ containerPort: port })) },
      ],
    },
    status: {
      phase: "Running",
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

export const ipOf = (pod: KubeObject): string =>
  z
    .looseObject({ status: z.looseObject({ podIP: z.string().default("") }).default({ podIP: "" }) })
    .parse(pod).status.podIP;

/** One address behind a Service. */
export interface Endpoint {
  readonly ip: string;
  readonly pod: string;
  readonly terminating: boolean;
}

/** By which the slices made here are told from those that people write. */
export const managedByLabel = "endpointslice.kubernetes.io/managed-by";
export const managedBy = "endpointslice-controller.k8s.io";

/** The EndpointSlice of a workload. */
export const sliceOf = (workload: ServiceWorkload, endpoints: readonly Endpoint[]): KubeObject => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: {
    name: `${workload.name}-local`,
    namespace: workload.namespace,
    labels: {
      "kubernetes.io/service-name": workload.name,
      [managedByLabel]: managedBy,
    },
  },
  addressType: "IPv4",
  endpoints: endpoints.map(({ ip, pod, terminating }) => ({
    addresses: [ip],
    conditions: { ready: !terminating, serving: true, terminating },
    targetRef: { kind: "Pod", name: pod, namespace: workload.namespace },
  })),
  ports: workload.ports.map(({ name, port, protocol }) => ({ name, port, protocol })),
});
