import { expect, test } from "vitest";
import { z } from "zod";
import type { Manifest } from "./cluster.ts";
import { calm } from "./faults.ts";
import { fittings, gateway, openShop, type Shop } from "./shop.ts";
import { pass } from "./world.ts";

const minute = 60_000;

/** A route without hostname: it is in the Gateway's default service. */
const plain = (path: string): Manifest => ({
  kind: "HTTPRoute",
  namespace: "shop",
  name: "plain",
  body: {
    spec: {
      parentRefs: [{ name: "prod" }],
      rules: [
        { matches: [{ path: { type: "Exact", value: path } }], backendRefs: [{ name: "cart", port: 80 }] },
      ],
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
