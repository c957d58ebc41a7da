import { expect, test } from "vitest";
import { z } from "zod";
import type { Manifest } from "./cluster.ts";
import { calm } from "./faults.ts";
import { fittings, gateway, isAnswered, openShop, route, type Shop } from "./shop.ts";
import { pass } from "./world.ts";

const minute = 60_000;

/** A route without hostname, with a rule for each path: it is in the Gateway's default service. */
const plain = (...paths: readonly string[]): Manifest => ({
  kind: "HTTPRoute",
  namespace: "shop",
  name: "plain",
  body: {
    spec: {
      parentRefs: [{ name: "prod" }],
      rules: paths.map((value) => ({
        matches: [{ path: { type: "Exact", value } }],
        backendRefs: [{ name: "cart", port: 80 }],
      })),
    },
  },
});

const onPorts = (...ports: readonly number[]): Manifest => ({
  ...gateway("prod", "espalier"),
  body: {
    spec: {
      gatewayClassName: "espalier",
      listeners: ports.map((port) => ({ name: `http-${port}`, port, protocol: "HTTP" })),
    },
  },
});

const published = z.object({ addresses: z.array(z.object({ value: z.string() })).default([]) });
const addresses = ({ cluster }: Shop) =>
  published.parse(cluster.get("Gateway", "shop", "prod")?.status ?? {}).addresses.map(({ value }) => value);

const programmed = (shop: Shop) => shop.said("Gateway", "prod", "Programmed");
const isProgrammed = (shop: Shop) => programmed(shop)?.status === "True";

test.each([
  { operation: "CreateServiceNetworkServiceAssociation", has: 0 },
  { operation: "CreateListener", has: 1 },
])(
  "a Gateway of class espalier whose default service cannot have $operation is not programmed",
  async ({ operation, has }) => {
    const shop = await openShop("gateway-denied", [...fittings, gateway("prod", "espalier"), plain("/")], {
      faults: { denied: (one) => one === operation },
    });
    await pass(shop.world, 5 * minute);
    expect(programmed(shop)).toEqual(
      expect.objectContaining({
        status: "False",
        reason: "Failed",
        message: expect.stringContaining(`${operation}: AccessDeniedException`),
      }),
    );
    // Without an association nobody reaches the service by its name.
    expect(addresses(shop)).toHaveLength(has);
    shop.world.faults = calm;
    await shop.until("it is programmed", () => isProgrammed(shop), 40 * minute);
    expect(addresses(shop)).toHaveLength(1);
  },
);

test("a Gateway of class espalier stays programmed while a route of its default service comes, changes or fails", async () => {
  const shop = await openShop("steady", [...fittings, gateway("prod", "espalier")], { faults: {} });
  await shop.until("it is programmed", () => isProgrammed(shop), minute);
  const said = new Set<string | undefined>();
  shop.cluster.onChange = () => said.add(programmed(shop)?.status);
  shop.cluster.apply(plain("/"));
  await pass(shop.world, minute);
  shop.cluster.apply(plain("/other"));
  await pass(shop.world, minute);
  shop.world.faults = { ...calm, denied: (one) => one === "UpdateRule" || one === "CreateRule" };
  shop.cluster.apply(plain("/denied"));
  await pass(shop.world, minute);
  expect(shop.said("HTTPRoute", "plain", "Programmed")?.reason).toBe("Failed");
  expect([...said]).toEqual(["True"]);
  expect(addresses(shop)).toHaveLength(1);
});

test.each([
  {
    quota: "needs 11 rules, quota 10",
    its: onPorts(80),
    big: plain(...Array.from({ length: 11 }, (_, at) => `/${at}`)),
    small: plain("/"),
  },
  {
    quota: "needs 3 listeners, quota 2",
    its: onPorts(80, 8080, 8081),
    big: plain("/"),
    small: plain("/"),
  },
])(
  "a route that was there before its Gateway of class espalier and $quota does not keep it from its address",
  async ({ quota, its, big, small }) => {
    const shop = await openShop("before", [...fittings, big, route("other"), its], { faults: {} });
    await shop.until("the Gateway is programmed", () => isProgrammed(shop), 2 * minute);
    expect(addresses(shop)).toHaveLength(1);
    await pass(shop.world, minute);
    expect(isProgrammed(shop)).toBe(true);
    const told = shop.said("HTTPRoute", "plain", "Programmed");
    expect(told).toEqual(expect.objectContaining({ status: "False", reason: "Invalid" }));
    expect(told?.message).toContain(quota);
    // Once it fits, it is served at the address that there is.
    const [address = ""] = addresses(shop);
    shop.cluster.apply(onPorts(80));
    shop.cluster.apply(small);
    await shop.until("it is answered", () => isAnswered(shop.world, "prod", address, "/"), minute);
    expect(addresses(shop)).toEqual([address]);
  },
);
