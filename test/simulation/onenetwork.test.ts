import { expect, test } from "vitest";
import { z } from "zod";
import { conditions } from "../../functions/status/conditions.ts";
import type { Manifest, SimCluster } from "./cluster.ts";
import { place } from "./place.ts";
import { fittings, gateway, isAnswered, openShop, route, type Shop } from "./shop.ts";
import { pass } from "./world.ts";

/** Two Gateways of one name, in two namespaces: both are for one service network. */
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

/** A route of that hostname at the Gateways of some namespaces. */
const routeAt = (name: string, namespaces: readonly string[]): Manifest => ({
  ...route(name),
  body: {
    spec: {
      parentRefs: namespaces.map((namespace) => ({ name: "prod", namespace })),
      hostnames: [hostname],
      rules: [{ backendRefs: [{ name: "cart", port: 80 }] }],
    },
  },
});

async function openNetwork(seed: string): Promise<Shop & { readonly answers: () => boolean }> {
  const shop = await openShop(
    seed,
    [...fittings, { kind: "Namespace", name: "pay", body: {} }, gatewayIn("shop"), gatewayIn("pay")],
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
