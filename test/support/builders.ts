import { accountId, clusterName, region, rv, type ClusterName } from "../../functions/model/ids.ts";
import type { Registration } from "../../functions/model/cluster.ts";
import type { EndpointSlice, Gateway, HTTPRoute, Metadata, Service } from "../../functions/model/objects.ts";
import type { ObjectChange } from "../../functions/desired/objects.ts";
import type { ClusterObject } from "../../functions/model/objects.ts";
import { contentHash } from "../../functions/bus/hash.ts";

/** Builders: every field that a test names is a field that it is about. */
export const east: ClusterName = clusterName("east");

export const registration = (over: Partial<Registration> = {}): Registration => ({
  cluster: east,
  account: accountId("111122223333"),
  region: region("eu-central-1"),
  vpc: "vpc-0123456789abcdef0",
  eks: "east",
  profile: "standard",
  roles: {},
  ...over,
});

const metadata = (over: Partial<Metadata> = {}): Metadata => ({
  namespace: "shop",
  name: "checkout",
  uid: "uid-1",
  generation: 1,
  creationTimestamp: "2026-01-01T00:00:00Z",
  labels: {},
  annotations: {},
  ...over,
});

export const httpRoute = (
  over: Partial<HTTPRoute["spec"]> = {},
  meta: Partial<Metadata> = {},
): HTTPRoute => ({
  kind: "HTTPRoute",
  metadata: metadata(meta),
  spec: {
    parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "prod" }],
    hostnames: [],
    rules: [
      {
        matches: [{ path: { type: "PathPrefix", value: "/" }, headers: [], queryParams: [] }],
        filters: [],
        backendRefs: [{ group: "", kind: "Service", name: "checkout", port: 80, weight: 1, filters: [] }],
      },
    ],
    ...over,
  },
});

export const gateway = (over: Partial<Gateway["spec"]> = {}, meta: Partial<Metadata> = {}): Gateway => ({
  kind: "Gateway",
  metadata: metadata({ name: "prod", ...meta }),
  spec: {
    gatewayClassName: "amazon-vpc-lattice",
    listeners: [
      {
        name: "http",
        port: 80,
        protocol: "HTTP",
        allowedRoutes: { namespaces: { from: "Same" }, kinds: [] },
      },
    ],
    addresses: [],
    ...over,
  },
});

export const service = (meta: Partial<Metadata> = {}): Service => ({
  kind: "Service",
  metadata: metadata(meta),
  spec: { type: "ClusterIP", ipFamilies: ["IPv4"], ports: [{ port: 80, protocol: "TCP" }] },
});

export const endpointSlice = (ready: readonly string[], meta: Partial<Metadata> = {}): EndpointSlice => ({
  kind: "EndpointSlice",
  metadata: metadata({ name: "checkout-abc", labels: { "kubernetes.io/service-name": "checkout" }, ...meta }),
  addressType: "IPv4",
  ports: [{ port: 8080, protocol: "TCP" }],
  endpoints: ready.map((address) => ({ addresses: [address], conditions: { ready: true } })),
});

/** A version of an object as it is to be stored. */
export const put = (object: ClusterObject, at: number, epoch = 1): ObjectChange => ({
  op: "put",
  object,
  version: { epoch, rv: rv(at), trim: 1 },
  hash: contentHash(object, 1),
});
