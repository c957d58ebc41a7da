import { expect, test } from "vitest";
import { z } from "zod";
import type { Manifest } from "./cluster.ts";
import { place } from "./place.ts";
import { fittings, gateway, isAnswered, openShop, route, type Shop } from "./shop.ts";
import { pass } from "./world.ts";

const second = 1_000;
const minute = 60 * second;

const prod = gateway("prod", "amazon-vpc-lattice");
/** A Gateway that asks for an address of its own, which Lattice does not give. */
const refused = (name: string): Manifest => {
  const its = gateway(name, "amazon-vpc-lattice");
  const spec = z.looseObject({}).parse(its.body["spec"]);
  return { ...its, body: { spec: { ...spec, addresses: [{ value: "10.0.0.1" }] } } };
};

/** A route at some Gateways, for what is below a path. */
const routeAt = (
  name: string,
  at: readonly string[],
  more: { readonly hostnames?: readonly string[]; readonly path?: string } = {},
): Manifest => ({
  ...route(name),
  body: {
    spec: {
      parentRefs: at.map((gatewayName) => ({ name: gatewayName })),
      ...(more.hostnames && { hostnames: more.hostnames }),
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: more.path ?? "/" } }],
          backendRefs: [{ name: "cart", port: 80 }],
        },
      ],
    },
  },
});

/** The names of the networks that services are in. */
function networksIn({ world }: Shop): readonly string[] {
  const state = world.engine.state(place);
  return [...state.associations.values()].map((one) => state.networks.get(one.network)?.name ?? "").sort();
}

test("a route without a hostname does not come into the network of a Gateway that is not accepted", async () => {
  const shop = await openShop("hostnameless", [...fittings, prod, routeAt("checkout", ["prod"])], {
    faults: {},
  });
  await shop.until("it is served", () => networksIn(shop).length === 1, minute);
  shop.cluster.apply(refused("inner"));
  shop.cluster.apply(routeAt("checkout", ["prod", "inner"]));
  await pass(shop.world, minute);
  expect(networksIn(shop)).toEqual(["prod"]);
  // One that is refused while the service is in its network takes nothing away.
  shop.cluster.apply(refused("prod"));
  await pass(shop.world, minute);
  expect(networksIn(shop)).toEqual(["prod"]);
});

test("a route that is new does not join a service at a Gateway that is not accepted, and those that it serves go on", async () => {
  const hostnames = ["checkout.example.com"];
  const shop = await openShop("joins", [...fittings, prod, routeAt("checkout", ["prod"], { hostnames })], {
    faults: {},
  });
  const answers = (path: string): boolean => isAnswered(shop.world, "prod", "checkout.example.com", path);
  shop.cluster.apply(routeAt("checkout", ["prod"], { hostnames, path: "/one" }));
  await shop.until("it answers", () => answers("/one"), minute);
  shop.cluster.apply(refused("prod"));
  await pass(shop.world, 10 * second);
  shop.cluster.apply(routeAt("another", ["prod"], { hostnames, path: "/two" }));
  await pass(shop.world, minute);
  expect(answers("/two")).toBe(false);
  expect(shop.said("HTTPRoute", "another", "Programmed")).toMatchObject({
    status: "False",
    reason: "Invalid",
    message: expect.stringContaining("Gateway shop/prod is not accepted"),
  });
  shop.cluster.apply(routeAt("checkout", ["prod"], { hostnames, path: "/three" }));
  await shop.until("an edit of the one that is served arrives", () => answers("/three"), minute);
  shop.cluster.apply(prod);
  await shop.until("the new one is served", () => answers("/two"), minute);
});

test.each(["espalier", "amazon-vpc-lattice"] as const)(
  "a listener that is added by mistake and is in conflict costs a route of its neighbour neither traffic nor its service (class %s)",
  async (its) => {
    const plain = gateway("prod", its);
    const hostnames = ["checkout.example.com"];
    const shop = await openShop(
      `typo-${its}`,
      [...fittings, plain, routeAt("checkout", ["prod"], { hostnames })],
      {
        faults: {},
      },
    );
    const answers = (): boolean => isAnswered(shop.world, "prod", "checkout.example.com");
    await shop.until("it answers", answers, minute);
    await pass(shop.world, 10 * second);
    const names = (): readonly string[] =>
      [...shop.world.engine.state(place).services.values()].map((one) => one.dnsName).sort();
    const before = names();
    const http = { name: "http", port: 80, protocol: "HTTP" };
    const typo = { name: "typo", port: 80, protocol: "HTTPS" };
    shop.cluster.apply({ ...plain, body: { spec: { gatewayClassName: its, listeners: [http, typo] } } });
    for (let tick = 0; tick < 60; tick += 1) {
      await pass(shop.world, second);
      expect(answers(), `after ${tick} s`).toBe(true);
    }
    expect(shop.said("HTTPRoute", "checkout", "Programmed")).toMatchObject({
      status: "False",
      reason: "Invalid",
    });
    shop.cluster.apply(plain);
    await pass(shop.world, minute);
    expect(names()).toEqual(before);
    expect(shop.said("HTTPRoute", "checkout", "Programmed")).toMatchObject({ status: "True" });
  },
);
