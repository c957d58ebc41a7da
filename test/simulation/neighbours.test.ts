import { expect, test } from "vitest";
import { sliceOf } from "./backends.ts";
import type { Manifest } from "./cluster.ts";
import { fittings, gateway, isAnswered, openShop, route } from "./shop.ts";
import { pass } from "./world.ts";

const second = 1_000;
const minute = 60 * second;
const hostname = "shared.example.com";

const service = (name: string): Manifest => ({
  kind: "Service",
  namespace: "shop",
  name,
  body: { spec: { type: "ClusterIP", ipFamilies: ["IPv4"], ports: [{ port: 80, protocol: "TCP" }] } },
});

/** A route with one path of the hostname. */
const sharing = (name: string, path: string, backend: string): Manifest => ({
  ...route(name),
  body: {
    spec: {
      parentRefs: [{ name: "prod" }],
      hostnames: [hostname],
      rules: [
        { matches: [{ path: { type: "Exact", value: path } }], backendRefs: [{ name: backend, port: 80 }] },
      ],
    },
  },
});

test.each(["espalier", "amazon-vpc-lattice"] as const)(
  "a route says what became of its own rules, and not what those of its neighbours wait for (class %s)",
  async (its) => {
    const shop = await openShop(
      `neighbours-${its}`,
      [
        ...fittings,
        service("stock"),
        sliceOf("shop", "stock", [{ addresses: ["10.1.2.1"], conditions: { ready: true } }]),
        service("idle"),
        sliceOf("shop", "idle", []),
        gateway("prod", its),
        sharing("one", "/one", "cart"),
      ],
      { faults: {} },
    );
    const says = (name: string) => shop.said("HTTPRoute", name, "Programmed");
    await shop.until("it answers", () => says("one")?.status === "True", minute);
    shop.cluster.apply(sharing("two", "/two", "stock"));
    await shop.until(
      "the other is programmed",
      () => {
        expect(says("one")?.status, "its neighbour is being made").toBe("True");
        return says("two")?.status === "True";
      },
      minute,
    );
    shop.cluster.apply(sharing("two", "/two", "idle"));
    await pass(shop.world, 20 * second);
    expect(says("two")).toMatchObject({ status: "False", reason: "Pending" });
    expect(says("one")).toMatchObject({ status: "True" });
    shop.cluster.apply(sharing("one", "/edited", "cart"));
    await shop.until(
      "an edit of the one arrives",
      () => says("one")?.observedGeneration === 2 && says("one")?.status === "True",
      minute,
    );
    expect(isAnswered(shop.world, "prod", hostname, "/edited")).toBe(true);
    expect(says("two")).toMatchObject({ status: "False", reason: "Pending" });
  },
);
