import {
  accountId,
  clusterName,
  region,
  type AccountId,
  type ClusterName,
  type Region,
  type RootKey,
} from "./ids.ts";
import type { ClusterObject } from "./objects.ts";

/** What is reconciled as one. A root's key names it for ever; its ledger outlives it. */
export type Root = GatewayClassRoot | GatewayRoot | ServiceNetworkRoot | ServiceRoot | TargetGroupRoot;

/** Only verdicts: nothing in Lattice belongs to a GatewayClass. */
export interface GatewayClassRoot {
  readonly kind: "gateway-class";
  readonly cluster: ClusterName;
  readonly name: string;
}

/** Only verdicts, in class amazon-vpc-lattice: the Gateway points to a service network, each route has its own service. */
export interface GatewayRoot {
  readonly kind: "gateway";
  readonly cluster: ClusterName;
  readonly namespace: string;
  readonly name: string;
}

/** A service network that is looked for, by name or id. It is never created or changed here. */
export interface ServiceNetworkRoot {
  readonly kind: "service-network";
  readonly account: AccountId;
  readonly region: Region;
  readonly network: string;
}

/** A Lattice service with its listeners, rules and network associations. */
export interface ServiceRoot {
  readonly kind: "service";
  readonly cluster: ClusterName;
  readonly route: "HTTPRoute";
  readonly namespace: string;
  readonly name: string;
}

/** A target group with its targets. It belongs to one service, because Lattice refuses it in a second one. */
export interface TargetGroupRoot {
  readonly kind: "target-group";
  readonly service: ServiceRoot;
  readonly backend: { readonly namespace: string; readonly name: string };
  /** The Service's port, not the pod's. */
  readonly port: number;
  readonly protocol: "HTTP";
  readonly version: "HTTP1";
  readonly family: "IPV4" | "IPV6";
}

/** The key of a root: its parts joined by slashes, which no part can hold. */
export function rootKey(root: Root): RootKey {
  switch (root.kind) {
    case "gateway-class":
      return join(root.kind, root.cluster, root.name);
    case "gateway":
      return join(root.kind, root.cluster, root.namespace, root.name);
    case "service-network":
      return join(root.kind, root.account, root.region, root.network);
    case "service":
      return join(root.kind, root.cluster, root.route, root.namespace, root.name);
    case "target-group": {
      const { service, backend } = root;
      const owner = [service.cluster, service.route, service.namespace, service.name];
      return join(
        root.kind,
        ...owner,
        backend.namespace,
        backend.name,
        String(root.port),
        root.protocol,
        root.version,
        root.family,
      );
    }
  }
}

/** The root that a key names; throws TypeError when `rootKey` cannot have made it. */
export function parseRoot(key: string): Root {
  const [kind, ...parts] = key.split("/");
  const root = parse(kind, parts);
  if (root === undefined || rootKey(root) !== key) throw new TypeError(`not the key of a root: "${key}"`);
  return root;
}

function parse(kind: string | undefined, parts: readonly string[]): Root | undefined {
  const [a, b, c, d, e, f, port, protocol, version, family] = parts;
  if (a === undefined || b === undefined) return undefined;
  switch (kind) {
    case "gateway-class":
      return { kind, cluster: clusterName(a), name: b };
    case "gateway":
      return c === undefined ? undefined : { kind, cluster: clusterName(a), namespace: b, name: c };
    case "service-network":
      return c === undefined ? undefined : { kind, account: accountId(a), region: region(b), network: c };
    case "service":
    case "target-group": {
      if (b !== "HTTPRoute" || c === undefined || d === undefined) return undefined;
      const service: ServiceRoot = {
        kind: "service",
        cluster: clusterName(a),
        route: b,
        namespace: c,
        name: d,
      };
      if (kind === "service") return service;
      if (e === undefined || f === undefined || protocol !== "HTTP" || version !== "HTTP1") return undefined;
      if (family !== "IPV4" && family !== "IPV6") return undefined;
      return {
        kind,
        service,
        backend: { namespace: e, name: f },
        port: Number(port),
        protocol,
        version,
        family,
      };
    }
    default:
      return undefined;
  }
}

/** The root that an object is the source of, or undefined for objects that only other roots read. */
export function ownRoot(
  cluster: ClusterName,
  object: Pick<ClusterObject, "kind"> & {
    readonly metadata: { readonly namespace: string; readonly name: string };
  },
): Root | undefined {
  const { namespace, name } = object.metadata;
  switch (object.kind) {
    case "GatewayClass":
      return { kind: "gateway-class", cluster, name };
    case "Gateway":
      return { kind: "gateway", cluster, namespace, name };
    case "HTTPRoute":
      return { kind: "service", cluster, route: "HTTPRoute", namespace, name };
    case "Service":
    case "EndpointSlice":
    case "Namespace":
    case "ReferenceGrant":
      return undefined;
  }
}

/** The cluster whose objects a root is made of; a service network belongs to no single one. */
export function clusterOf(root: Root): ClusterName | undefined {
  switch (root.kind) {
    case "gateway-class":
    case "gateway":
    case "service":
      return root.cluster;
    case "target-group":
      return root.service.cluster;
    case "service-network":
      return undefined;
  }
}

function join(...parts: readonly string[]): RootKey {
  for (const part of parts) {
    if (part.includes("/") || part === "") throw new TypeError(`not a part of a root key: "${part}"`);
  }
  return parts.join("/") as RootKey;
}
