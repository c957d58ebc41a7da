import type { Manifest, SimCluster } from "./cluster.ts";

/** Services whose pods are ready all the time. A pod's address says whose it is. */
export const services = ["cart", "checkout", "stock"] as const;

export type ServiceName = (typeof services)[number];

/** The EndpointSlice of a Service, whose pods listen on port 8080. */
export const sliceOf = (namespace: string, service: string, endpoints: readonly object[]): Manifest => ({
  kind: "EndpointSlice",
  namespace,
  name: `${service}-abc`,
  labels: { "kubernetes.io/service-name": service },
  body: { addressType: "IPv4", ports: [{ port: 8080, protocol: "TCP" }], endpoints },
});

/** Makes every Service of a namespace, each with two pods. */
export function applyBackends(cluster: SimCluster, namespace: string): void {
  for (const [index, name] of services.entries()) {
    const ports = [{ port: 80, protocol: "TCP" }];
    cluster.apply({ kind: "Service", namespace, name, body: { spec: { ports } } });
    const endpoints = [1, 2].map((pod) => ({ addresses: [`10.1.${index + 1}.${pod}`] }));
    cluster.apply(sliceOf(namespace, name, endpoints));
  }
}

/** Whose pod has an address. */
export const serviceAt = (ip: string): ServiceName | "nobody" =>
  services[Number(ip.split(".")[2]) - 1] ?? "nobody";
