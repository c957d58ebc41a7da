import { describe, expect, test } from "vitest";
import { judge, type Measured } from "./verdict.ts";

const size = { rules: 32, listeners: 2, backends: 8, networks: 3 };
const weight = (calls: Measured["calls"]): Measured => ({ change: "a weight", size, calls });

/** The first rule of a route of this size is 14 Lattice rules on each of two listeners: two batches each. */
describe("the verdict on what was measured", () => {
  test("is good within the budgets, and shows each in a line", () => {
    const { text, good } = judge([weight({ BatchUpdateRule: 4 })]);
    expect(good).toBe(true);
    expect(text.split("\n")[1]).toMatch(/^a weight +32 +2 +8 +3 +4 +4 +2218 +within$/);
  });

  test("is bad one call above a budget, and names the calls", () => {
    const { text, good } = judge([weight({ BatchUpdateRule: 4, GetRule: 1 })]);
    expect(good).toBe(false);
    expect(text).toMatch(/ OVER$/m);
    expect(text).toContain("Over: a weight (32, 2, 8, 3): BatchUpdateRule 4, GetRule 1.");
  });
});
