/** Kubernetes objects as an API server lists them, for tests to change. */
export const metadata = (name: string, over: Record<string, unknown> = {}) => ({
  namespace: "shop",
  name,
  uid: `uid-${name}`,
  generation: 1,
  resourceVersion: "7",
  creationTimestamp: "2026-01-01T00:00:00Z",
  managedFields: [{ manager: "kubectl" }],
  ...over,
});

export const httpRoute = (
  name: string,
  spec: Record<string, unknown> = {},
  meta: Record<string, unknown> = {},
) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: metadata(name, meta),
  spec: { parentRefs: [{ name: "front" }], ...spec },
  status: { parents: [] },
});

export const routeTo = (name: string, service: string, meta: Record<string, unknown> = {}) =>
  httpRoute(name, { rules: [{ backendRefs: [{ name: service, port: 80 }] }] }, meta);

export const service = (
  name: string,
  spec: Record<string, unknown> = {},
  meta: Record<string, unknown> = {},
) => ({
  metadata: metadata(name, { generation: undefined, ...meta }),
  spec: { clusterIP: "10.0.0.1", ports: [{ port: 80, targetPort: 8080 }], ...spec },
  status: { loadBalancer: {} },
});

export const endpointSlice = (name: string, service: string, over: Record<string, unknown> = {}) => ({
  metadata: metadata(name, { labels: { "kubernetes.io/service-name": service, other: "label" } }),
  addressType: "IPv4",
  ports: [{ name: "", port: 8080, protocol: "TCP" }],
  endpoints: [{ addresses: ["10.1.0.1"], conditions: { ready: true }, nodeName: "node" }],
  ...over,
});

export const clusterScoped = (name: string, over: Record<string, unknown> = {}) => {
  const { namespace: _namespace, ...rest } = metadata(name, over);
  return rest;
};

export const gateway = (
  name: string,
  spec: Record<string, unknown> = {},
  meta: Record<string, unknown> = {},
) => ({
  kind: "Gateway",
  metadata: metadata(name, meta),
  spec: {
    gatewayClassName: "amazon-vpc-lattice",
    listeners: [{ name: "http", port: 80, protocol: "HTTP" }],
    ...spec,
  },
});
