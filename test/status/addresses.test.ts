import { expect, test } from "vitest";
import { compose } from "../../functions/status/compose.ts";
import { keyOf, type ObjectRef } from "../../functions/model/objects.ts";
import type { Report } from "../../functions/model/verdict.ts";
import { east } from "../support/builders.ts";

const ref: ObjectRef = { cluster: east, kind: "Gateway", namespace: "shop", name: "prod" };
const there = [{ type: "Hostname", value: "checkout.on.aws" }];
const addressesAfter = (addresses: Report["addresses"]): unknown => {
  const report: Report = { on: keyOf(ref), uid: "uid-1", generation: 1, verdicts: [], addresses };
  return compose({ addresses: there }, ref, [report], "2026-01-01T00:00:00Z").status["addresses"];
};

test("a Gateway's address stays while nothing is said of it, is replaced, and goes when there is none", () => {
  const other = [{ type: "Hostname", value: "search.on.aws" }];
  expect(addressesAfter(undefined)).toEqual(there);
  expect(addressesAfter(other)).toEqual(other);
  expect(addressesAfter([])).toBeUndefined();
});
