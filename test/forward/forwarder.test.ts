import { describe, expect, test } from "vitest";

import { clusterName } from "../../functions/model/ids.ts";
import { endpointSlice, gateway, httpRoute, routeTo, service } from "../bus/raw.ts";

import { shop } from "./shop.ts";

const east = clusterName("east");
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
    const routes = world.changes().filter(({ kind }) => kind === "HTTPRoute");
    expect(routes).toMatchObject([{ op: "put", object: { spec: { hostnames: ["c.example"] } } }]);
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
