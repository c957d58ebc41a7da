import { expect, test } from "vitest";
import { getObject, listObjects, putIfNewer } from "../../functions/desired/objects.ts";
import { readerKey } from "../../functions/desired/keys.ts";
import { epochMs, rv } from "../../functions/model/ids.ts";
import type { ObjectRef } from "../../functions/model/objects.ts";
import { indexRead, objectRead, type Index } from "../../functions/model/reads.ts";
import { rootKey } from "../../functions/model/roots.ts";
import { east, grpcRoute, httpRoute, listenerSet, put, tlsRoute } from "../support/builders.ts";
import { memoryQueues } from "../support/queues.memory.ts";
import { memoryTable } from "../support/table.memory.ts";

const ref: ObjectRef = { cluster: east, kind: "HTTPRoute", namespace: "shop", name: "checkout" };
const ownRoot = rootKey({
  kind: "route",
  cluster: east,
  route: "HTTPRoute",
  namespace: "shop",
  name: "checkout",
});
const setup = () => ({ table: memoryTable(), queues: memoryQueues(), now: epochMs(1_000) });
const deletion = (at: number) => ({ op: "delete", ref, version: { epoch: 1, rv: rv(at), trim: 0 } }) as const;

test("an older version never overwrites a newer one, and a repeat is no error", async () => {
  const d = setup();
  expect(await putIfNewer(put(httpRoute({ hostnames: ["new.example.com"] }), 7), east, d)).toBe("stored");
  expect(await putIfNewer(put(httpRoute({ hostnames: ["old.example.com"] }), 6), east, d)).toBe("repeated");
  expect(await putIfNewer(put(httpRoute({ hostnames: ["new.example.com"] }), 7), east, d)).toBe("repeated");
  const stored = await getObject(d.table, ref);
  expect(stored).toMatchObject({ is: "object", object: { spec: { hostnames: ["new.example.com"] } } });
});

test("a deleted object stays deleted when an older version of it arrives late", async () => {
  const d = setup();
  await putIfNewer(put(httpRoute(), 5), east, d);
  await putIfNewer(deletion(9), east, d);
  expect(await putIfNewer(put(httpRoute(), 8), east, d)).toBe("repeated");
  expect((await getObject(d.table, ref))?.is).toBe("tombstone");
  expect(await putIfNewer(put(httpRoute(), 10), east, d)).toBe("stored");
});

test("versions of a later epoch are newer, whatever their resourceVersion", async () => {
  const d = setup();
  await putIfNewer(put(httpRoute(), 900), east, d);
  expect(await putIfNewer(put(httpRoute(), 3, 2), east, d)).toBe("stored");
});

test("a change wakes the object's own root and whoever reads it or a list that it is or was in", async () => {
  const d = setup();
  const readers = {
    object: "gateway/east/shop/a",
    joins: "gateway/east/shop/b",
    leaves: "gateway/east/shop/c",
  };
  const byParent = (value: string) => indexRead(east, { kind: "HTTPRoute", by: "parent", value });
  await putIfNewer(
    put(httpRoute({ parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "old" }] }), 1),
    east,
    d,
  );
  for (const [read, root] of [
    [objectRead(ref), readers.object],
    [byParent("Gateway/shop/new"), readers.joins],
    [byParent("Gateway/shop/old"), readers.leaves],
  ] as const) {
    await d.table.write([{ do: "put", key: readerKey(read, root as never), item: {} }]);
  }
  d.queues.sent.length = 0;
  await putIfNewer(
    put(httpRoute({ parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "new" }] }), 2),
    east,
    d,
  );
  expect(d.queues.sent.map((one) => one.ask.root)).toEqual([...Object.values(readers), ownRoot].toSorted());
});

test("a newer version with the same content wakes nobody", async () => {
  const d = setup();
  await putIfNewer(put(httpRoute(), 1), east, d);
  d.queues.sent.length = 0;
  expect(await putIfNewer(put(httpRoute(), 2), east, d)).toBe("stored");
  expect(d.queues.sent).toEqual([]);
});

test("a wake-up that could not be sent is owed, and a repeat pays it", async () => {
  const d = setup();
  d.queues.broken = true;
  await expect(putIfNewer(put(httpRoute(), 1), east, d)).rejects.toThrow("cannot be reached");
  expect((await getObject(d.table, ref))?.is).toBe("object");
  expect(await d.table.due(2_000, 10)).toHaveLength(1);
  d.queues.broken = false;
  expect(await putIfNewer(put(httpRoute(), 1), east, d)).toBe("repeated");
  expect(d.queues.sent.map((one) => one.ask.root)).toEqual([ownRoot]);
  expect(await d.table.due(2_000, 10)).toHaveLength(0);
});

test("a change over an unpaid one takes its debt over", async () => {
  const d = setup();
  d.queues.broken = true;
  const old = httpRoute({
    parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "old" }],
  });
  await expect(putIfNewer(put(old, 1), east, d)).rejects.toThrow();
  const read = indexRead(east, { kind: "HTTPRoute", by: "parent", value: "Gateway/shop/old" });
  await d.table.write([{ do: "put", key: readerKey(read, "gateway/east/shop/old" as never), item: {} }]);
  await expect(putIfNewer(put(httpRoute(), 2), east, d)).rejects.toThrow();
  d.queues.broken = false;
  await putIfNewer(put(httpRoute(), 3), east, d);
  expect(d.queues.sent.map((one) => one.ask.root)).toContain("gateway/east/shop/old");
});

test("lists follow their objects, and forget what is deleted", async () => {
  const d = setup();
  const index = { kind: "HTTPRoute", by: "parent", value: "Gateway/shop/prod" } as const;
  await putIfNewer(put(httpRoute(), 1), east, d);
  await putIfNewer(put(httpRoute({}, { name: "cart" }), 2), east, d);
  expect((await listObjects(d.table, east, index)).map((one) => one.ref.name)).toEqual(["cart", "checkout"]);
  await putIfNewer(deletion(3), east, d);
  expect((await listObjects(d.table, east, index)).map((one) => one.ref.name)).toEqual(["cart"]);
});

const front = { group: "gateway.networking.k8s.io", name: "front" };

test.each<[string, ReturnType<typeof put>, Index]>([
  [
    "a GRPCRoute by the ListenerSet of its own namespace that it names",
    put(grpcRoute([{ ...front, kind: "ListenerSet" }]), 1),
    { kind: "GRPCRoute", by: "parent", value: "ListenerSet/shop/front" },
  ],
  [
    "a TLSRoute by the Gateway of another namespace that it names",
    put(tlsRoute([{ ...front, kind: "Gateway", namespace: "infra", sectionName: "tls" }]), 1),
    { kind: "TLSRoute", by: "parent", value: "Gateway/infra/front" },
  ],
  [
    "a ListenerSet by its Gateway",
    put(listenerSet({ name: "front", namespace: "infra" }), 1),
    { kind: "ListenerSet", by: "gateway", value: "infra/front" },
  ],
])("lists %s", async (_name, change, index) => {
  const d = setup();
  await putIfNewer(change, east, d);
  expect((await listObjects(d.table, east, index)).map((one) => one.ref.name)).toEqual(["checkout"]);
  expect(await listObjects(d.table, east, { ...index, value: `${index.value}s` } as Index)).toEqual([]);
});
