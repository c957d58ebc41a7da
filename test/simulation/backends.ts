import type { Manifest, SimCluster } from "./cluster.ts";

/** Services whose pods are ready all the time. A pod's address says whose it is. */
export const busy = ["cart", "checkout", "stock"] as const;
/** One that has pods only sometimes. */
export const idle = "idle";
const services = [...busy, idle] as const;

export type ServiceName = (typeof services)[number];

/** The EndpointSlice of a Service, whose pods listen on port 8080. */
export const sliceOf = (namespace: string, service: string, endpoints: readonly object[]): Manifest => ({
  kind: "EndpointSlice",
  namespace,
  name: `${service}-abc`,
  labels: { "kubernetes.io/service-name": service },
  body: { addressType: "IPv4", ports: [{ port: 8080, protocol: "TCP" }], endpoints },
});

/** Makes every Service of a namespace, each with two pods but the idle one, which has none. */
export function applyBackends(cluster: SimCluster, namespace: string): void {
  for (const name of services) {
    const ports = [{ port: 80, protocol: "TCP" }];
    cluster.apply({ kind: "Service", namespace, name, body: { spec: { ports } } });
    applyPods(cluster, namespace, name, name === idle ? 0 : 2);
  }
}

/** Gives a Service so many pods. */
export function applyPods(cluster: SimCluster, namespace: string, name: ServiceName, count: number): void {
  const third = services.indexOf(name) + 1;
  const endpoints = Array.from({ length: count }, (_, pod) => ({ addresses: [`10.1.${third}.${pod + 1}`] }));
  cluster.apply(sliceOf(namespace, name, endpoints));
}

/** Whose pod has an address. */
export const serviceAt = (ip: string): ServiceName | "nobody" =>
  services[Number(ip.split(".")[2]) - 1] ?? "nobody";
