import { expect, test } from "vitest";
import { ledgerKey } from "../../functions/desired/keys.ts";
import { readLedger } from "../../functions/desired/ledger.ts";
import { clusterName, type RootKey } from "../../functions/model/ids.ts";
import { outputOfRead } from "../../functions/model/reads.ts";
import { rootKey } from "../../functions/model/roots.ts";
import { sliceOf } from "./backends.ts";
import type { Manifest } from "./cluster.ts";
import { place } from "./place.ts";
import { fittings, gateway, isAnswered, openShop, route, type Shop } from "./shop.ts";
import { pass } from "./world.ts";

const second = 1_000;
const minute = 60 * second;

/** So many pods of a Service, of which so many are ready. */
const pods = (service: string, count: number, ready = count): Manifest =>
  sliceOf(
    "shop",
    service,
    Array.from({ length: count }, (_, pod) => ({
      addresses: [`10.1.1.${pod + 1}`],
      conditions: { ready: pod < ready },
    })),
  );

const told = (shop: Shop) => shop.said("HTTPRoute", "checkout", "espalier.dev/Endpoints");
const isProgrammed = (shop: Shop): boolean =>
  shop.said("HTTPRoute", "checkout", "Programmed")?.status === "True";

/** How often the route and its services have been looked at. */
async function looks({ world: { table } }: Shop): Promise<readonly unknown[]> {
  const root: RootKey = rootKey({
    kind: "route",
    cluster: clusterName("east"),
    route: "HTTPRoute",
    namespace: "shop",
    name: "checkout",
  });
  const reads = (await readLedger(table, root))?.ledger.reads ?? [];
  const services = reads.flatMap((read) => outputOfRead(read) ?? []);
  return Promise.all([root, ...services].map(async (one) => (await table.get(ledgerKey(one)))?.["fence"]));
}

test.each(["amazon-vpc-lattice", "espalier"] as const)(
  "class %s: a route is told that a backend has no ready endpoint when the last one goes and when one comes, and of no other pod",
  async (its) => {
    const shop = await openShop("endpoints", [...fittings, gateway("prod", its), route("checkout")], {
      faults: {},
    });
    shop.cluster.apply(pods("cart", 3, 0));
    await shop.until("it is served", () => isProgrammed(shop), minute);
    await shop.until("it is told", () => told(shop) !== undefined, minute);
    expect(told(shop)).toMatchObject({
      status: "False",
      reason: "NoneReady",
      message: expect.stringContaining("Service shop/cart, port 80: 0 endpoints"),
    });
    expect(isProgrammed(shop)).toBe(true);
    await pass(shop.world, minute);
    for (const [count, ready] of [
      [3, 1],
      [1, 0],
    ] as const) {
      shop.cluster.apply(pods("cart", count, ready));
      await shop.until("it is told otherwise", () => (told(shop) === undefined) === ready > 0, minute);
      await pass(shop.world, minute);
      const before = await looks(shop);
      for (const more of [4, 3, 2]) {
        shop.cluster.apply(pods("cart", more, ready * more));
        await pass(shop.world, 10 * second);
      }
      expect(await looks(shop)).toEqual(before);
    }
  },
);

test("a rule that only waits for a backend without endpoints sends it nothing, and Programmed says so", async () => {
  const shop = await openShop("waits", [...fittings, gateway("prod", "espalier"), route("checkout")], {
    faults: {},
  });
  await shop.until("it is served", () => isProgrammed(shop), minute);
  const spec = { ports: [{ port: 80, protocol: "TCP" }] };
  shop.cluster.apply({ kind: "Service", namespace: "shop", name: "next", body: { spec } });
  shop.cluster.apply(pods("next", 0));
  const rules = [{ backendRefs: [{ name: "next", port: 80 }] }];
  const its = { parentRefs: [{ name: "prod" }], hostnames: ["checkout.example.com"], rules };
  shop.cluster.apply({ ...route("checkout"), body: { spec: its } });
  await shop.until("it waits", () => !isProgrammed(shop), minute);
  await pass(shop.world, minute);
  expect(shop.said("HTTPRoute", "checkout", "Programmed")).toMatchObject({
    reason: "Pending",
    message: expect.stringContaining("Service shop/next, port 80: 0 endpoints"),
  });
  expect(told(shop)).toBeUndefined();
  shop.cluster.apply(pods("next", 1));
  await shop.until("it is served by it", () => isProgrammed(shop), minute);
  shop.cluster.apply(pods("next", 0));
  await shop.until("it is told", () => told(shop) !== undefined, minute);
  expect(isProgrammed(shop)).toBe(true);
});

test.each(["amazon-vpc-lattice", "espalier"] as const)(
  "class %s: a Service that goes right after its route has moved to another takes no request with it",
  async (its) => {
    const stock: Manifest = {
      kind: "Service",
      namespace: "shop",
      name: "stock",
      body: { spec: { type: "ClusterIP", ipFamilies: ["IPv4"], ports: [{ port: 80, protocol: "TCP" }] } },
    };
    for (const seconds of [0, 1, 2]) {
      const shop = await openShop(
        `moved-${seconds}`,
        [
          ...fittings,
          stock,
          sliceOf("shop", "stock", [{ addresses: ["10.1.2.1"], conditions: { ready: true } }]),
          gateway("prod", its),
          route("checkout"),
        ],
        { faults: {} },
      );
      await shop.until("it is served", () => isProgrammed(shop), minute);
      await pass(shop.world, 10 * second);
      shop.cluster.apply({
        ...route("checkout"),
        body: {
          spec: {
            parentRefs: [{ name: "prod" }],
            hostnames: ["checkout.example.com"],
            rules: [{ backendRefs: [{ name: "stock", port: 80 }] }],
          },
        },
      });
      await pass(shop.world, seconds * second);
      shop.cluster.remove("Service", "shop", "cart");
      for (let tick = 0; tick < 100; tick += 1) {
        await pass(shop.world, 100);
        expect(isAnswered(shop.world, "prod", "checkout.example.com"), `after ${tick / 10} s`).toBe(true);
      }
      await pass(shop.world, 5 * minute);
      expect([...shop.world.engine.state(place).groups.values()].map(({ name }) => name)).toEqual([
        expect.stringContaining("-stock-"),
      ]);
    }
  },
);
