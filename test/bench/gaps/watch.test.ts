import { expect, test } from "vitest";
import { gapsOf } from "./watch.ts";

/** How long each exception may last in the simulated Lattice, in milliseconds. */
const limits: readonly (readonly [RegExp, number])[] = [
  [/^hostname|^Gateway left/, 5_000],
  [/^protocol/, 500],
];

test("what Lattice cannot do without a gap has a short one, and nobody else answers in it", async () => {
  const gaps = await gapsOf("1");
  expect(gaps.flatMap(({ wrong }) => wrong)).toEqual([]);
  for (const [which, most] of limits) {
    const its = gaps.filter(({ change }) => which.test(change));
    expect(its.length).toBeGreaterThan(2);
    for (const { change, ms } of its) expect(ms, change).toBeLessThan(most);
  }
});
