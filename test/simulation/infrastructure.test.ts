import { expect, test } from "vitest";
import { borne } from "./accounts.ts";
import type { Manifest } from "./cluster.ts";
import { fittings, gateway, openShop, type Shop } from "./shop.ts";
import { pass } from "./world.ts";

const minute = 60_000;

const bearing = (labels: Readonly<Record<string, string>>): Manifest => ({
  ...gateway("edge", "espalier"),
  body: {
    spec: {
      gatewayClassName: "espalier",
      infrastructure: { labels },
      listeners: [{ name: "http", port: 80, protocol: "HTTP" }],
    },
  },
});

/** What the ServiceAccount of the Gateway as it is now bears; that of one before it is Kubernetes' to remove. */
function labelsOf({ cluster }: Shop): Readonly<Record<string, string>> | undefined {
  const uid = cluster.get("Gateway", "shop", "edge")?.metadata.uid;
  const its = cluster.accounts().filter((one) => one.metadata.ownerReferences[0]?.uid === uid);
  expect(its.length).toBeLessThan(2);
  return its[0] && borne(its[0]).labels;
}

// Messages come twice, workers die and freeze, and one call in ten of the cluster's API is not heard or not answered.
const faults = { duplicate: 0.3, crash: 0.1, freeze: 0.02, unreachable: 0.1 };

test.each(["1", "2", "3"])(
  "a Gateway that is deleted and made anew has a ServiceAccount of its own, whoever dies on the way (seed %s)",
  async (seed) => {
    const shop = await openShop(`infrastructure/${seed}`, [...fittings, bearing({ team: "a" })], { faults });
    const bears = (team: string) => () => labelsOf(shop)?.["team"] === team;
    await shop.until("the first one", bears("a"), 30 * minute);
    shop.cluster.apply(bearing({ team: "b", stage: "test" }));
    shop.cluster.remove("Gateway", "shop", "edge");
    shop.cluster.apply(bearing({ team: "c" }));
    await shop.until("the second one", bears("c"), 30 * minute);
    shop.cluster.apply(bearing({}));
    await shop.until("nothing is borne", () => Object.keys(labelsOf(shop) ?? {}).length === 0, 30 * minute);
    await pass(shop.world, 5 * minute);
    expect(labelsOf(shop)).toEqual({});
    expect(shop.said("Gateway", "edge", "espalier.dev/Infrastructure")).toBeUndefined();
  },
);
