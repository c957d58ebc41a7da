import { describe, expect, test } from "vitest";

import { trimVersion } from "../../functions/bus/objects.ts";
import { httpRoute, routeTo } from "../bus/raw.ts";

import { front, shop } from "./shop.ts";
import { refusal } from "./world.ts";

describe("inventories", () => {
  test("the first is full: every object is listed, also those that no route names, whose bodies stay", async () => {
    const world = shop();
    world.cluster.put("HTTPRoute", routeTo("checkout", "ghost"));
    await world.started(false);
    expect(world.inventories()).toHaveLength(1);
    const [chunk] = world.inventories();
    expect(chunk?.full).toBe(true);
    expect(chunk?.entries.map(([kind, ns, name]) => `${kind} ${ns}/${name}`)).toEqual([
      "GatewayClass /amazon-vpc-lattice",
      "Gateway shop/front",
      "HTTPRoute shop/checkout",
      "Namespace /shop",
      "Service shop/cart",
      "EndpointSlice shop/cart-1",
    ]);
    expect(chunk?.bodies.map((body) => body.kind)).toEqual([
      "GatewayClass",
      "Gateway",
      "HTTPRoute",
      "Namespace",
    ]);
    expect(chunk?.absent).toEqual([
      ["Service", "shop", "ghost"],
      ["CustomResourceDefinition", "", "gatewayclasses.gateway.networking.k8s.io"],
    ]);
    expect(chunk?.taken).toMatchObject({ Service: world.cluster.rv, ReferenceGrant: world.cluster.rv });
    // What an inventory brought along is told.
    expect(world.said()).toEqual([]);
  });

  test("the first waits for kinds that are slow to answer, and nothing is said before it", async () => {
    const world = shop();
    world.cluster.fault = (_verb, kind) => {
      if (kind === "EndpointSlice") throw new Error("reset");
    };
    world.forwarder.start();
    await world.time.pass(150);
    expect(world.events).toEqual([]);
    world.cluster.fault = () => undefined;
    await world.time.pass(1000);
    expect(world.inventories()).toMatchObject([
      { full: true, kinds: expect.arrayContaining(["EndpointSlice"]) },
    ]);
    expect(world.said()).toEqual([]);
  });

  test("digests follow every ten minutes, with bodies again after six hours", async () => {
    const world = await shop().started();
    await world.time.pass(10 * 60_000);
    expect(
      world.inventories().map(({ full, bodies, entries }) => [full, bodies.length, entries.length]),
    ).toEqual([[false, 0, 5]]);
    await world.time.pass(6 * 3_600_000);
    expect(world.inventories().filter(({ full }) => full)).toHaveLength(1);
  });

  test("a large one is cut into chunks that are complete together", async () => {
    const world = shop();
    const note = "x".repeat(1000);
    for (let i = 0; i < 700; i += 1) {
      world.cluster.put("HTTPRoute", httpRoute(`route-${i}`, {}, { annotations: { note } }));
    }
    await world.started(false);
    const chunks = world.inventories();
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.map(({ chunk }) => chunk)).toEqual(chunks.map((_, i) => i));
    expect(new Set(chunks.map(({ id, chunks, taken }) => JSON.stringify([id, chunks, taken]))).size).toBe(1);
    expect(chunks.flatMap(({ entries }) => entries)).toHaveLength(705);
    expect(chunks.flatMap(({ bodies }) => bodies)).toHaveLength(703);
    expect(world.said()).toEqual([]);
  });

  test("a kind whose watch fails is left out, and comes with a full one when it works", async () => {
    const world = shop();
    world.cluster.fault = (_verb, kind) => {
      if (kind === "EndpointSlice") throw new Error("reset");
    };
    world.forwarder.start();
    await world.time.pass(10_500);
    expect(world.inventories().map(({ kinds }) => kinds.includes("EndpointSlice"))).toEqual([false]);
    world.forget();
    world.cluster.fault = () => undefined;
    await world.time.pass(20_000);
    expect(world.inventories().map(({ kinds, full }) => [kinds.includes("EndpointSlice"), full])).toEqual([
      [true, true],
    ]);
  });

  test("none is taken while nothing is known: an API server that does not answer looks like no empty cluster", async () => {
    const world = shop();
    world.cluster.fault = () => {
      throw new Error("connect ECONNREFUSED");
    };
    world.forwarder.start();
    await world.time.pass(60_000);
    expect(world.inventories()).toEqual([]);
    expect(
      world
        .heartbeats()
        .at(-1)
        ?.watches.every(({ ok }) => !ok),
    ).toBe(true);
  });
});

describe("heartbeats", () => {
  test("come each 30 s with counts, versions and health", async () => {
    const world = await shop().started();
    await world.time.pass(60_000);
    expect(world.heartbeats()).toHaveLength(2);
    expect(world.heartbeats()[0]).toMatchObject({
      cluster: "east",
      epoch: "epoch-1",
      counts: { Service: 1, HTTPRoute: 0 },
      last: { Service: world.cluster.rv },
      versions: { trim: trimVersion },
    });
    expect(world.heartbeats()[0]?.watches.every(({ ok }) => ok)).toBe(true);
  });

  test("comes at once when a watch is forbidden, with the reason, and deletes nothing", async () => {
    const world = shop();
    world.cluster.put("HTTPRoute", routeTo("checkout", "cart"));
    await world.started();
    world.cluster.fault = (_verb, kind) => {
      if (kind === "EndpointSlice") throw refusal(403);
    };
    world.cluster.close("EndpointSlice");
    await world.time.pass(1000);
    expect(world.heartbeats().at(-1)?.watches).toContainEqual({
      kind: "EndpointSlice",
      ok: false,
      reason: "403: refused with 403",
    });
    await world.time.pass(10 * 60_000);
    expect(world.changes()).toEqual([]);
    expect(world.inventories().map(({ kinds }) => kinds.includes("EndpointSlice"))).toEqual([false]);
  });
});

describe("a bus that refuses", () => {
  test("gets everything again, and what changed meanwhile only in its last state", async () => {
    const world = await shop().started();
    world.refuses = () => true;
    world.cluster.put("HTTPRoute", httpRoute("a", { hostnames: ["old.example"] }));
    world.cluster.put("HTTPRoute", httpRoute("b"));
    await world.time.pass(100);
    world.cluster.put("HTTPRoute", httpRoute("a", { hostnames: ["new.example"] }));
    await world.time.pass(5000);
    expect(world.calls.length).toBeGreaterThan(2);
    expect(world.said()).toEqual([]);
    world.refuses = () => false;
    await world.time.pass(30_000);
    expect(world.said().toSorted()).toEqual([
      "delete CustomResourceDefinition /dnsendpoints.externaldns.k8s.io",
      "put HTTPRoute shop/a",
      "put HTTPRoute shop/b",
    ]);
    expect(world.changes()).toContainEqual(
      expect.objectContaining({
        object: expect.objectContaining({ spec: expect.objectContaining({ hostnames: ["new.example"] }) }),
      }),
    );
  });

  test("does not count as told: an object that goes back to what was told before is sent again", async () => {
    const world = await shop().started();
    world.cluster.put("HTTPRoute", httpRoute("a", { hostnames: ["1.example"] }));
    await world.time.pass(100);
    world.refuses = () => true;
    world.cluster.put("HTTPRoute", httpRoute("a", { hostnames: ["2.example"] }));
    await world.time.pass(100);
    world.cluster.put("HTTPRoute", httpRoute("a", { hostnames: ["1.example"] }));
    await world.time.pass(100);
    world.refuses = () => false;
    world.forget();
    await world.time.pass(30_000);
    expect(world.changes()).toMatchObject([{ object: { spec: { hostnames: ["1.example"] } } }]);
  });

  test("for too long: all is dropped, and listed anew with a full inventory once it takes events again", async () => {
    const world = await shop({ queueMax: 5 }).started();
    world.refuses = () => true;
    for (let i = 0; i < 6; i += 1) world.cluster.put("HTTPRoute", httpRoute(`route-${i}`));
    world.cluster.remove("Gateway", front);
    await world.time.pass(1000);
    expect(world.logged).toContain("too much waits for the bus; all is dropped and listed anew");
    await world.time.pass(60_000);
    world.refuses = () => false;
    await world.time.pass(90_000);
    const full = world.inventories().find((chunk) => chunk.full);
    expect(full?.bodies).toHaveLength(8);
    expect(full?.entries.map(([kind]) => kind)).not.toContain("Gateway");
    expect(world.said().filter((line) => line.startsWith("put"))).toEqual([]);
  });

  test("and what was dropped counts as never told", async () => {
    const world = await shop({ queueMax: 3 }).started();
    world.refuses = () => true;
    world.cluster.put("HTTPRoute", routeTo("checkout", "cart"));
    world.cluster.put("HTTPRoute", httpRoute("other"));
    await world.time.pass(100);
    world.cluster.remove("HTTPRoute", routeTo("checkout", "cart"));
    await world.time.pass(40_000);
    world.refuses = () => false;
    await world.time.pass(60_000);
    world.forget();
    world.cluster.put("HTTPRoute", routeTo("checkout", "cart"));
    await world.time.pass(100);
    expect(world.said()).toContain("put Service shop/cart");
  });

  test("for more missing names than the queue holds is not asked for ever: the inventory tells them", async () => {
    const world = await shop({ queueMax: 5 }).started();
    const backendRefs = [1, 2, 3, 4, 5, 6, 7].map((i) => ({ name: `ghost-${i}`, port: 80 }));
    world.cluster.put("HTTPRoute", httpRoute("haunted", { rules: [{ backendRefs }] }));
    await world.time.pass(60_000);
    expect(world.inventories().map(({ full, absent }) => [full, absent.length])).toEqual([[true, 8]]);
    expect(world.said()).toEqual([]);
  });
});

test("a stop ends every watch, sends what waits, and leaves no timer behind that sends more", async () => {
  const world = await shop().started();
  world.cluster.put("HTTPRoute", httpRoute("a"));
  await world.time.pass(50);
  await world.forwarder.stop();
  expect(world.said()).toEqual(["put HTTPRoute shop/a"]);
  world.forget();
  await world.time.pass(3_600_000);
  expect(world.events).toEqual([]);
  expect(world.cluster.requests).toEqual([]);
});
