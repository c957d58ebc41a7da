import { expect, test } from "vitest";
import { fittings, gateway, openShop, route } from "./shop.ts";
import { pass } from "./world.ts";

test.each(["amazon-vpc-lattice", "espalier"] as const)(
  "class %s: a Gateway and a route are accepted within a second, however slow Lattice is",
  async (its) => {
    const slow = { faults: { slowMs: 5_000 } };
    const shop = await openShop("slow", [...fittings, gateway("prod", its)], slow);
    const accepted = (kind: "Gateway" | "HTTPRoute", name: string) => () =>
      shop.said(kind, name, "Accepted")?.status === "True";
    await shop.until("the Gateway is accepted", accepted("Gateway", "prod"), 1_000);
    shop.cluster.apply(route("checkout"));
    await shop.until("the route is accepted", accepted("HTTPRoute", "checkout"), 1_000);
    expect(shop.said("HTTPRoute", "checkout", "Programmed")?.status).not.toBe("True");
  },
);

test("a route is accepted within a second while many services are made that Lattice is slow with", async () => {
  const slow = { faults: { slowMs: 5_000, atOnce: 10 } };
  const shop = await openShop("burst", [...fittings, gateway("prod", "amazon-vpc-lattice")], slow);
  for (let number = 0; number < 60; number += 1) shop.cluster.apply(route(`burst-${number}`));
  await pass(shop.world, 4_000);
  expect(shop.said("HTTPRoute", "burst-59", "Programmed")?.status).not.toBe("True");
  shop.cluster.apply(route("checkout"));
  const isAccepted = () => shop.said("HTTPRoute", "checkout", "Accepted")?.status === "True";
  await shop.until("the route is accepted", isAccepted, 1_000);
});
