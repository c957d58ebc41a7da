import { describe, expect, test } from "vitest";

import { clusterName } from "../../functions/model/ids.ts";
import { clusterScoped, endpointSlice, gateway, httpRoute, routeTo, service } from "../bus/raw.ts";

import { refusal, World } from "./world.ts";

const east = clusterName("east");
const front = gateway("front");
const namespace = { metadata: clusterScoped("shop") };
const gatewayClass = {
  metadata: clusterScoped("amazon-vpc-lattice"),
  spec: { controllerName: "application-networking.k8s.aws/gateway-api-controller" },
};

/** A world whose cluster has a Gateway with all that it names, and a Service that nothing names. */
function shop(settings = {}): World {
  const world = new World(settings);
  world.cluster.put("GatewayClass", gatewayClass);
  world.cluster.put("Namespace", namespace);
  world.cluster.put("Gateway", front);
  world.cluster.put("Service", service("cart"));
  world.cluster.put("EndpointSlice", endpointSlice("cart-1", "cart"));
  return world;
}

describe("what is sent", () => {
  test("an object that is new travels once, and a repeat of it does not", async () => {
    const world = await shop().started();
    world.cluster.put("HTTPRoute", httpRoute("checkout"));
    await world.time.pass(100);
    expect(world.said()).toEqual(["put HTTPRoute shop/checkout"]);
    world.cluster.put("HTTPRoute", { ...httpRoute("checkout"), status: { parents: [{}] } });
    await world.time.pass(100);
    expect(world.said()).toHaveLength(1);
  });

  test("many changes of one object within the window are one, with the last state", async () => {
    const world = await shop().started();
    for (const hostname of ["a.example", "b.example", "c.example"]) {
      world.cluster.put("HTTPRoute", httpRoute("checkout", { hostnames: [hostname] }));
    }
    await world.time.pass(49);
    expect(world.said()).toEqual([]);
    await world.time.pass(2);
    expect(world.changes()).toMatchObject([{ op: "put", object: { spec: { hostnames: ["c.example"] } } }]);
  });

  test("an object that is deleted, or begins to be, is a delete with its resourceVersion", async () => {
    const world = shop();
    world.cluster.put("HTTPRoute", httpRoute("a"));
    world.cluster.put("HTTPRoute", httpRoute("b"));
    await world.started();
    world.cluster.remove("HTTPRoute", httpRoute("a"));
    const at = world.cluster.rv;
    world.cluster.put(
      "HTTPRoute",
      httpRoute("b", {}, { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["x"] }),
    );
    await world.time.pass(100);
    expect(world.changes()).toEqual([
      { op: "delete", kind: "HTTPRoute", namespace: "shop", name: "a", uid: "uid-a", rv: at },
      { op: "delete", kind: "HTTPRoute", namespace: "shop", name: "b", uid: "uid-b", rv: at + 1 },
    ]);
    world.forget();
    world.cluster.remove("HTTPRoute", httpRoute("b"));
    await world.time.pass(100);
    expect(world.said()).toEqual([]);
  });

  test("an object that went while nobody watched is a delete at the rv of the list that shows it", async () => {
    const world = shop();
    world.cluster.put("HTTPRoute", httpRoute("a"));
    await world.started();
    world.cluster.objects.get("HTTPRoute")?.clear();
    world.cluster.rv = world.cluster.oldest = 400;
    world.cluster.close("HTTPRoute");
    await world.time.pass(1000);
    expect(world.changes()).toEqual([
      { op: "delete", kind: "HTTPRoute", namespace: "shop", name: "a", uid: "uid-a", rv: 400 },
    ]);
  });

  test("an object that cannot be read is refused with its problem, and the rest goes on", async () => {
    const world = await shop().started();
    world.cluster.put("HTTPRoute", { ...httpRoute("broken"), spec: { parentRefs: "front" } });
    world.cluster.put("HTTPRoute", httpRoute("checkout"));
    await world.time.pass(100);
    expect(world.changes()).toMatchObject([
      {
        op: "refuse",
        name: "broken",
        reason: "cannot be read: spec.parentRefs: expected array, received string",
      },
      { op: "put", kind: "HTTPRoute" },
    ]);
  });

  test("an object of 300 KiB is refused with its size", async () => {
    const world = await shop().started();
    world.cluster.put("HTTPRoute", httpRoute("huge", {}, { annotations: { note: "x".repeat(300 * 1024) } }));
    await world.time.pass(100);
    expect(world.changes()).toMatchObject([
      {
        op: "refuse",
        name: "huge",
        uid: "uid-huge",
        reason: expect.stringMatching(/^too large to be sent: 30\d{4} bytes/),
      },
    ]);
  });
});

describe("names", () => {
  test("a Service and its slices travel when a route names it, and while one does", async () => {
    const world = await shop().started();
    world.cluster.put("Service", service("cart", { ports: [{ port: 81 }] }));
    await world.time.pass(100);
    expect(world.said()).toEqual([]);
    world.cluster.put("HTTPRoute", routeTo("checkout", "cart"));
    await world.time.pass(100);
    expect(world.said()).toEqual([
      "put HTTPRoute shop/checkout",
      "put Service shop/cart",
      "put EndpointSlice shop/cart-1",
    ]);
    world.forget();
    world.cluster.put("EndpointSlice", endpointSlice("cart-1", "cart", { endpoints: [] }));
    await world.time.pass(100);
    expect(world.said()).toEqual(["put EndpointSlice shop/cart-1"]);
    world.forget();
    world.cluster.put("HTTPRoute", routeTo("checkout", "other"));
    await world.time.pass(100);
    world.forget();
    world.cluster.put("EndpointSlice", endpointSlice("cart-1", "cart"));
    await world.time.pass(100);
    expect(world.said()).toEqual([]);
  });

  test("a Service that no route names any more is sent when it goes, since it was told of", async () => {
    const world = shop();
    world.cluster.put("HTTPRoute", routeTo("checkout", "cart"));
    await world.started();
    world.cluster.remove("HTTPRoute", routeTo("checkout", "cart"));
    await world.time.pass(100);
    world.forget();
    world.cluster.remove("Service", service("cart"));
    await world.time.pass(100);
    expect(world.said()).toEqual(["delete Service shop/cart"]);
  });

  test("what is named and does not exist is a delete at the rv up to which all is known, and a put when it comes", async () => {
    const world = await shop().started();
    world.cluster.bookmark("Service");
    const known = world.cluster.rv;
    world.cluster.put(
      "HTTPRoute",
      httpRoute("r", {
        parentRefs: [{ name: "nowhere" }],
        rules: [{ backendRefs: [{ name: "ghost", port: 80 }] }],
      }),
    );
    await world.time.pass(100);
    expect(world.changes().slice(1)).toEqual([
      { op: "delete", kind: "Gateway", namespace: "shop", name: "nowhere", uid: "", rv: expect.any(Number) },
      { op: "delete", kind: "Service", namespace: "shop", name: "ghost", uid: "", rv: known },
    ]);
    world.forget();
    world.cluster.put("Service", service("ghost"));
    await world.time.pass(100);
    expect(world.said()).toEqual(["put Service shop/ghost"]);
  });

  test("a missing GatewayClass and Namespace are said too", async () => {
    const world = await shop().started();
    world.cluster.put("Gateway", gateway("g", { gatewayClassName: "ghost" }, { namespace: "nowhere" }));
    await world.time.pass(100);
    expect(world.said()).toEqual([
      "put Gateway nowhere/g",
      "delete Namespace /nowhere",
      "delete GatewayClass /ghost",
    ]);
  });

  test("nothing is said to be missing whose kind cannot be listed", async () => {
    const world = shop();
    world.cluster.fault = (_verb, kind) => {
      if (kind === "Service") throw new Error("reset");
    };
    world.forwarder.start();
    await world.time.pass(11_000);
    world.forget();
    world.cluster.put("HTTPRoute", routeTo("checkout", "ghost"));
    await world.time.pass(100);
    expect(world.said()).toEqual(["put HTTPRoute shop/checkout"]);
    world.cluster.fault = () => undefined;
    await world.time.pass(60_000);
    expect(world.said()).toEqual(["put HTTPRoute shop/checkout", "delete Service shop/ghost"]);
  });
});

describe("what the control plane asks for", () => {
  test("is sent again, whoever names it, and said to be gone when it is", async () => {
    const world = await shop().started();
    world.forwarder.requested([
      { cluster: east, kind: "Gateway", namespace: "shop", name: "front" },
      { cluster: east, kind: "Service", namespace: "shop", name: "cart" },
      { cluster: east, kind: "Service", namespace: "shop", name: "ghost" },
      { cluster: clusterName("west"), kind: "Gateway", namespace: "shop", name: "front" },
    ]);
    await world.time.pass(100);
    expect(world.said()).toEqual([
      "put Gateway shop/front",
      "put Service shop/cart",
      "delete Service shop/ghost",
    ]);
  });
});

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
    expect(chunk?.absent).toEqual([["Service", "shop", "ghost"]]);
    expect(chunk?.taken).toMatchObject({ Service: world.cluster.rv, ReferenceGrant: world.cluster.rv });
    // What an inventory brought along is told; only the missing one is said once more, as a change.
    expect(world.said()).toEqual(["delete Service shop/ghost"]);
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
      versions: { trim: 1 },
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
    expect(world.said().toSorted()).toEqual(["put HTTPRoute shop/a", "put HTTPRoute shop/b"]);
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
