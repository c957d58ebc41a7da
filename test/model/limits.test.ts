import { expect, test } from "vitest";
import { times } from "../../functions/model/limits.ts";

test("a lease outlives the invocation that holds it, and mutating calls stop before it ends", () => {
  expect(times.leaseMargin).toBeGreaterThan(times.leaseSafe);
  expect(times.leaseSafe).toBeGreaterThan(times.connectMax + times.callMax);
});

test("a work message comes back when the lease of the worker that died with it has ended, and not much later", () => {
  expect(times.workHidden).toBeGreaterThan(times.reconcileMax + times.leaseMargin);
  expect(times.workHidden).toBeLessThan(2 * times.reconcileMax);
});

test("a tombstone outlives every event that could bring its object back", () => {
  expect(times.tombstoneLife).toBeGreaterThan(times.eventAgeMax);
});
