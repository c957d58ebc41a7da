import type { ClusterName, ReadKey, RootKey } from "./ids.ts";
import { keyOf, serviceNameLabel, type ClusterObject, type Kind, type ObjectRef } from "./objects.ts";
import { refTo } from "./objects.ts";

/**
 * What a compile can look at, as keys. A change answers the keys that it touches, and the readers of these keys are
 * woken; so whatever a compile reads must have a key here, also when there is nothing to be found under it.
 */

/** A list of objects of one kind in one cluster by something that they have in common. */
export type Index =
  | { readonly kind: Kind; readonly by: "cluster"; readonly value: "" }
  | { readonly kind: "Gateway"; readonly by: "class"; readonly value: string }
  | { readonly kind: "HTTPRoute"; readonly by: "gateway"; readonly value: string }
  | { readonly kind: "EndpointSlice"; readonly by: "service"; readonly value: string }
  | { readonly kind: "ReferenceGrant"; readonly by: "namespace"; readonly value: string };

export const objectRead = (ref: ObjectRef): ReadKey => `object#${keyOf(ref)}` as ReadKey;
export const indexRead = (cluster: ClusterName, index: Index): ReadKey =>
  `index#${cluster}#${index.kind}#${index.by}#${index.value}` as ReadKey;
export const outputRead = (root: RootKey): ReadKey => `output#${root}` as ReadKey;
/** The registration and the state of one cluster: account, VPC, profile, whether a complete inventory has been seen, watch health. */
export const clusterRead = (cluster: ClusterName): ReadKey => `cluster#${cluster}` as ReadKey;
/** Quotas that an operator set for an account and region. */
export const quotasRead = (account: string, region: string): ReadKey =>
  `quotas#${account}#${region}` as ReadKey;

/** Which root's output a read key looks at, or undefined when it looks at something else. */
export const outputOfRead = (read: ReadKey): RootKey | undefined =>
  read.startsWith("output#") ? (read.slice("output#".length) as RootKey) : undefined;

/** Every list that an object is in. Values are unique per object. */
export function indexesOf(object: ClusterObject): readonly Index[] {
  const all: Index = { kind: object.kind, by: "cluster", value: "" };
  switch (object.kind) {
    case "GatewayClass":
    case "Service":
    case "Namespace":
      return [all];
    case "Gateway":
      return [all, { kind: "Gateway", by: "class", value: object.spec.gatewayClassName }];
    case "HTTPRoute":
      return [
        all,
        ...unique(parentGateways(object)).map((value): Index => ({
          kind: "HTTPRoute",
          by: "gateway",
          value,
        })),
      ];
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
  const namespace: ObjectRef = { cluster, kind: "Namespace", namespace: "", name: object.metadata.namespace };
  switch (object.kind) {
    case "GatewayClass":
    case "Service":
    case "EndpointSlice":
    case "Namespace":
    case "ReferenceGrant":
      return [];
    case "Gateway":
      return [
        namespace,
        { cluster, kind: "GatewayClass", namespace: "", name: object.spec.gatewayClassName },
      ];
    case "HTTPRoute": {
      const gateways = unique(parentGateways(object)).map((value): ObjectRef => {
        const [ns = "", name = ""] = value.split("/");
        return { cluster, kind: "Gateway", namespace: ns, name };
      });
      const services = object.spec.rules
        .flatMap((rule) => rule.backendRefs)
        .filter((ref) => ref.group === "" && ref.kind === "Service")
        .map((ref) => `${ref.namespace ?? object.metadata.namespace}/${ref.name}`);
      return [
        namespace,
        ...gateways,
        ...unique(services).map((value): ObjectRef => {
          const [ns = "", name = ""] = value.split("/");
          return { cluster, kind: "Service", namespace: ns, name };
        }),
      ];
    }
  }
}

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

const parentGateways = (route: Extract<ClusterObject, { kind: "HTTPRoute" }>): readonly string[] =>
  route.spec.parentRefs
    .filter((ref) => ref.group === "gateway.networking.k8s.io" && ref.kind === "Gateway")
    .map((ref) => `${ref.namespace ?? route.metadata.namespace}/${ref.name}`);

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];
