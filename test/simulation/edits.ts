import type { Prng } from "./prng.ts";
import type { Manifest, SimCluster } from "./cluster.ts";

/** What people and controllers do in a cluster: one random edit at a time, always one that an API server would take. */

const gatewayApi = "gateway.networking.k8s.io";
const services = ["cart", "checkout", "stock"] as const;
const routes = ["checkout", "catalog", "basket"] as const;

/** The cluster that a history begins with: one Gateway, three Services with pods, one more in a second namespace with its grant. */
export function furnish(cluster: SimCluster, random: Prng): void {
  cluster.apply({
    kind: "GatewayClass",
    name: "amazon-vpc-lattice",
    body: { spec: { controllerName: "application-networking.k8s.aws/gateway-api-controller" } },
  });
  for (const name of ["shop", "pay"])
    cluster.apply({ kind: "Namespace", name, labels: { "kubernetes.io/metadata.name": name }, body: {} });
  cluster.apply(gatewayManifest());
  for (const name of services) serve(cluster, "shop", name, 1 + random.below(3), random);
  serve(cluster, "pay", "ledger", 2, random);
  cluster.apply(grant());
  cluster.apply(route("checkout", random));
}

/** One edit; answers what it was, for the story of a failing seed. */
export function edit(cluster: SimCluster, random: Prng): string {
  const choice = random.below(100);
  if (choice < 35) return scale(cluster, random);
  if (choice < 65) return applyRoute(cluster, random);
  if (choice < 73) return removeRoute(cluster, random);
  if (choice < 80) return toggle(cluster, "ReferenceGrant", "pay", "from-shop", () => cluster.apply(grant()));
  if (choice < 87) {
    const name = random.pick(services);
    return toggle(cluster, "Service", "shop", name, () => serve(cluster, "shop", name, 2, random));
  }
  if (choice < 90) return toggle(cluster, "Gateway", "shop", "prod", () => cluster.apply(gatewayManifest()));
  if (choice < 95) {
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

function toggle(
  cluster: SimCluster,
  kind: "ReferenceGrant" | "Service" | "Gateway",
  namespace: string,
  name: string,
  make: () => void,
): string {
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
  cluster.apply({
    kind: "EndpointSlice",
    namespace,
    name: `${name}-abc`,
    labels: { "kubernetes.io/service-name": name },
    body: {
      addressType: "IPv4",
      ports: [{ port: 8080, protocol: "TCP" }],
      endpoints: Array.from({ length: pods }, (_, index) => ({
        addresses: [`${cidr}.${third}.${first + index + 1}`],
        conditions: { ready: !random.chance(0.1) },
      })),
    },
  });
}

const gatewayManifest = (): Manifest => ({
  kind: "Gateway",
  namespace: "shop",
  name: "prod",
  body: {
    spec: {
      gatewayClassName: "amazon-vpc-lattice",
      listeners: [{ name: "http", port: 80, protocol: "HTTP" }],
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
    body: { spec: { parentRefs: [{ name: "prod" }], rules } },
  };
}
