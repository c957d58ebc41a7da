import { describe, expect, test } from "vitest";
import { clusterName, later } from "../../functions/model/ids.ts";
import { routeKinds } from "../../functions/model/routes.ts";
import { controllers } from "../../functions/model/verdict.ts";
import type { Manifest, SimCluster } from "./cluster.ts";
import { carryOut, type Carried } from "./incumbent.ts";
import { place } from "./place.ts";
import { createWorld, type World } from "./world.ts";

/** A cluster that moves over from the in-cluster controller: what that one has made is Lattice's state, and nothing else is known. */

const certificate = "arn:aws:acm:eu-central-1:111122223333:certificate/0a1b";
const pods = { checkout: ["10.1.1.1", "10.1.1.2"], v2: ["10.1.2.1"] };
const web = [
  { port: 80, protocol: "HTTP" },
  { port: 443, protocol: "HTTPS" },
] as const;

const path = (kind: "exact" | "prefix", value: string) => ({
  pathMatch: { match: { [kind]: value }, caseSensitive: true },
});
const header = (name: string, value: string) => ({ name, match: { exact: value }, caseSensitive: false });

/** What the in-cluster controller has made of `manifests`. */
const carried: readonly Carried[] = [
  {
    kind: "HTTPRoute",
    name: "checkout",
    hostname: "shop.example.com",
    certificate,
    networks: ["prod", "edge"],
    groups: pods,
    listeners: web,
    rules: [
      {
        match: {
          method: "GET",
          ...path("prefix", "/cart/"),
          headerMatches: [header("X-Canary", "Yes"), header("a", "b")],
        },
        to: [{ service: "v2", weight: 1 }],
      },
      {
        match: path("prefix", "/"),
        to: [
          { service: "checkout", weight: 90 },
          { service: "v2", weight: 10 },
        ],
      },
      { match: path("exact", "/health"), to: [{ service: "checkout", weight: 1 }] },
    ],
  },
  {
    kind: "GRPCRoute",
    name: "calls",
    certificate,
    networks: ["prod"],
    groups: { checkout: pods.checkout },
    listeners: [{ port: 443, protocol: "HTTPS" }],
    rules: [
      {
        match: { method: "POST", ...path("exact", "/pay.Pay/Charge") },
        to: [{ service: "checkout", weight: 1 }],
      },
      { match: { method: "POST", ...path("prefix", "/pay.Pay/") }, to: [{ service: "checkout", weight: 1 }] },
      { match: { method: "POST", ...path("prefix", "/") }, to: [{ service: "checkout", weight: 1 }] },
    ],
  },
  {
    kind: "TLSRoute",
    name: "through",
    hostname: "tls.example.com",
    networks: ["prod"],
    groups: pods,
    listeners: [{ port: 8443, protocol: "TLS_PASSTHROUGH" }],
    rules: [
      {
        match: {},
        to: [
          { service: "checkout", weight: 3 },
          { service: "v2", weight: 1 },
        ],
      },
    ],
  },
];

const gateway = (name: string): Manifest => ({
  kind: "Gateway",
  namespace: "shop",
  name,
  body: {
    spec: {
      gatewayClassName: "amazon-vpc-lattice",
      listeners: [
        { name: "http", port: 80, protocol: "HTTP" },
        {
          name: "https",
          port: 443,
          protocol: "HTTPS",
          tls: {
            mode: "Terminate",
            options: { "application-networking.k8s.aws/certificate-arn": certificate },
          },
        },
        { name: "tls", port: 8443, protocol: "TLS", tls: { mode: "Passthrough" } },
      ],
    },
  },
});

const endpoints = (name: string, ips: readonly string[]): Manifest => ({
  kind: "EndpointSlice",
  namespace: "shop",
  name: `${name}-1`,
  labels: { "kubernetes.io/service-name": name },
  body: {
    addressType: "IPv4",
    ports: [{ port: 8080, protocol: "TCP" }],
    endpoints: ips.map((ip) => ({ addresses: [ip], conditions: { ready: true } })),
  },
});

const route = (kind: Carried["kind"], name: string, spec: object): Manifest => ({
  kind,
  namespace: "shop",
  name,
  body: { spec: { parentRefs: [{ name: "prod" }], ...spec } },
});

const checkout = (weight: number, hostname = "shop.example.com"): Manifest =>
  route("HTTPRoute", "checkout", {
    parentRefs: [{ name: "prod" }, { name: "edge" }],
    hostnames: [hostname, "www.example.com"],
    rules: [
      {
        matches: [
          {
            method: "GET",
            path: { type: "PathPrefix", value: "/cart/" },
            headers: [
              { name: "X-Canary", value: "Yes" },
              { name: "a", value: "b" },
            ],
          },
        ],
        backendRefs: [{ name: "v2", port: 80 }],
      },
      {
        backendRefs: [
          { name: "checkout", port: 80, weight },
          { name: "v2", port: 80, weight: 10 },
        ],
      },
      {
        matches: [{ path: { type: "Exact", value: "/health" } }],
        backendRefs: [{ name: "checkout", port: 80 }],
      },
    ],
  });

const to = (name: string) => [{ name, port: 80 }];
const manifests: readonly Manifest[] = [
  {
    kind: "GatewayClass",
    name: "amazon-vpc-lattice",
    body: { spec: { controllerName: controllers["amazon-vpc-lattice"] } },
  },
  { kind: "Namespace", name: "shop", labels: { "kubernetes.io/metadata.name": "shop" }, body: {} },
  gateway("prod"),
  gateway("edge"),
  ...Object.entries(pods).flatMap(([name, ips]): readonly Manifest[] => [
    {
      kind: "Service",
      namespace: "shop",
      name,
      body: { spec: { type: "ClusterIP", ipFamilies: ["IPv4"], ports: [{ port: 80, protocol: "TCP" }] } },
    },
    endpoints(name, ips),
  ]),
  checkout(90),
  route("GRPCRoute", "calls", {
    rules: [
      { matches: [{ method: { service: "pay.Pay", method: "Charge" } }], backendRefs: to("checkout") },
      { matches: [{ method: { service: "pay.Pay" } }], backendRefs: to("checkout") },
      { backendRefs: to("checkout") },
    ],
  }),
  route("TLSRoute", "through", {
    hostnames: ["tls.example.com"],
    rules: [{ backendRefs: [{ name: "checkout", port: 80, weight: 3 }, ...to("v2")] }],
  }),
];

interface Moved {
  readonly world: World;
  readonly cluster: SimCluster;
  /** Calls that change something, since the last look. */
  readonly calls: () => readonly string[];
}

/** Lets a cluster move over, and time pass until the schedule has looked at everything as well. */
async function move(there: readonly Carried[]): Promise<Moved> {
  const world = await createWorld("moved", undefined, "incumbent");
  await carryOut(world, there);
  let calls: string[] = [];
  world.onCall = (operation) => calls.push(operation);
  const cluster = world.clusters.get(clusterName("east"));
  if (cluster === undefined) throw new Error("no cluster east");
  for (const manifest of manifests) cluster.apply(manifest);
  await pass(world, 25);
  const taken = (): readonly string[] => {
    const made = calls;
    calls = [];
    return made.toSorted();
  };
  return { world, cluster, calls: taken };
}

/** Lets so many minutes pass. */
async function pass(world: World, minutes: number): Promise<void> {
  world.scheduler.after(minutes * 60_000, () => {});
  await world.scheduler.run(later(world.scheduler.now(), minutes * 60_000));
}

/** What the routes of a cluster say of being programmed, each with its reasons. */
const programmed = (cluster: SimCluster): readonly string[] =>
  routeKinds.flatMap((kind) =>
    cluster.all(kind).map(({ metadata, status }) => {
      const text = JSON.stringify(status);
      const found = [...text.matchAll(/"type":"Programmed","status":"(\w+)"[^}]*"message":"([^"]*)"/g)];
      return `${metadata.name}: ${[...new Set(found.map(([, is, why]) => `${is} ${why}`))].join(", ")}`;
    }),
  );

describe("a cluster that moves over", () => {
  test("the first plan is empty: everything is found, nothing is called, and the routes say so", async () => {
    const { cluster, calls } = await move(carried);
    expect(calls()).toEqual([]);
    expect(programmed(cluster)).toEqual(["checkout: True ", "calls: True ", "through: True "]);
  });

  test("a resource gets our tags with its first change, and a change costs one call from then on", async () => {
    const { world, cluster, calls } = await move(carried);
    cluster.apply(checkout(50));
    await pass(world, 1);
    expect(calls()).toEqual(["TagResource", "UpdateRule", "UpdateRule"]);
    cluster.apply(checkout(60));
    await pass(world, 1);
    expect(calls()).toEqual(["UpdateRule", "UpdateRule"]);
    cluster.apply(endpoints("v2", ["10.1.2.1", "10.1.2.2"]));
    await pass(world, 1);
    // One group of the HTTPRoute, one of the TLSRoute.
    expect(calls()).toEqual(["RegisterTargets", "RegisterTargets", "TagResource", "TagResource"]);
    cluster.apply(endpoints("v2", ["10.1.2.1"]));
    await pass(world, 1);
    expect(calls()).toEqual(["DeregisterTargets", "DeregisterTargets"]);
  });

  test("of several groups with the same tags the one that a service uses is taken, and the others are left alone", async () => {
    // The tagging API is behind at times, and then the in-cluster controller makes a group again.
    const { world, calls } = await move(carried.map((one) => ({ ...one, spares: 3 })));
    expect(calls()).toEqual([]);
    expect(world.engine.state(place).groups.size).toBe(5 * 4);
  });

  test("what bears another owner's tag is left alone, and the route says whose it is", async () => {
    const owner = "111122223333/west/vpc-0123456789abcdef0";
    const { world, cluster, calls } = await move(carried.map((one) => ({ ...one, owner })));
    expect(calls().filter((one) => !/^(Create|Register)Target/.test(one))).toEqual([]);
    expect(world.engine.state(place).services.size).toBe(3);
    for (const said of programmed(cluster)) expect(said).toMatch(/False arn:.* is not ours/);
  });

  test("a route that is deleted takes with it what was taken over, and nothing else", async () => {
    const { world, cluster, calls } = await move(carried);
    world.engine.call(place, "CreateService", { name: "by-hand" });
    cluster.remove("HTTPRoute", "shop", "checkout");
    await pass(world, 5);
    expect(new Set(calls())).toEqual(
      new Set([
        "DeleteServiceNetworkServiceAssociation",
        "DeleteService",
        "DeregisterTargets",
        "DeleteTargetGroup",
      ]),
    );
    const { services, groups } = world.engine.state(place);
    expect([...services.values()].map((one) => one.name)).toEqual(["calls-shop", "through-shop", "by-hand"]);
    expect(groups.size).toBe(3);
  });

  test("a hostname that changes is ignored, and what else changes is not", async () => {
    const { world, cluster, calls } = await move(carried);
    cluster.apply(checkout(50, "new.example.com"));
    await pass(world, 1);
    expect(calls()).toEqual(["TagResource", "UpdateRule", "UpdateRule"]);
    expect(programmed(cluster)[0]).toMatch(/False its custom domain is shop.example.com and cannot become/);
  });
});
