import { expect, test } from "vitest";
import { z } from "zod";
import { conditions } from "../../functions/status/conditions.ts";
import type { Manifest } from "./cluster.ts";
import { fittings, openShop } from "./shop.ts";
import { pass } from "./world.ts";

const minute = 60_000;

const owner: Manifest = {
  kind: "Gateway",
  namespace: "shop",
  name: "prod",
  body: {
    spec: {
      gatewayClassName: "espalier",
      allowedListeners: { namespaces: { from: "Same" } },
      listeners: [{ name: "http", port: 80, protocol: "HTTP" }],
    },
  },
};

const setOf = (hostname: string, name = "more"): Manifest => ({
  kind: "ListenerSet",
  namespace: "shop",
  name,
  body: {
    spec: {
      parentRef: { name: "prod" },
      listeners: [{ name: "a", port: 80, protocol: "HTTP", hostname }],
    },
  },
});

const status = z.object({ conditions, listeners: z.array(z.unknown()).default([]) });

test("a ListenerSet whose Gateway is deleted is accepted no more, and says so of each later generation, until the Gateway is back", async () => {
  const { cluster, world, until } = await openShop("set", [...fittings, owner, setOf("a.example.com")], {
    faults: {},
  });
  const seen = (name = "more") => status.parse(cluster.get("ListenerSet", "shop", name)?.status ?? {});
  const said = (type: string) => seen().conditions.find((one) => one.type === type);
  const isProgrammed = () => said("Accepted")?.status === "True" && said("Programmed")?.status === "True";
  await until("it is programmed", isProgrammed, minute);
  cluster.remove("Gateway", "shop", "prod");
  for (const observedGeneration of [1, 2]) {
    await pass(world, minute);
    const why = { status: "False", observedGeneration, message: "there is no Gateway shop/prod" };
    expect(said("Accepted")).toEqual(expect.objectContaining({ ...why, reason: "ParentNotAccepted" }));
    expect(said("Programmed")).toEqual(expect.objectContaining({ ...why, reason: "ParentNotProgrammed" }));
    expect(seen().listeners).toEqual([]);
    cluster.apply(setOf("b.example.com"));
  }
  // One that never had a Gateway of ours may be another controller's.
  cluster.apply(setOf("c.example.com", "other"));
  await pass(world, minute);
  expect(seen("other").conditions).toEqual([]);
  cluster.apply(owner);
  await until("it is programmed", isProgrammed, minute);
  expect(seen().listeners).toHaveLength(1);
});
