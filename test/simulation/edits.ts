import type { Kind } from "../../functions/model/objects.ts";
import { controllers } from "../../functions/model/verdict.ts";
import type { Prng } from "./prng.ts";
import { certificate } from "./certificate.ts";
import { sliceOf } from "./backends.ts";
import type { Manifest, SimCluster } from "./cluster.ts";

/** What people and controllers do in a cluster: one random edit at a time, always one that an API server would take. */

const gatewayApi = "gateway.networking.k8s.io";
const services = ["cart", "checkout", "stock"] as const;
const routes = ["checkout", "catalog", "basket"] as const;
/** Few hostnames for many routes: so they meet, in one cluster and in both. */
export const hostnames = ["a.example.com", "b.example.com"] as const;

/** The cluster that a history begins with: two Gateways of class amazon-vpc-lattice and one of class espalier, three Services with pods, one more in a second namespace with its grant. */
export function furnish(cluster: SimCluster, random: Prng): void {
  for (const [name, controllerName] of Object.entries(controllers))
    cluster.apply({ kind: "GatewayClass", name, body: { spec: { controllerName } } });
  for (const name of ["shop", "pay"])
    cluster.apply({ kind: "Namespace", name, labels: { "kubernetes.io/metadata.name": name }, body: {} });
  cluster.apply(gatewayManifest("prod"));
  cluster.apply(gatewayManifest("inner"));
  cluster.apply(edgeManifest(random));
  for (const name of services) serve(cluster, "shop", name, 1 + random.below(3), random);
  serve(cluster, "pay", "ledger", 2, random);
  cluster.apply(grant());
  cluster.apply(route("checkout", random));
}

/** One edit; answers what it was, for the story of a failing seed. */
export function edit(cluster: SimCluster, random: Prng): string {
  const choice = random.below(100);
  if (choice < 28) return scale(cluster, random);
  if (choice < 56) return applyRoute(cluster, random);
  if (choice < 64) return removeRoute(cluster, random);
  if (choice < 70) return toggle(cluster, "ReferenceGrant", "pay", "from-shop", () => cluster.apply(grant()));
  if (choice < 76) {
    const name = random.pick(services);
    return toggle(cluster, "Service", "shop", name, () => serve(cluster, "shop", name, 2, random));
  }
  if (choice < 78) {
    const name = random.pick(["prod", "inner"]);
    return toggle(cluster, "Gateway", "shop", name, () => cluster.apply(gatewayManifest(name)));
  }
  if (choice < 80)
    return toggle(cluster, "Gateway", "shop", "edge", () => cluster.apply(edgeManifest(random)));
  if (choice < 84)
    return toggle(cluster, "ListenerSet", "shop", "more", () => cluster.apply(listenerSetManifest()));
  if (choice < 88)
    return toggle(cluster, "TLSRoute", "shop", "through", () => cluster.apply(tlsRoute(random)));
  if (choice < 92)
    return toggle(cluster, "GRPCRoute", "shop", "calls", () => cluster.apply(grpcRoute(random)));
  if (choice < 94) {
    cluster.apply(edgeManifest(random));
    return "Gateway edge says anew what its objects bear";
  }
  if (choice < 97) {
    cluster.breakWatches();
    return "the watches break";
  }
  cluster.compact();
  return "history is compacted: the watches answer 410";
}

function scale(cluster: SimCluster, random: Prng): string {
  const name = random.pick(services);
  const pods = random.below(5);
  if (cluster.get("Service", "shop", name) === undefined) return `${name} has no Service to scale`;
  serve(cluster, "shop", name, pods, random);
  return `${name} has ${pods} pods`;
}

function applyRoute(cluster: SimCluster, random: Prng): string {
  const name = random.pick(routes);
  cluster.apply(route(name, random));
  return `route ${name} is applied`;
}

function removeRoute(cluster: SimCluster, random: Prng): string {
  const name = random.pick(routes);
  cluster.remove("HTTPRoute", "shop", name);
  return `route ${name} is deleted`;
}

function toggle(cluster: SimCluster, kind: Kind, namespace: string, name: string, make: () => void): string {
  if (cluster.get(kind, namespace, name) === undefined) {
    make();
    return `${kind} ${name} is made`;
  }
  cluster.remove(kind, namespace, name);
  if (kind === "Service") cluster.remove("EndpointSlice", namespace, `${name}-abc`);
  return `${kind} ${name} is deleted`;
}

/** A Service and its endpoints; addresses are of the cluster, and are used again as pods come and go. */
function serve(cluster: SimCluster, namespace: string, name: string, pods: number, random: Prng): void {
  cluster.apply({
    kind: "Service",
    namespace,
    name,
    body: { spec: { type: "ClusterIP", ipFamilies: ["IPv4"], ports: [{ port: 80, protocol: "TCP" }] } },
  });
  const third = services.indexOf(name as (typeof services)[number]) + 1;
  const cidr = cluster.name === "east" ? "10.1" : "10.2";
  const first = random.below(3);
  const endpoints = Array.from({ length: pods }, (_, index) => ({
    addresses: [`${cidr}.${third}.${first + index + 1}`],
    conditions: { ready: !random.chance(0.1) },
  }));
  cluster.apply(sliceOf(namespace, name, endpoints));
}

const gatewayManifest = (name: string): Manifest => ({
  kind: "Gateway",
  namespace: "shop",
  name,
  body: {
    spec: {
      gatewayClassName: "amazon-vpc-lattice",
      listeners: [{ name: "http", port: 80, protocol: "HTTP" }],
    },
  },
});

const edgeManifest = (random: Prng): Manifest => ({
  kind: "Gateway",
  namespace: "shop",
  name: "edge",
  body: {
    spec: {
      gatewayClassName: "espalier",
      infrastructure: infrastructure(random),
      allowedListeners: { namespaces: { from: "Same" } },
      listeners: [
        { name: "http", port: 80, protocol: "HTTP" },
        { name: "https", port: 443, protocol: "HTTPS", tls: certificate },
        { name: "tls", port: 8443, protocol: "TLS", tls: { mode: "Passthrough" } },
      ],
    },
  },
});

/** Some of each, often nothing at all. */
function infrastructure(random: Prng): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const texts = (): Readonly<Record<string, string>> =>
    Object.fromEntries(
      ["team", "stage"].filter(() => random.chance(0.4)).map((key) => [key, random.pick(["a", "b"])]),
    );
  return { labels: texts(), annotations: texts() };
}

const listenerSetManifest = (): Manifest => ({
  kind: "ListenerSet",
  namespace: "shop",
  name: "more",
  body: {
    spec: {
      parentRef: { name: "edge" },
      listeners: [{ name: "a", port: 80, protocol: "HTTP", hostname: "a.example.com" }],
    },
  },
});

const tlsRoute = (random: Prng): Manifest => ({
  kind: "TLSRoute",
  namespace: "shop",
  name: "through",
  body: {
    spec: {
      parentRefs: [{ name: "edge" }],
      hostnames: [random.pick(hostnames)],
      rules: [{ backendRefs: [{ name: random.pick(services), port: 80 }] }],
    },
  },
});

const grpcRoute = (random: Prng): Manifest => ({
  kind: "GRPCRoute",
  namespace: "shop",
  name: "calls",
  body: {
    spec: {
      parentRefs: [{ name: "edge", sectionName: "https" }],
      hostnames: random.chance(0.5) ? [random.pick(hostnames)] : [],
      rules: [
        {
          matches: [{ method: { service: "shop.Cart", ...(random.chance(0.5) ? { method: "Add" } : {}) } }],
          backendRefs: [{ name: random.pick(services), port: 80 }],
        },
      ],
    },
  },
});

const grant = (): Manifest => ({
  kind: "ReferenceGrant",
  namespace: "pay",
  name: "from-shop",
  body: {
    spec: {
      from: [{ group: gatewayApi, kind: "HTTPRoute", namespace: "shop" }],
      to: [{ group: "", kind: "Service" }],
    },
  },
});

function route(name: string, random: Prng): Manifest {
  const backend = () => {
    const far = random.chance(0.2);
    return {
      ...(far ? { name: "ledger", namespace: "pay" } : { name: random.pick(services) }),
      port: 80,
      weight: random.pick([1, 1, 10, 90, 0]),
    };
  };
  const path = () => ({
    type: random.pick(["PathPrefix", "Exact"]),
    value: random.pick(["/", "/a", "/a/b", "/c"]),
  });
  const rules = Array.from({ length: 1 + random.below(3) }, () => ({
    matches: [
      {
        path: path(),
        ...(random.chance(0.2) ? { headers: [{ name: "version", value: random.pick(["one", "two"]) }] } : {}),
      },
    ],
    backendRefs: Array.from({ length: 1 + random.below(2) }, backend),
  }));
  return {
    kind: "HTTPRoute",
    namespace: "shop",
    name,
    annotations: annotations(random),
    body: { spec: { parentRefs: parents(random), hostnames: hosts(random), rules } },
  };
}

/** Mostly none. Numbers and names are such that routes get into each other's way, and some are none. */
function annotations(random: Prng): Readonly<Record<string, string>> {
  const said = (name: string, values: readonly string[]): readonly (readonly [string, string])[] =>
    random.chance(0.1) ? [[`application-networking.k8s.aws/${name}`, random.pick(values)]] : [];
  return Object.fromEntries([
    ...said("standalone", ["true", "false"]),
    ...said("rule-0-priority", ["1", "2", "first"]),
    ...said("service-name-override", ["one", "two", "No"]),
  ]);
}

/** Mostly one Gateway, sometimes two, or only what a ListenerSet adds. */
function parents(random: Prng): readonly unknown[] {
  const choice = random.below(12);
  if (choice < 4) return [{ name: "prod" }];
  if (choice < 5) return [{ name: "inner" }];
  if (choice < 7) return [{ name: "edge" }];
  if (choice < 8) return [{ kind: "ListenerSet", name: "more" }];
  if (choice < 10) return [{ name: "prod" }, { name: "inner" }];
  return [{ name: "prod" }, { name: "edge", sectionName: "http" }];
}

function hosts(random: Prng): readonly string[] {
  const choice = random.below(10);
  if (choice < 5) return [];
  if (choice < 9) return [random.pick(hostnames)];
  return [...hostnames];
}
