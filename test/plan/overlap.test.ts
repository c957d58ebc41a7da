import { expect, test } from "vitest";
import type { RuleMatch } from "../../functions/model/lattice.ts";
import { overlap } from "../../functions/plan/overlap.ts";
import { path } from "./listener.ts";

const get = { ...path("prefix", "/a"), method: "GET" };
const version = (value: string): RuleMatch => ({
  ...path("prefix", "/"),
  headers: [{ name: "version", kind: "exact", value, caseSensitive: true }],
});

test.each<readonly [RuleMatch, RuleMatch, boolean]>([
  [path("exact", "/a"), path("exact", "/b"), false],
  [path("exact", "/a"), path("prefix", "/"), true],
  [path("exact", "/a"), path("prefix", "/a/"), false],
  [path("prefix", "/a"), path("prefix", "/a/b"), true],
  [path("prefix", "/a"), path("prefix", "/b"), false],
  [get, { ...get, method: "POST" }, false],
  [get, path("exact", "/a"), true],
  [version("one"), version("two"), false],
  [version("one"), version("ONE"), true],
  [version("one"), path("exact", "/a"), true],
])("%j and %j", (a, b, expected) => {
  expect(overlap(a, b)).toBe(expected);
  expect(overlap(b, a)).toBe(expected);
});
