import { clusterName, rv, type ClusterName } from "../../functions/model/ids.ts";
import type { ListenerSet, Metadata } from "../../functions/model/objects.ts";
import type { GRPCRoute, HTTPRoute, TLSRoute } from "../../functions/model/routes.ts";
import type { ObjectChange } from "../../functions/desired/objects.ts";
import type { ClusterObject } from "../../functions/model/objects.ts";
import { contentHash } from "../../functions/bus/hash.ts";

/** Builders: every field that a test names is a field that it is about. */
export const east: ClusterName = clusterName("east");

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

/** Rules are no concern of whoever uses these: they are found by their parents. */
export const grpcRoute = (parentRefs: GRPCRoute["spec"]["parentRefs"]): GRPCRoute => ({
  kind: "GRPCRoute",
  metadata: metadata(),
  spec: { parentRefs, hostnames: [], rules: [] },
});

export const tlsRoute = (parentRefs: TLSRoute["spec"]["parentRefs"]): TLSRoute => ({
  kind: "TLSRoute",
  metadata: metadata(),
  spec: { parentRefs, hostnames: [], rules: [] },
});

export const listenerSet = (gateway: {
  readonly name: string;
  readonly namespace?: string;
}): ListenerSet => ({
  kind: "ListenerSet",
  metadata: metadata(),
  spec: { parentRef: { group: "gateway.networking.k8s.io", kind: "Gateway", ...gateway }, listeners: [] },
});

/** A version of an object as it is to be stored. */
export const put = (object: ClusterObject, at: number, epoch = 1): ObjectChange => ({
  op: "put",
  object,
  version: { epoch, rv: rv(at), trim: 1 },
  hash: contentHash(object, 1),
});
