import { expect, test } from "vitest";
import { z } from "zod";
import { conditions } from "../../functions/status/conditions.ts";
import type { Manifest, SimCluster } from "./cluster.ts";
import { place } from "./place.ts";
import { prng } from "./prng.ts";
import { fittings, gateway, isAnswered, openShop, route, type Shop } from "./shop.ts";
import { pass } from "./world.ts";

/** Gateways of one name, in several namespaces: all are for one service network. */
const namespaces = ["shop", "pay", "team"] as const;
const second = 1_000;
const minute = 60 * second;
const hostname = "checkout.example.com";

const open = { allowedRoutes: { namespaces: { from: "All" } } };
const gatewayIn = (namespace: string): Manifest => ({
  ...gateway("prod", "amazon-vpc-lattice"),
  namespace,
  body: {
    spec: {
      gatewayClassName: "amazon-vpc-lattice",
      listeners: [{ name: "http", port: 80, protocol: "HTTP", ...open }],
    },
  },
});

/** A route of that hostname at the Gateways of some namespaces, for what is below a path. */
const routeAt = (name: string, at: readonly string[], path = "/"): Manifest => ({
  ...route(name),
  body: {
    spec: {
      parentRefs: at.map((namespace) => ({ name: "prod", namespace })),
      hostnames: [hostname],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: path } }],
          backendRefs: [{ name: "cart", port: 80 }],
        },
      ],
    },
  },
});

async function openNetwork(seed: string): Promise<Shop & { readonly answers: () => boolean }> {
  const shop = await openShop(
    seed,
    [
      ...fittings,
      ...namespaces.map((name): Manifest => ({ kind: "Namespace", name, body: {} })),
      ...namespaces.map(gatewayIn),
    ],
    { faults: {} },
  );
  const answers = () => isAnswered(shop.world, "prod", hostname);
  return { ...shop, answers };
}

const services = ({ world }: Shop): readonly string[] => [...world.engine.state(place).services.keys()];

const status = z.object({ parents: z.array(z.object({ conditions })).default([]) });

/** What a route says of each of its parents. */
const programmed = (cluster: SimCluster, name: string): readonly (string | undefined)[] =>
  status
    .parse(cluster.get("HTTPRoute", "shop", name)?.status ?? {})
    .parents.map((parent) => parent.conditions.find(({ type }) => type === "Programmed")?.status);

test.each([
  { what: "at two Gateways of one network leaves one", from: ["shop", "pay"], to: ["pay"] },
  { what: "moves to another Gateway of its network", from: ["shop"], to: ["pay"] },
])("a route that $what keeps its service, and nobody is left without an answer", async ({ from, to }) => {
  const shop = await openNetwork(from.join());
  shop.cluster.apply(routeAt("checkout", from));
  await shop.until("it answers", shop.answers, minute);
  await pass(shop.world, 5 * second);
  expect(programmed(shop.cluster, "checkout")).toEqual(from.map(() => "True"));
  const before = services(shop);
  shop.cluster.apply(routeAt("checkout", to));
  for (let tick = 0; tick < 120; tick += 1) {
    await pass(shop.world, second / 2);
    expect(shop.answers(), `after ${tick / 2} s`).toBe(true);
  }
  expect(services(shop)).toEqual(before);
  expect(programmed(shop.cluster, "checkout")).toEqual(["True"]);
  expect(shop.world.dead()).toEqual([]);
});

test("a route that has joined a service whose own route is gone keeps it when it moves to another Gateway of the network", async () => {
  const shop = await openNetwork("joined");
  shop.cluster.apply(routeAt("checkout", ["shop"]));
  await shop.until("it answers", shop.answers, minute);
  shop.cluster.apply(routeAt("another", ["shop"]));
  await pass(shop.world, 20 * second);
  shop.cluster.remove("HTTPRoute", "shop", "checkout");
  await pass(shop.world, 20 * second);
  const before = services(shop);
  shop.cluster.apply(routeAt("another", ["pay"]));
  for (let tick = 0; tick < 120; tick += 1) {
    await pass(shop.world, second / 2);
    expect(shop.answers(), `after ${tick / 2} s`).toBe(true);
  }
  expect(services(shop)).toEqual(before);
  expect(programmed(shop.cluster, "another")).toEqual(["True"]);
});

test("a route that has left the Gateway of its service waits for it, and has it when the others are gone", async () => {
  const shop = await openNetwork("left");
  shop.cluster.apply(routeAt("checkout", ["shop"]));
  await shop.until("it answers", shop.answers, minute);
  shop.cluster.apply(routeAt("another", ["shop"], "/another"));
  await pass(shop.world, 20 * second);
  shop.cluster.apply(routeAt("another", ["pay"], "/another"));
  await pass(shop.world, 20 * second);
  expect(shop.said("HTTPRoute", "another", "Programmed")).toMatchObject({
    status: "False",
    reason: "Invalid",
    message: expect.stringContaining("HTTPRoute shop/checkout"),
  });
  const before = services(shop);
  shop.cluster.remove("HTTPRoute", "shop", "checkout");
  await shop.until("it is served", () => programmed(shop.cluster, "another")[0] === "True", minute);
  expect(isAnswered(shop.world, "prod", hostname, "/another")).toBe(true);
  expect(services(shop)).toEqual(before);
});

test("of Gateways of one network that one counts at which most routes are that are served", async () => {
  const inner = gateway("inner", "amazon-vpc-lattice");
  const alsoInner = (manifest: Manifest): Manifest => {
    const spec = z.looseObject({ parentRefs: z.array(z.unknown()) }).parse(manifest.body["spec"]);
    return { ...manifest, body: { spec: { ...spec, parentRefs: [...spec.parentRefs, { name: "inner" }] } } };
  };
  const shop = await openNetwork("most");
  shop.cluster.apply(inner);
  shop.cluster.apply(alsoInner(routeAt("checkout", ["shop", "pay"])));
  shop.cluster.apply(alsoInner(routeAt("another", ["shop"], "/another")));
  await pass(shop.world, 20 * second);
  shop.cluster.apply(alsoInner(routeAt("another", ["pay"], "/another")));
  for (let tick = 0; tick < 120; tick += 1) {
    await pass(shop.world, second / 2);
    for (const at of ["prod", "inner"])
      expect(isAnswered(shop.world, at, hostname, "/"), `${at} after ${tick / 2} s`).toBe(true);
  }
  expect(programmed(shop.cluster, "another")).toEqual(["True", "True"]);
  expect(services(shop)).toHaveLength(1);
});

test("a Gateway that is not accepted stands for its network while its routes are served there, and their edits arrive", async () => {
  const refused = (namespace: string): Manifest => {
    const spec = z.looseObject({}).parse(gatewayIn(namespace).body["spec"]);
    return { ...gatewayIn(namespace), body: { spec: { ...spec, addresses: [{ value: "10.0.0.1" }] } } };
  };
  const shop = await openNetwork("refused");
  shop.cluster.apply(routeAt("checkout", ["pay"]));
  await shop.until("it answers", shop.answers, minute);
  shop.cluster.apply(refused("shop"));
  shop.cluster.apply(routeAt("checkout", ["shop"]));
  await pass(shop.world, 20 * second);
  shop.cluster.apply(routeAt("checkout", ["shop"], "/edited"));
  const edited = () => !shop.answers() && isAnswered(shop.world, "prod", hostname, "/edited");
  await shop.until("the edit has arrived", edited, minute);
});

test("a hostname on one network is free when its route is gone, for the other Gateway too", async () => {
  const shop = await openNetwork("free");
  shop.cluster.apply(routeAt("checkout", ["shop", "pay"]));
  await shop.until("it answers", shop.answers, minute);
  await pass(shop.world, 5 * second);
  shop.cluster.remove("HTTPRoute", "shop", "checkout");
  await pass(shop.world, minute);
  expect(shop.answers()).toBe(false);
  shop.cluster.apply(routeAt("another", ["pay"]));
  await shop.until("another answers", shop.answers, minute);
  expect(shop.world.dead()).toEqual([]);
});

test("a route of the other Gateway waits for the hostname, and is told for whom it is", async () => {
  const shop = await openNetwork("waits");
  shop.cluster.apply(routeAt("checkout", ["shop"]));
  await shop.until("it answers", shop.answers, minute);
  shop.cluster.apply(routeAt("another", ["pay"]));
  await pass(shop.world, minute);
  expect(shop.said("HTTPRoute", "another", "Programmed")).toMatchObject({
    status: "False",
    message: expect.stringContaining("for Gateway east/shop/prod already"),
  });
  shop.cluster.remove("HTTPRoute", "shop", "checkout");
  await shop.until("another is served", () => programmed(shop.cluster, "another")[0] === "True", minute);
  expect(shop.answers()).toBe(true);
});

/** Routes of one hostname come, move between Gateways, join, part and go, at random moments; answers what is wrong once all is at rest. */
async function moveAbout(seed: string): Promise<readonly string[]> {
  const shop = await openNetwork(seed);
  const random = prng(seed);
  const live = new Set<string>();
  const log: string[] = [];
  const names = ["one", "two", "three"];
  for (let left = 3 + random.below(8); left > 0; left -= 1) {
    const name = random.pick(names);
    const some = namespaces.filter(() => random.chance(0.5));
    const at = some.length > 0 ? some : (["pay"] as const);
    if (live.has(name) && random.chance(0.3)) {
      live.delete(name);
      shop.cluster.remove("HTTPRoute", "shop", name);
      log.push(`${name} goes`);
    } else {
      live.add(name);
      shop.cluster.apply(routeAt(name, at, `/${name}`));
      log.push(`${name} is at ${at.join(" and ")}`);
    }
    await pass(shop.world, random.below(random.chance(0.5) ? 3 * second : 12 * second));
  }
  await pass(shop.world, 20 * minute);
  const isServed = (name: string): boolean => isAnswered(shop.world, "prod", hostname, `/${name}`);
  const wrong = names.flatMap((name) => {
    const says = live.has(name) ? programmed(shop.cluster, name) : [];
    return says.includes("True") === isServed(name)
      ? []
      : [`${name} says ${says.join()} and is ${isServed(name) ? "" : "not "}answered`];
  });
  const count = services(shop).length;
  if (count !== Math.min(1, live.size)) wrong.push(`there are ${count} services`);
  if (live.size > 0 && !names.some(isServed)) wrong.push("nobody is served");
  if (shop.world.dead().length > 0) wrong.push("there are dead letters");
  return wrong.map((text) => `${seed}: ${log.join(", ")}: ${text}`);
}

test("however routes of one hostname move about between Gateways of one network, one service is left, and they say who is served", async () => {
  for (let seed = 1; seed <= 12; seed += 1) expect(await moveAbout(`about-${seed}`)).toEqual([]);
});
