import { describe, expect, test } from "vitest";
import { register } from "../../functions/desired/clusters.ts";
import { clusterName } from "../../functions/model/ids.ts";
import type { Manifest } from "./cluster.ts";
import type { Carried } from "./incumbent.ts";
import { carried, endpoints, manifests, route } from "./movedcluster.ts";
import { minutes, move, programmed, type Moved } from "./moving.ts";
import { place } from "./place.ts";
import { prng } from "./prng.ts";
import { fittings, gateway, isAnswered, openShop, type Shop } from "./shop.ts";
import { pass, registrationOf } from "./world.ts";

/** Routes of one hostname in profile `incumbent`, where each has a service of its own and a network takes the hostname once. */

const hostname = "shop.example.com";
const [checkout, ...rest] = carried;
if (checkout === undefined) throw new Error("no route was carried out");
const west = `${place.account}/west/vpc-0123456789abcdef0`;

/** A second route of the hostname that the HTTPRoute of the moved cluster has in `prod` and `edge`. */
const second = (...parents: readonly string[]): Manifest =>
  route("HTTPRoute", "second", {
    parentRefs: parents.map((name) => ({ name })),
    hostnames: [hostname],
    rules: [{ backendRefs: [{ name: "v2", port: 80 }] }],
  });

/** What the in-cluster controller has made of it where Lattice has refused its association: it goes no further. */
const outside: Carried = {
  kind: "HTTPRoute",
  name: "second",
  hostname,
  networks: [],
  groups: { v2: ["10.1.2.1"] },
  listeners: [],
  rules: [],
};

/** The same where it was the first, and the other is outside. */
const inside: readonly Carried[] = [
  {
    ...checkout,
    networks: [],
    listeners: [],
    rules: [],
    groups: { checkout: checkout.groups["checkout"] ?? [] },
  },
  {
    ...outside,
    ...(checkout.certificate !== undefined && { certificate: checkout.certificate }),
    networks: ["prod"],
    listeners: checkout.listeners,
    rules: [
      {
        match: { pathMatch: { match: { prefix: "/" }, caseSensitive: true } },
        to: [{ service: "v2", weight: 1 }],
      },
    ],
  },
  ...rest,
];

/** The moved cluster without its HTTPRoute. */
const others = manifests.filter(({ kind }) => kind !== "HTTPRoute");

const heldBy = (name: string, network = "prod"): RegExp =>
  new RegExp(
    `^False hostname ${hostname} is served on service network ${network} by the service of HTTPRoute shop/${name} already; `,
  );

const says = ({ cluster }: Pick<Moved, "cluster">, name: string): string | undefined =>
  programmed(cluster)
    .find((one) => one.startsWith(`${name}: `))
    ?.slice(name.length + 2);

describe("a cluster that moves over with two routes of one hostname", () => {
  test.each([
    { what: "the first", there: [...carried, outside], objects: [...manifests, second("prod")] },
    { what: "the last", there: [...carried, outside], objects: [second("prod"), ...manifests] },
  ])("keeps the one that is in the network, $what to come, and the other is told", async (its) => {
    const moved = await move(its.there, its.objects);
    expect(moved.calls()).toEqual([]);
    expect(moved.refused).toEqual([]);
    expect(says(moved, "checkout")).toBe("True");
    expect(says(moved, "second")).toMatch(heldBy("checkout"));
    expect(says(moved, "second")).toContain("make a route of another name for another hostname");
  });

  test("keeps the younger one too, where that is the one in the network", async () => {
    const objects = [...others, only("checkout"), second("prod")];
    const moved = await move(inside, objects);
    expect(moved.calls()).toEqual([]);
    expect(moved.refused).toEqual([]);
    expect(says(moved, "second")).toBe("True");
    expect(says(moved, "checkout")).toMatch(heldBy("second"));
  });

  test("follows the pods of what is outside, and brings it in when the other goes", async () => {
    const moved = await move([...carried, outside], [...manifests, second("prod")]);
    moved.calls();
    moved.cluster.apply(endpoints("v2", ["10.1.2.1", "10.1.2.2"]));
    await minutes(moved.world, 1);
    // Its own group, and those of the HTTPRoute and the TLSRoute.
    expect(moved.calls().filter((call) => call === "RegisterTargets")).toHaveLength(3);
    moved.cluster.remove("HTTPRoute", "shop", "checkout");
    await minutes(moved.world, 5);
    expect(says(moved, "second")).toBe("True");
    expect(moved.refused).toEqual([]);
    expect(isAnswered(moved.world, "prod", hostname)).toBe(true);
    expect(moved.calls()).not.toContain("CreateService");
  });

  test("has it in profile standard in one service for both", async () => {
    const moved = await move([...carried, outside], [...manifests, second("prod", "edge")]);
    const { world, cluster } = moved;
    await register(registrationOf(cluster, "standard"), { ...world, now: world.scheduler.now() });
    await minutes(world, 5);
    expect(programmed(cluster)).toEqual(["checkout: True", "second: True", "calls: True", "through: True"]);
    const its = [...world.engine.state(place).services.values()].filter(
      ({ customDomainName }) => customDomainName === hostname,
    );
    expect(its).toHaveLength(1);
    for (const name of ["prod", "edge"]) expect(isAnswered(world, name, hostname, "/cart/")).toBe(true);
  });
});

/** The HTTPRoute in `prod` alone. */
const only = (name: string): Manifest =>
  route("HTTPRoute", name, {
    hostnames: [hostname],
    rules: [{ backendRefs: [{ name: "checkout", port: 80 }] }],
  });

test("a route that comes later is told, makes nothing, and has the hostname when the other goes", async () => {
  const moved = await move(carried);
  moved.calls();
  moved.cluster.apply(second("prod"));
  await minutes(moved.world, 10);
  expect(moved.calls()).toEqual([]);
  expect(moved.refused).toEqual([]);
  expect(says(moved, "second")).toMatch(heldBy("checkout"));
  expect(says(moved, "second")).toContain(
    "give the route another hostname, delete the other, or move the cluster to profile standard",
  );
  moved.cluster.remove("HTTPRoute", "shop", "checkout");
  await minutes(moved.world, 2);
  expect(says(moved, "second")).toBe("True");
  expect(moved.refused).toEqual([]);
  expect(isAnswered(moved.world, "prod", hostname)).toBe(true);
});

test("it has the hostname in networks in which nobody else has it, and says in which it has not", async () => {
  const moved = await move(carried);
  moved.cluster.apply(second("inner", "prod"));
  moved.cluster.apply(gateway("inner", "amazon-vpc-lattice"));
  await minutes(moved.world, 10);
  expect(moved.refused).toEqual([]);
  expect(says(moved, "second")).toMatch(heldBy("checkout"));
  expect(isAnswered(moved.world, "inner", hostname)).toBe(true);
});

test("another hostname lets it in", async () => {
  const moved = await move(carried);
  moved.cluster.apply(second("prod"));
  await minutes(moved.world, 1);
  moved.cluster.apply({
    ...second("prod"),
    body: { spec: { ...Object(second("prod").body["spec"]), hostnames: ["second.example.com"] } },
  });
  await minutes(moved.world, 1);
  expect(says(moved, "second")).toBe("True");
  expect(isAnswered(moved.world, "prod", "second.example.com")).toBe(true);
});

test("whose service is in the network has the hostname, although another has claimed it before that was known", async () => {
  // Cluster west has not moved over yet.
  const moved = await move([{ ...checkout, owner: west }], [...others, second("prod")]);
  expect(says(moved, "second")).toMatch(/^False CreateServiceNetworkServiceAssociation: ConflictException/);
  const later = moved.world.clusters.get(clusterName("west"));
  if (later === undefined) throw new Error("no cluster west");
  for (const manifest of manifests) later.apply(manifest);
  await minutes(moved.world, 25);
  const { length } = moved.refused;
  expect(says({ cluster: later }, "checkout")).toBe("True");
  expect(says(moved, "second")).toMatch(/by the service of HTTPRoute shop\/checkout of cluster west already/);
  await minutes(moved.world, 25);
  expect(moved.refused).toHaveLength(length);
});

/** Routes of one hostname come and go at random moments, while calls fail or land late; answers what is wrong at rest. */
async function comeAndGo(seed: string): Promise<readonly string[]> {
  const networks = ["prod", "inner"] as const;
  const shop: Shop = await openShop(
    seed,
    [...fittings, ...networks.map((name) => gateway(name, "amazon-vpc-lattice"))],
    {
      profile: "incumbent",
      faults: { crash: 0.02, lateCall: 0.03, lostAnswer: 0.03, throttle: 0.05, duplicate: 0.1 },
    },
  );
  const { world, cluster } = shop;
  const random = prng(seed);
  const names = ["one", "two", "three"];
  const live = new Map<string, readonly string[]>();
  const log: string[] = [];
  for (let left = 3 + random.below(8); left > 0; left -= 1) {
    const name = random.pick(names);
    const some = networks.filter(() => random.chance(0.6));
    const at = some.length > 0 ? some : (["prod"] as const);
    if (live.has(name) && random.chance(0.4)) {
      live.delete(name);
      cluster.remove("HTTPRoute", "shop", name);
      log.push(`${name} goes`);
    } else {
      live.set(name, at);
      const rules = [
        {
          matches: [{ path: { type: "PathPrefix", value: `/${name}` } }],
          backendRefs: [{ name: "cart", port: 80 }],
        },
      ];
      cluster.apply(
        route("HTTPRoute", name, {
          parentRefs: at.map((one) => ({ name: one })),
          hostnames: [hostname],
          rules,
        }),
      );
      log.push(`${name} is at ${at.join(" and ")}`);
    }
    await pass(world, random.below(random.chance(0.5) ? 3_000 : 12_000));
  }
  world.faults = { ...world.faults, crash: 0, lateCall: 0, lostAnswer: 0, throttle: 0 };
  await pass(world, 8 * 60_000);
  const wrong: string[] = [];
  for (const network of networks) {
    const asking = [...live].filter(([, at]) => at.includes(network)).map(([name]) => name);
    const served = names.filter((name) => isAnswered(world, network, hostname, `/${name}`));
    if (served.length !== Math.min(1, asking.length) || served.some((name) => !asking.includes(name)))
      wrong.push(`in ${network} ${served.join()} is served of ${asking.join()}`);
  }
  for (const [name, at] of live) {
    const isServed = at.every((network) => isAnswered(world, network, hostname, `/${name}`));
    const its = says(shop, name) ?? "";
    if (isServed ? its !== "True" : !/^False hostname .* already; /.test(its))
      wrong.push(`${name} says ${its}`);
  }
  return wrong.length === 0 ? [] : [`${seed}: ${log.join("; ")}: ${wrong.join("; ")}`];
}

test("of routes that come and go one has the hostname in each network, and every other says who", async () => {
  const wrong: string[] = [];
  for (let seed = 0; seed < 5; seed += 1) wrong.push(...(await comeAndGo(`rivals-${seed}`)));
  expect(wrong).toEqual([]);
});
