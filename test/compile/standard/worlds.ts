import * as fc from "fast-check";
import type {
  ClusterObject,
  Gateway,
  Listener,
  ListenerSet,
  Metadata,
  ReferenceGrant,
  Service,
} from "../../../functions/model/objects.ts";
import type { ParentRef, Route } from "../../../functions/model/routes.ts";
import type { ClassName } from "../../../functions/model/verdict.ts";
import { grpcSpec, httpSpec, tlsSpec } from "./rules.ts";
import { withParents, type World } from "../../../infra/local/proof/reading/listeners.ts";
import { exactHosts } from "./words.ts";

/** Small worlds of few words, so that what is in one object often meets another: valid, as the CRDs would have them. */

const gatewayApi = "gateway.networking.k8s.io";
const namespaces = ["shop", "team"];
const wildcards = ["*.example.com", "*.shop.example.com", "*.org"];
/** Port 443 may have listeners of both protocols, which the hostnames tell apart. */
const ports: Readonly<Record<number, readonly string[]>> = {
  80: ["HTTP"],
  8080: ["HTTP"],
  443: ["HTTPS", "TLS"],
};

const metadata = (name: string, namespace: string, creationTimestamp = "2026-01-01T00:00:00Z"): Metadata => ({
  namespace,
  name,
  uid: `uid-${namespace}-${name}`,
  generation: 1,
  creationTimestamp,
  labels: {},
  annotations: {},
});

const service = (namespace: string, name: string): Service => ({
  kind: "Service",
  metadata: metadata(name, namespace),
  spec: { type: "ClusterIP", ipFamilies: ["IPv4"], ports: [{ port: 80, protocol: "TCP" }] },
});

/** What backends name: there is no Service `gone`, and of those of `team` a part may be used by `shop`. */
const backends: readonly ClusterObject[] = [
  ...namespaces.flatMap((namespace) => ["v1", "v2", "v3"].map((name) => service(namespace, name))),
  ...namespaces.map((name): ClusterObject => ({
    kind: "Namespace",
    metadata: { ...metadata(name, ""), labels: { open: name === "team" ? "yes" : "no" } },
  })),
];
const grants: readonly ReferenceGrant[] = [
  {
    kind: "ReferenceGrant",
    metadata: metadata("of-v1", "team"),
    spec: {
      from: ["HTTPRoute", "GRPCRoute"].map((kind) => ({ group: gatewayApi, kind, namespace: "shop" })),
      to: [{ group: "", kind: "Service", name: "v1" }],
    },
  },
];

const listenerParts = fc.record({
  port: fc.constantFrom(80, 80, 8080, 443, 443),
  hostname: fc.constantFrom(undefined, undefined, ...exactHosts.slice(0, 3), ...wildcards),
  protocol: fc.nat(1),
  from: fc.constantFrom("All", "All", "All", "Same", "Selector"),
  kinds: fc.constantFrom([], [], ["HTTPRoute"], ["HTTPRoute", "GRPCRoute", "TLSRoute"]),
});

const listenerOf = (
  { port, hostname, protocol, from, kinds }: typeof listenerParts extends fc.Arbitrary<infer T> ? T : never,
  name: string,
): Listener => {
  const its = ports[port] ?? [];
  const spoken = its[protocol % its.length] ?? "HTTP";
  return {
    name,
    port,
    protocol: spoken,
    hostname,
    ...(spoken === "TLS" ? { tls: { mode: "Passthrough", certificateRefs: [], options: {} } } : {}),
    ...(spoken === "HTTPS"
      ? {
          tls: {
            mode: "Terminate",
            certificateRefs: [],
            options: { "application-networking.k8s.aws/certificate-arn": "arn:cert" },
          },
        }
      : {}),
    allowedRoutes: {
      namespaces: { from, selector: { matchLabels: { open: "yes" }, matchExpressions: [] } },
      kinds: kinds.map((kind) => ({ group: gatewayApi, kind })),
    },
  };
};

/** A Gateway and perhaps a ListenerSet that adds to it; no two of their listeners are in each other's way. */
const gatewayWith = (name: string, className: ClassName): fc.Arbitrary<readonly (Gateway | ListenerSet)[]> =>
  fc
    .record({
      own: fc.uniqueArray(listenerParts, { minLength: 1, maxLength: 4, selector: placeOf }),
      added: fc.uniqueArray(listenerParts, { maxLength: 2, selector: placeOf }),
      open: fc.constantFrom("All", "Same", "None"),
      setNamespace: fc.constantFrom(...namespaces),
    })
    .map(({ own, added, open, setNamespace }) => {
      const taken = new Set(own.map(placeOf));
      const others = added.filter((one) => !taken.has(placeOf(one)));
      const gateway: Gateway = {
        kind: "Gateway",
        metadata: metadata(name, "shop"),
        spec: {
          gatewayClassName: className,
          listeners: own.map((one, index) => listenerOf(one, `l${index}`)),
          addresses: [],
          allowedListeners: { namespaces: { from: open } },
          tls: [],
        },
      };
      if (others.length === 0) return [gateway];
      const set: ListenerSet = {
        kind: "ListenerSet",
        metadata: metadata(`${name}-set`, setNamespace),
        spec: {
          parentRef: { group: gatewayApi, kind: "Gateway", namespace: "shop", name },
          listeners: others.map((one, index) => listenerOf(one, `l${index}`)),
        },
      };
      return [gateway, set];
    });

const placeOf = ({ port, hostname }: { readonly port: number; readonly hostname: string | undefined }) =>
  `${port} ${hostname ?? ""}`;

/** Which parents a route names: by name alone, or by a section or port, which may not be there. */
const parentsIn = (owners: readonly (Gateway | ListenerSet)[]): fc.Arbitrary<readonly ParentRef[]> =>
  fc
    .uniqueArray(
      fc.record({
        owner: fc.constantFrom(...owners),
        sectionName: fc.constantFrom(undefined, undefined, undefined, "l0", "l1"),
        port: fc.constantFrom(undefined, undefined, undefined, 80, 443),
      }),
      { minLength: 1, maxLength: 2, selector: ({ owner }) => `${owner.kind} ${owner.metadata.name}` },
    )
    .map((refs) =>
      refs.map(({ owner: { kind, metadata: its }, sectionName, port }) => ({
        group: gatewayApi,
        kind,
        namespace: its.namespace,
        name: its.name,
        sectionName,
        port,
      })),
    );

const routeHead = fc.record({
  namespace: fc.constantFrom(...namespaces),
  /** Often the same second, so that names decide. */
  created: fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
});

const routeIn = (
  owners: readonly (Gateway | ListenerSet)[],
  hostnames: fc.Arbitrary<readonly string[]>,
): fc.Arbitrary<(name: string) => Route> => {
  const head = { head: routeHead, parentRefs: parentsIn(owners), hostnames };
  const http = fc
    .record({ ...head, rules: httpSpec })
    .map(({ head: { namespace, created }, ...spec }) => (name: string): Route => ({
      kind: "HTTPRoute",
      metadata: metadata(name, namespace, created),
      spec,
    }));
  const grpc = fc
    .record({ ...head, rules: grpcSpec })
    .map(({ head: { namespace, created }, ...spec }) => (name: string): Route => ({
      kind: "GRPCRoute",
      metadata: metadata(name, namespace, created),
      spec,
    }));
  const tls = fc
    .record({ ...head, rules: tlsSpec })
    .map(({ head: { namespace, created }, ...spec }) => (name: string): Route => ({
      kind: "TLSRoute",
      metadata: metadata(name, namespace, created),
      spec: { ...spec, hostnames: spec.hostnames.length > 0 ? spec.hostnames : ["shop.example.com"] },
    }));
  return fc.oneof(
    { arbitrary: http, weight: 4 },
    { arbitrary: grpc, weight: 2 },
    { arbitrary: tls, weight: 3 },
  );
};

const someHostnames = fc.oneof(
  fc.constant([]),
  fc.uniqueArray(fc.constantFrom(...exactHosts, ...exactHosts, ...wildcards), { minLength: 1, maxLength: 3 }),
);
const oneHostname = fc.constantFrom([], ...exactHosts.slice(0, 2).map((one) => [one]));

/** Gateways of a class with one to four routes. In class `amazon-vpc-lattice` a service has one hostname, so a route has no more. */
export const worldOf = (className: ClassName): fc.Arbitrary<World> => {
  const gateways =
    className === "espalier"
      ? fc.oneof(
          gatewayWith("prod", className),
          fc.tuple(gatewayWith("prod", className), gatewayWith("next", className)).map((all) => all.flat()),
        )
      : gatewayWith("prod", className);
  const hostnames = className === "espalier" ? someHostnames : oneHostname;
  return gateways.chain((owners) =>
    fc
      .array(routeIn(owners, hostnames), { minLength: 1, maxLength: 4 })
      .map((routes) => [
        ...owners,
        ...routes.map((make, index) => make(names[index] ?? "z")),
        ...backends,
        ...grants,
      ]),
  );
};

/** Names whose order is not the order in which the routes are made. */
const names = ["m", "b", "x", "a"];

/** The Gateways of `twinsOf`. */
const twins = ["prod", "next"] as const;
type Twin = (typeof twins)[number];

const twin = (name: Twin): Gateway => ({
  kind: "Gateway",
  metadata: metadata(name, "shop"),
  spec: {
    gatewayClassName: "amazon-vpc-lattice",
    listeners: ([80, 443] as const).map((port, index) =>
      listenerOf({ port, hostname: undefined, protocol: 0, from: "All", kinds: [] }, `l${index}`),
    ),
    addresses: [],
    allowedListeners: { namespaces: { from: "None" } },
    tls: [],
  },
});

/** So that routes meet. */
const mostlyOne = fc.constantFrom([], ...[0, 0, 0, 0, 1].map((index) => exactHosts.slice(index, index + 1)));

/** A route at either of the twins, or at both in the same way. */
const atTwins = fc
  .tuple(routeIn([twin("prod")], mostlyOne), fc.subarray([...twins], { minLength: 1 }))
  .map(([make, at]) => (name: string): Route => {
    const route = make(name);
    return withParents(
      route,
      at.flatMap((its) => route.spec.parentRefs.map((ref) => ({ ...ref, name: its }))),
    );
  });

/**
 * Two Gateways of class `amazon-vpc-lattice` with equal listeners, each with a network of its own, and two to four routes at either or
 * both. With other listeners a service would answer on ports that one of them has not, which the standard says nothing of.
 */
export const twinsOf: fc.Arbitrary<World> = fc
  .array(atTwins, { minLength: 2, maxLength: 4 })
  .map((routes) => [
    ...twins.map(twin),
    ...routes.map((make, index) => make(names[index] ?? "z")),
    ...backends,
    ...grants,
  ]);
