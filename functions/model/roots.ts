import {
  accountId,
  clusterName,
  region,
  type AccountId,
  type ClusterName,
  type Region,
  type RootKey,
} from "./ids.ts";
import type { TargetGroupConfig } from "./lattice.ts";
import { type ClusterObject } from "./objects.ts";
import { isRouteKind, type RouteKind } from "./routes.ts";

/** What is reconciled as one. A root's key names it for ever; its ledger outlives it. */
export type Root =
  | GatewayClassRoot
  | GatewayRoot
  | ListenerSetRoot
  | RouteRoot
  | ServiceNetworkRoot
  | ServiceRoot
  | TargetGroupRoot;

/** Only verdicts: nothing in Lattice belongs to a GatewayClass. */
export interface GatewayClassRoot {
  readonly kind: "gateway-class";
  readonly cluster: ClusterName;
  readonly name: string;
}

/** Only verdicts: a Gateway points to a service network, and in class `espalier` it asks for the services of its hostnames. */
export interface GatewayRoot {
  readonly kind: "gateway";
  readonly cluster: ClusterName;
  readonly namespace: string;
  readonly name: string;
}

/** Only verdicts: the listeners of a ListenerSet are those of its Gateway. */
export interface ListenerSetRoot {
  readonly kind: "listener-set";
  readonly cluster: ClusterName;
  readonly namespace: string;
  readonly name: string;
}

/** Only verdicts: a route asks for the services that serve it, and tells what became of them. */
export interface RouteRoot {
  readonly kind: "route";
  readonly cluster: ClusterName;
  readonly route: RouteKind;
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

/**
 * A Lattice service with its listeners, rules and network associations. It is wanted while somebody reads its output. A
 * service is named after what asked for it: in class `amazon-vpc-lattice` the first route of a hostname (other routes of that
 * hostname may join, and stay when the first one goes), in class `espalier` a Gateway and a hostname.
 */
export interface ServiceRoot {
  readonly kind: "service";
  readonly cluster: ClusterName;
  readonly of: RouteKind | "Gateway";
  readonly namespace: string;
  readonly name: string;
  /** The hostname that it serves, in lower case; empty: the name that Lattice gives it. */
  readonly hostname: string;
  /** Set where the service that is named after the route is not for this Gateway of it: then another one is, for it alone. */
  readonly gateway?: { readonly namespace: string; readonly name: string } | undefined;
  /** Set where the service that is named after the route stays for routes that have joined it, and the route is to be in no network. */
  readonly standalone?: true | undefined;
}

/** A target group with its targets. It belongs to one service, because Lattice refuses it in a second one. */
export interface TargetGroupRoot {
  readonly kind: "target-group";
  readonly service: ServiceRoot;
  readonly backend: { readonly namespace: string; readonly name: string };
  /** The Service's port, not the pod's; `any` in profile `incumbent`, where all ports of a Service are one group. */
  readonly port: number | "any";
  readonly protocol: Exclude<TargetGroupConfig["protocol"], "HTTPS">;
  readonly version: Exclude<TargetGroupConfig["version"], "HTTP2">;
  readonly family: TargetGroupConfig["family"];
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
    case "listener-set":
      return join(root.kind, root.cluster, root.namespace, root.name);
    case "route":
      return join(root.kind, root.cluster, root.route, root.namespace, root.name);
    case "service":
      return join(root.kind, ...serviceParts(root));
    case "target-group": {
      const { service, backend } = root;
      return join(
        root.kind,
        ...serviceParts(service),
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

/** Stands for "no hostname" in keys: it is no hostname, and tags may hold it. */
const noHostname = "_";
/** What stands for a Gateway in the key of a service that is in no network. A Gateway's part has a dot. */
const standalone = "standalone";

const serviceParts = ({
  cluster,
  of,
  namespace,
  name,
  hostname,
  gateway,
  standalone: alone,
}: ServiceRoot): readonly string[] => {
  const only = gateway === undefined ? [] : [`@${gateway.namespace}.${gateway.name}`];
  const suffix = alone === true ? [`@${standalone}`] : only;
  return [cluster, of, namespace, name, [hostname === "" ? noHostname : hostname, ...suffix].join("")];
};

/** The root that a key names; throws TypeError when `rootKey` cannot have made it. */
export function parseRoot(key: string): Root {
  const [kind, ...parts] = key.split("/");
  const root = parse(kind, parts);
  if (root === undefined || rootKey(root) !== key) throw new TypeError(`not the key of a root: "${key}"`);
  return root;
}

function parse(kind: string | undefined, parts: readonly string[]): Root | undefined {
  const [a, b, c, d] = parts;
  if (a === undefined || b === undefined) return undefined;
  switch (kind) {
    case "gateway-class":
      return { kind, cluster: clusterName(a), name: b };
    case "gateway":
    case "listener-set":
      return c === undefined ? undefined : { kind, cluster: clusterName(a), namespace: b, name: c };
    case "route":
      return c === undefined || d === undefined || !isRouteKind(b)
        ? undefined
        : { kind, cluster: clusterName(a), route: b, namespace: c, name: d };
    case "service-network":
      return c === undefined ? undefined : { kind, account: accountId(a), region: region(b), network: c };
    case "service":
      return parseService(parts);
    case "target-group":
      return parseTargetGroup(parts);
    default:
      return undefined;
  }
}

function parseService([cluster, of, namespace, name, serves]: readonly string[]): ServiceRoot | undefined {
  if (cluster === undefined || of === undefined || namespace === undefined) return undefined;
  if (name === undefined || serves === undefined || !(of === "Gateway" || isRouteKind(of))) return undefined;
  const [hostname = "", only] = serves.split("@");
  return {
    kind: "service",
    cluster: clusterName(cluster),
    of,
    namespace,
    name,
    hostname: hostname === noHostname ? "" : hostname,
    ...(only === undefined
      ? {}
      : only === standalone
        ? { standalone: true }
        : { gateway: parseGateway(only) }),
  };
}

/** A namespace has no dots, a Gateway's name may have some. */
function parseGateway(text: string): ServiceRoot["gateway"] {
  const dot = text.indexOf(".");
  return { namespace: text.slice(0, dot), name: text.slice(dot + 1) };
}

function parseTargetGroup(parts: readonly string[]): TargetGroupRoot | undefined {
  const service = parseService(parts.slice(0, 5));
  const [namespace, name, port, protocol, version, family] = parts.slice(5);
  if (service === undefined || namespace === undefined || name === undefined) return undefined;
  if (protocol !== "HTTP" && protocol !== "TCP") return undefined;
  if (version !== "HTTP1" && version !== "GRPC" && version !== "none") return undefined;
  if (family !== "IPV4" && family !== "IPV6") return undefined;
  const backend = { namespace, name };
  return {
    kind: "target-group",
    service,
    backend,
    port: port === "any" ? port : Number(port),
    protocol,
    version,
    family,
  };
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
    case "ListenerSet":
      return { kind: "listener-set", cluster, namespace, name };
    case "HTTPRoute":
    case "GRPCRoute":
    case "TLSRoute":
      return { kind: "route", cluster, route: object.kind, namespace, name };
    case "Service":
    case "EndpointSlice":
    case "Namespace":
    case "ReferenceGrant":
    case "Secret":
    case "CustomResourceDefinition":
      return undefined;
  }
}

/** The cluster whose objects a root is made of; a service network belongs to no single one. */
export function clusterOf(root: Root): ClusterName | undefined {
  switch (root.kind) {
    case "gateway-class":
    case "gateway":
    case "listener-set":
    case "route":
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
