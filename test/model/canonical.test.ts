import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, same } from "../../functions/model/canonical.ts";

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);

/** The same value with its members the other way round and one more that is undefined. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).toReversed();
  return Object.fromEntries([...members.map(([name, one]) => [name, shuffled(one)]), ["absent", undefined]]);
}

test("the order of members and those that are undefined make no difference", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
      expect(same(shuffled(value), value)).toBe(true);
      expect(JSON.parse(canonicalJson(value))).toEqual(value);
    }),
  );
});

test("values are the same exactly when their canonical texts are", () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(same(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
    }),
  );
  for (const [a, b] of [
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, { a: 1, b: null }],
    [[1, 2], [1]],
    [["x"], { 0: "x" }],
    [{}, []],
    [null, {}],
  ])
    expect(same(a, b) || same(b, a)).toBe(false);
});
