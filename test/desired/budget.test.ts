import { expect, test } from "vitest";
import { draw } from "../../functions/desired/budget.ts";
import { epochMs } from "../../functions/model/ids.ts";
import { memoryTable } from "../support/table.memory.ts";

const place = { account: "111122223333", region: "eu-central-1" };
const allowance = { callsPerSecond: 10, burst: 100 };

test("drift leaves half of the budget to others, and endpoints may use all of it", async () => {
  const table = memoryTable();
  const now = epochMs(0);
  expect(await draw(table, place, "drift", 50, now, allowance)).toBe(0);
  expect(await draw(table, place, "drift", 1, now, allowance)).toBeGreaterThan(0);
  expect(await draw(table, place, "config", 30, now, allowance)).toBe(0);
  expect(await draw(table, place, "config", 1, now, allowance)).toBeGreaterThan(0);
  expect(await draw(table, place, "targets", 20, now, allowance)).toBe(0);
  expect(await draw(table, place, "targets", 1, now, allowance)).toBe(100);
});

test("the answer says when there will be enough, and then there is", async () => {
  const table = memoryTable();
  await draw(table, place, "targets", 100, epochMs(0), allowance);
  const waitMs = await draw(table, place, "targets", 20, epochMs(0), allowance);
  expect(waitMs).toBe(2000);
  expect(await draw(table, place, "targets", 20, epochMs(waitMs), allowance)).toBe(0);
});

test("a plan larger than the bucket is not locked out for ever", async () => {
  expect(await draw(memoryTable(), place, "config", 1_000, epochMs(0), allowance)).toBe(0);
});
