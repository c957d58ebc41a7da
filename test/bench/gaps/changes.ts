import { controllers, type ClassName } from "../../../functions/model/verdict.ts";
import { applyBackends, type ServiceName } from "../../simulation/backends.ts";
import { certificate } from "../../simulation/certificate.ts";
import type { SimCluster } from "../../simulation/cluster.ts";
import { gatewayNames } from "../../simulation/live.ts";

/** A request of the steady traffic. */
export interface Request {
  /** Through which network: the one that both Gateways are for, or the inner one, which class `amazon-vpc-lattice` has beside it. */
  readonly through: "both" | "inner";
  readonly host: string;
  readonly port: number;
  readonly protocol: "HTTP" | "HTTPS";
  readonly path: string;
}

/** What is asked at one moment, and whose answer is right. */
export interface Expected {
  readonly requests: readonly Request[];
  readonly by: ServiceName;
}

/** A configuration, and what it answers. */
export interface Side {
  /** What goes before the change to it, long enough to come to rest. */
  readonly prepare?: (cluster: SimCluster) => void;
  readonly apply: (cluster: SimCluster) => void;
  readonly expected: Expected;
}

/** A change between whose two sides Lattice has no step that answers. */
export interface Change {
  readonly name: string;
  readonly class: ClassName;
  readonly sides: readonly [Side, Side];
  /** The way back is another change, or none. */
  readonly oneWay?: true;
  /** What must be answered all the time, whatever side there is. */
  readonly standing: Expected;
}

/** Each has a Gateway. Both Gateways have one name, and so are on one network. */
const namespaces = ["shop", "team"] as const;
type Namespace = (typeof namespaces)[number];

const backendOf: Readonly<Record<Namespace, ServiceName>> = { shop: "cart", team: "checkout" };

/** The port whose protocol changes, beside port 80. */
const changingPort = 8443;

const handed = "handed.example.com";

/** Changes of routes with rules for some paths, each with all that it takes. */
export const changesOf = (paths: readonly string[]): readonly Change[] => [
  hostnameSwapped(paths),
  hostnameInherited(paths),
  hostnameMoved(paths),
  gatewayLeft(paths),
  protocolChanged("amazon-vpc-lattice", paths),
  protocolChanged("espalier", paths),
];

/** What every history begins with: Gateways, backends, and a route that nobody touches. */
export function furnish(cluster: SimCluster, its: ClassName): void {
  cluster.apply({ kind: "GatewayClass", name: its, body: { spec: { controllerName: controllers[its] } } });
  for (const namespace of namespaces) {
    cluster.apply({ kind: "Namespace", name: namespace, body: {} });
    applyBackends(cluster, namespace);
    applyGateway(cluster, its, namespace, "HTTP");
  }
  applyRoute(cluster, {
    its,
    namespace: "shop",
    name: "standing",
    gateway: "shop",
    hostname: standing.host,
    by: "stock",
    paths: ["/"],
  });
}

const standing: Request = {
  through: "both",
  host: "standing.example.com",
  port: 80,
  protocol: "HTTP",
  path: "/",
};
const stands: Expected = { requests: [standing], by: "stock" };

const requestsTo = (
  host: string,
  port: number,
  protocol: Request["protocol"],
  paths: readonly string[],
  through: Request["through"] = "both",
): readonly Request[] => paths.map((path) => ({ through, host, port, protocol, path }));

/** A route gives its hostname up for another one, and a route of another Gateway takes it in the same moment. */
function hostnameSwapped(paths: readonly string[]): Change {
  const its = "amazon-vpc-lattice";
  const side = (holder: Namespace): Side => ({
    expected: { requests: requestsTo(handed, 80, "HTTP", paths), by: backendOf[holder] },
    apply: (cluster) => {
      for (const namespace of namespaces) {
        const hostname = namespace === holder ? handed : `${namespace}.example.com`;
        const by = backendOf[namespace];
        applyRoute(cluster, { its, namespace, name: "main", gateway: namespace, hostname, by, paths });
      }
    },
  });
  return {
    name: "hostname to a route of another Gateway",
    class: its,
    sides: [side("shop"), side("team")],
    standing: stands,
  };
}

/** A route is deleted, for whose hostname a route of another Gateway has waited. */
function hostnameInherited(paths: readonly string[]): Change {
  const its = "amazon-vpc-lattice";
  const side = (heir: Namespace, holder: Namespace): Side => ({
    expected: { requests: requestsTo(handed, 80, "HTTP", paths), by: backendOf[heir] },
    prepare: (cluster) =>
      applyRoute(cluster, {
        its,
        namespace: heir,
        name: "main",
        gateway: heir,
        hostname: handed,
        by: backendOf[heir],
        paths,
      }),
    apply: (cluster) => cluster.remove("HTTPRoute", holder, "main"),
  });
  return {
    name: "hostname of a deleted route, waited for",
    class: its,
    sides: [side("shop", "team"), side("team", "shop")],
    standing: stands,
  };
}

/** A route moves to another Gateway on the same network: the hostname is then another service's. */
function hostnameMoved(paths: readonly string[]): Change {
  const its = "espalier";
  const side = (gateway: Namespace): Side => ({
    expected: { requests: requestsTo(handed, 80, "HTTP", paths), by: backendOf[gateway] },
    apply: (cluster) => {
      const by = backendOf[gateway];
      applyRoute(cluster, { its, namespace: "shop", name: "main", gateway, hostname: handed, by, paths });
    },
  });
  return {
    name: "hostname to another Gateway",
    class: its,
    sides: [side("shop"), side("team")],
    standing: stands,
  };
}

/**
 * Of two routes of one hostname on two Gateways one leaves the inner one: there the other needs a service of its own. Nothing may
 * happen to it at the Gateway where both remain.
 */
function gatewayLeft(paths: readonly string[]): Change {
  const its = "amazon-vpc-lattice";
  const by = backendOf.shop;
  const main = { its, namespace: "shop", gateway: "shop", hostname: handed, by } as const;
  const left = "/beside";
  return {
    name: "Gateway left by one of two routes",
    class: its,
    oneWay: true,
    sides: [
      {
        expected: { requests: requestsTo(handed, 80, "HTTP", [...paths, left], "inner"), by },
        apply: (cluster) => {
          applyInnerGateway(cluster);
          applyRoute(cluster, { ...main, name: "main", paths, inner: true });
          applyRoute(cluster, { ...main, name: "beside", paths: [left], inner: true });
        },
      },
      {
        expected: { requests: requestsTo(handed, 80, "HTTP", paths, "inner"), by },
        apply: (cluster) => applyRoute(cluster, { ...main, name: "beside", paths: [left] }),
      },
    ],
    standing: { requests: requestsTo(handed, 80, "HTTP", [...paths, left]), by },
  };
}

/** A listener's protocol changes on its port; the route is at another port too, where nothing may happen. */
function protocolChanged(its: ClassName, paths: readonly string[]): Change {
  const by = backendOf.shop;
  const side = (protocol: Request["protocol"]): Side => ({
    expected: { requests: requestsTo(handed, changingPort, protocol, paths), by },
    apply: (cluster) => {
      applyGateway(cluster, its, "shop", protocol);
      const gateway = "shop";
      applyRoute(cluster, { its, namespace: "shop", name: "main", gateway, hostname: handed, by, paths });
    },
  });
  return {
    name: "protocol of a port",
    class: its,
    sides: [side("HTTP"), side("HTTPS")],
    standing: { requests: requestsTo(handed, 80, "HTTP", paths), by },
  };
}

function applyGateway(
  cluster: SimCluster,
  its: ClassName,
  namespace: Namespace,
  protocol: Request["protocol"],
): void {
  const allowedRoutes = { namespaces: { from: "All" } };
  const tls = protocol === "HTTPS" ? { tls: certificate } : {};
  cluster.apply({
    kind: "Gateway",
    namespace,
    name: gatewayNames[its][0],
    body: {
      spec: {
        gatewayClassName: its,
        listeners: [
          { name: "http", port: 80, protocol: "HTTP", allowedRoutes },
          { name: "changing", port: changingPort, protocol, allowedRoutes, ...tls },
        ],
      },
    },
  });
}

const applyInnerGateway = (cluster: SimCluster): void =>
  cluster.apply({
    kind: "Gateway",
    namespace: "shop",
    name: gatewayNames["amazon-vpc-lattice"][1],
    body: {
      spec: {
        gatewayClassName: "amazon-vpc-lattice",
        listeners: [{ name: "http", port: 80, protocol: "HTTP" }],
      },
    },
  });

function applyRoute(
  cluster: SimCluster,
  route: {
    readonly its: ClassName;
    readonly namespace: Namespace;
    readonly name: string;
    /** The namespace of its Gateway. */
    readonly gateway: Namespace;
    readonly hostname: string;
    readonly by: ServiceName;
    readonly paths: readonly string[];
    /** Whether it is on the inner Gateway too. */
    readonly inner?: boolean;
  },
): void {
  const { its, namespace, name, gateway, hostname, by, paths, inner = false } = route;
  const [outer, second] = gatewayNames[its];
  cluster.apply({
    kind: "HTTPRoute",
    namespace,
    name,
    body: {
      spec: {
        parentRefs: [{ name: outer, namespace: gateway }, ...(inner ? [{ name: second }] : [])],
        hostnames: [hostname],
        rules: paths.map((value) => ({
          matches: [{ path: { type: "Exact", value } }],
          backendRefs: [{ name: by, port: 80 }],
        })),
      },
    },
  });
}
