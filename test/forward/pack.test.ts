import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Change, InventoryEntry } from "../../functions/bus/events.ts";
import { parseObject } from "../../functions/bus/objects.ts";
import { callLimits, entryBytes, entryOf } from "../../functions/bus/publish.ts";
import { packChanges, packInventory, withinLimit, type Listing } from "../../functions/forward/pack.ts";
import { clusterName, rv } from "../../functions/model/ids.ts";
import { httpRoute } from "../bus/raw.ts";

const origin = { version: 1, cluster: clusterName("east"), epoch: "epoch-1" } as const;
const item = (name: string): { readonly change: Change } => ({
  change: { op: "delete", kind: "Service", namespace: "shop", name, uid: "u", rv: rv(1) },
});
const sizes = (limit: number, ...names: readonly string[]) =>
  packChanges(origin, names.map(item), limit).map(({ event }) => entryBytes(entryOf(event)));

describe("changes", () => {
  test("share an event up to the last byte", () => {
    const together = sizes(callLimits.bytes, "a", "b", "€")[0] ?? 0;
    expect(sizes(together, "a", "b", "€")).toEqual([together]);
    expect(sizes(together - 1, "a", "b", "€")).toHaveLength(2);
  });

  test("a small one fills the room that a large one left", () => {
    const long = "x".repeat(600);
    const longer = "x".repeat(900);
    const limit = sizes(callLimits.bytes, longer, "a")[0] ?? 0;
    expect(packChanges(origin, [item(longer), item(long), item("a")], limit)).toHaveLength(2);
  });

  test("all travel exactly once, and no event is too large", () => {
    const names = fc.array(fc.string({ minLength: 1, maxLength: 300 }), { maxLength: 60 });
    fc.assert(
      fc.property(names, fc.integer({ min: 1600, max: 4000 }), (all, limit) => {
        const items = all.map(item);
        const packed = packChanges(origin, items, limit);
        expect(packed.flatMap(({ items }) => items)).toHaveLength(items.length);
        expect(new Set(packed.flatMap(({ items }) => items))).toEqual(new Set(items));
        for (const { event } of packed) expect(entryBytes(entryOf(event))).toBeLessThanOrEqual(limit);
      }),
    );
  });
});

test("an object as large as can be sent fits into a change and into an inventory of every kind", () => {
  const put = (length: number) => {
    const parsed = parseObject(
      "HTTPRoute",
      httpRoute("r", {}, { annotations: { note: "x".repeat(length) } }),
    );
    if (!parsed.ok) throw new Error(parsed.problems);
    return { op: "put", kind: "HTTPRoute", object: parsed.object, rv: rv(7), trim: 1 } as const;
  };
  let length = 0;
  for (let step = 2 ** 18; step >= 1; step /= 2) {
    if (withinLimit(origin, put(length + step)).op === "put") length += step;
  }
  expect(withinLimit(origin, put(length + 1)).op).toBe("refuse");
  const largest = put(length);
  expect(sizes(callLimits.bytes)).toEqual([]);
  const [alone] = packChanges(origin, [{ change: largest }]);
  expect(alone === undefined ? 0 : entryBytes(entryOf(alone.event))).toBeLessThanOrEqual(callLimits.bytes);
  const listing: Listing = {
    id: "12345678-1234-1234-1234-123456789012",
    full: true,
    kinds: [
      "GatewayClass",
      "Gateway",
      "HTTPRoute",
      "Service",
      "EndpointSlice",
      "Namespace",
      "ReferenceGrant",
    ],
    taken: Object.fromEntries(
      ["GatewayClass", "Gateway", "HTTPRoute", "Service", "EndpointSlice", "Namespace", "ReferenceGrant"].map(
        (kind) => [kind, rv(Number.MAX_SAFE_INTEGER)],
      ),
    ),
    entries: [],
    absent: [],
    bodies: [largest],
  };
  for (const chunk of packInventory(origin, listing)) {
    expect(entryBytes(entryOf(chunk))).toBeLessThanOrEqual(callLimits.bytes);
  }
});

describe("inventories", () => {
  const listing = (entries: readonly InventoryEntry[]): Listing => ({
    id: "id",
    full: false,
    kinds: ["Service"],
    taken: { Service: rv(9) },
    entries,
    absent: [["Service", "shop", "ghost"]],
    bodies: [],
  });

  test("an empty cluster is one chunk that says so", () => {
    expect(packInventory(origin, { ...listing([]), absent: [] })).toMatchObject([
      { chunk: 0, chunks: 1, kinds: ["Service"], entries: [] },
    ]);
  });

  test("every chunk stays within the limit, and together they are everything", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 50 }), { maxLength: 100 }), (names) => {
        const entries = names.map((name): InventoryEntry => [
          "Service",
          "shop",
          name,
          "uid",
          rv(1),
          "hash",
          true,
        ]);
        const chunks = packInventory(origin, listing(entries), 1000);
        expect(chunks.flatMap((chunk) => chunk.entries)).toEqual(entries);
        expect(chunks.flatMap((chunk) => chunk.absent)).toHaveLength(1);
        expect(chunks.map(({ chunk, chunks }) => [chunk, chunks])).toEqual(
          chunks.map((_, index) => [index, chunks.length]),
        );
        for (const chunk of chunks) expect(entryBytes(entryOf(chunk))).toBeLessThanOrEqual(1000);
      }),
    );
  });
});
