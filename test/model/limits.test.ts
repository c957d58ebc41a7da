import { expect, test } from "vitest";
import { times } from "../../functions/model/limits.ts";

test("a lease outlives the invocation that holds it, and mutating calls stop before it ends", () => {
  expect(times.leaseMargin).toBeGreaterThan(times.leaseSafe);
});

test("a tombstone outlives every event that could bring its object back", () => {
  expect(times.tombstoneLife).toBeGreaterThan(times.eventAgeMax);
});
