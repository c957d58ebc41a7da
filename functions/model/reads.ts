import { asReadKey, asRootKey, type ClusterName, type ReadKey, type RootKey } from "./ids.ts";
import type { Use } from "./limits.ts";
import {
  keyOf,
  refTo,
  serviceNameLabel,
  type ClusterObject,
  type Kind,
  type Listener,
  type ObjectRef,
} from "./objects.ts";
import type { ParentRef, Route, RouteKind } from "./routes.ts";

/**
 * What a compile can look at, as keys. A change answers the keys that it touches, and the readers of these keys are
 * woken; so whatever a compile reads must have a key here, also when there is nothing to be found under it.
 */

/** A list of objects of one kind in one cluster by something that they have in common. */
export type Index =
  | { readonly kind: Kind; readonly by: "cluster"; readonly value: "" }
  | { readonly kind: "Gateway"; readonly by: "class"; readonly value: string }
  /** Without the namespace: a Gateway is for the service network of its name. */
  | { readonly kind: "Gateway"; readonly by: "name"; readonly value: string }
  /** `KIND/NAMESPACE/NAME` of a Gateway or ListenerSet that the route names as a parent. */
  | { readonly kind: RouteKind; readonly by: "parent"; readonly value: string }
  /** `NAMESPACE/NAME` of the Gateway that the ListenerSet adds to. */
  | { readonly kind: "ListenerSet"; readonly by: "gateway"; readonly value: string }
  | { readonly kind: "EndpointSlice"; readonly by: "service"; readonly value: string }
  | { readonly kind: "ReferenceGrant"; readonly by: "namespace"; readonly value: string };

export const objectRead = (ref: ObjectRef): ReadKey => asReadKey(`object#${keyOf(ref)}`);
export const indexRead = (cluster: ClusterName, index: Index): ReadKey =>
  asReadKey(`index#${cluster}#${index.kind}#${index.by}#${index.value}`);
export const outputRead = (root: RootKey): ReadKey => asReadKey(`output#${root}`);
/** The registration and the state of one cluster: account, VPC, profile, whether a complete inventory has been seen, watch health. */
export const clusterRead = (cluster: ClusterName): ReadKey => asReadKey(`cluster#${cluster}`);
/** Quotas that an operator set for an account and region. */
export const quotasRead = (account: string, region: string): ReadKey =>
  asReadKey(`quotas#${account}#${region}`);

/** How much of a shared quota is in use. Only those look who use none of it yet. */
export const usageRead = (use: Use): ReadKey =>
  asReadKey(`usage#${use.account}#${use.region}#${use.quota}#${use.network ?? ""}`);

/** Which root's output a read key looks at, or undefined when it looks at something else. */
export const outputOfRead = (read: ReadKey): RootKey | undefined =>
  read.startsWith("output#") ? asRootKey(read.slice("output#".length)) : undefined;

/** The Gateway (`CLUSTER/NAMESPACE/NAME`) whose ListenerSets a read is of, or undefined when it is another. */
export function gatewayOfRead(read: ReadKey): string | undefined {
  const [what, cluster, kind, by, value] = read.split("#");
  return what === "index" && kind === "ListenerSet" && by === "gateway" ? `${cluster}/${value}` : undefined;
}

/** Which certificates of ACM there are for an account and region. */
export const certificatesRead = (account: string, region: string): ReadKey =>
  asReadKey(`certificates#${account}#${region}`);
/** Who serves a hostname on a service network. */
export const holderRead = (account: string, region: string, network: string, hostname: string): ReadKey =>
  asReadKey(`claim#${account}#${region}#hostname#${network}#${hostname}`);

/** Every list that an object is in. Values are unique per object. */
export function indexesOf(object: ClusterObject): readonly Index[] {
  const all: Index = { kind: object.kind, by: "cluster", value: "" };
  switch (object.kind) {
    case "GatewayClass":
    case "Service":
    case "Namespace":
    case "Secret":
    case "CustomResourceDefinition":
      return [all];
    case "Gateway":
      return [
        all,
        { kind: "Gateway", by: "class", value: object.spec.gatewayClassName },
        { kind: "Gateway", by: "name", value: object.metadata.name },
      ];
    case "ListenerSet": {
      const { namespace, name } = gatewayOf(object);
      return [all, { kind: "ListenerSet", by: "gateway", value: `${namespace}/${name}` }];
    }
    case "HTTPRoute":
    case "GRPCRoute":
    case "TLSRoute": {
      const values = unique(
        parentsOf(object).map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`),
      );
      return [all, ...values.map((value): Index => ({ kind: object.kind, by: "parent", value }))];
    }
    case "EndpointSlice": {
      const service = object.metadata.labels[serviceNameLabel];
      if (service === undefined) return [all];
      return [
        all,
        { kind: "EndpointSlice", by: "service", value: `${object.metadata.namespace}/${service}` },
      ];
    }
    case "ReferenceGrant":
      return [all, { kind: "ReferenceGrant", by: "namespace", value: object.metadata.namespace }];
  }
}

/**
 * What an object names, one step away: the forwarder sends the bodies of these, or says that they do not exist, so that
 * the control plane can tell a missing object from one that it has not heard of yet.
 */
export function namedBy(cluster: ClusterName, object: ClusterObject): readonly ObjectRef[] {
  const { namespace } = object.metadata;
  const itsNamespace: ObjectRef = { cluster, kind: "Namespace", namespace: "", name: namespace };
  const named = (kind: Kind, within: string, name: string): ObjectRef => ({
    cluster,
    kind,
    namespace: within,
    name,
  });
  switch (object.kind) {
    case "Service":
    case "EndpointSlice":
    case "Namespace":
    case "ReferenceGrant":
    case "Secret":
    case "CustomResourceDefinition":
      return [];
    case "GatewayClass":
      return [named("CustomResourceDefinition", "", gatewayClassCrd)];
    case "Gateway":
      return [
        itsNamespace,
        named("GatewayClass", "", object.spec.gatewayClassName),
        ...secretsOf(cluster, namespace, object.spec.listeners),
      ];
    case "ListenerSet": {
      const parent = gatewayOf(object);
      return [
        itsNamespace,
        named("Gateway", parent.namespace, parent.name),
        ...secretsOf(cluster, namespace, object.spec.listeners),
      ];
    }
    case "HTTPRoute":
    case "GRPCRoute":
    case "TLSRoute":
      return [
        itsNamespace,
        ...uniqueRefs(parentsOf(object).map((parent) => named(parent.kind, parent.namespace, parent.name))),
        ...uniqueRefs(servicesOf(object).map((one) => named("Service", one.namespace, one.name))),
        // Only a domain of its own gets an endpoint.
        ...(object.spec.hostnames.length === 0
          ? []
          : [named("CustomResourceDefinition", "", dnsEndpointCrd)]),
      ];
  }
}

/** The CRD whose annotations say which version of the Gateway API a cluster has. */
export const gatewayClassCrd = "gatewayclasses.gateway.networking.k8s.io";
/** The CRD of ExternalDNS's endpoints: where it is installed, custom domains get one. */
export const dnsEndpointCrd = "dnsendpoints.externaldns.k8s.io";

/** The read keys that a change from one version of an object to another answers; either may be absent. */
export function answeredBy(
  cluster: ClusterName,
  before: ClusterObject | undefined,
  after: ClusterObject | undefined,
): readonly ReadKey[] {
  const keys = new Set<ReadKey>();
  for (const object of [before, after]) {
    if (object === undefined) continue;
    keys.add(objectRead(refTo(cluster, object)));
    for (const index of indexesOf(object)) keys.add(indexRead(cluster, index));
  }
  return [...keys].sort();
}

const gatewayApi = "gateway.networking.k8s.io";

/** A Gateway or ListenerSet that a parentRef of a route names; undefined when it names something else. */
export function parentOf(
  route: Route,
  ref: ParentRef,
):
  | { readonly kind: "Gateway" | "ListenerSet"; readonly namespace: string; readonly name: string }
  | undefined {
  if (ref.group !== gatewayApi || (ref.kind !== "Gateway" && ref.kind !== "ListenerSet")) return undefined;
  return { kind: ref.kind, namespace: ref.namespace ?? route.metadata.namespace, name: ref.name };
}

const parentsOf = (route: Route) => route.spec.parentRefs.flatMap((ref) => parentOf(route, ref) ?? []);

/** The Gateway that a ListenerSet adds listeners to. */
export const gatewayOf = ({ metadata, spec }: Extract<ClusterObject, { kind: "ListenerSet" }>) => ({
  namespace: spec.parentRef.namespace ?? metadata.namespace,
  name: spec.parentRef.name,
});

const servicesOf = (route: Route): readonly { readonly namespace: string; readonly name: string }[] =>
  [...route.spec.rules]
    .flatMap((rule) => rule.backendRefs)
    .filter((ref) => ref.group === "" && ref.kind === "Service")
    .map((ref) => ({ namespace: ref.namespace ?? route.metadata.namespace, name: ref.name }));

const secretsOf = (
  cluster: ClusterName,
  namespace: string,
  listeners: readonly Listener[],
): readonly ObjectRef[] =>
  uniqueRefs(
    listeners
      .flatMap((listener) => listener.tls?.certificateRefs ?? [])
      .filter((ref) => ref.group === "" && ref.kind === "Secret")
      .map((ref) => ({ cluster, kind: "Secret", namespace: ref.namespace ?? namespace, name: ref.name })),
  );

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];
const uniqueRefs = (refs: readonly ObjectRef[]): readonly ObjectRef[] => [
  ...new Map(refs.map((ref) => [keyOf(ref), ref])).values(),
];
