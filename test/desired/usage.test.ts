import { expect, test } from "vitest";
import { acquire, readLedger } from "../../functions/desired/ledger.ts";
import { letUsesGo, takeUses, usageOf } from "../../functions/desired/usage.ts";
import { asRootKey, epochMs } from "../../functions/model/ids.ts";
import type { Use } from "../../functions/model/limits.ts";
import { usageRead } from "../../functions/model/reads.ts";
import { memoryTable } from "../support/table.memory.ts";

const here = { account: "111122223333", region: "eu-central-1" };
const service: Use = { ...here, quota: "servicesPerRegion" };
const inNetwork: Use = { ...here, quota: "servicesPerNetwork", network: "sn-1" };

async function holding(table: ReturnType<typeof memoryTable>, name: string) {
  const root = asRootKey(`service/east/HTTPRoute/shop/${name}/_`);
  const held = await acquire(table, { root, verify: false, cause: "" }, epochMs(0), epochMs(60_000));
  if (held === "busy") throw new Error("busy");
  return held;
}

test("of many roots at once, as many get a use as the quota has, and each counts once however often it asks", async () => {
  const table = memoryTable();
  const all = await Promise.all(
    ["a", "b", "c", "d", "e", "f"].map(async (name) => {
      const taken = await takeUses(table, await holding(table, name), [{ use: service, quota: 4 }]);
      return taken && takeUses(table, taken.held, [{ use: service, quota: 4 }]);
    }),
  );
  expect(all.filter((one) => one?.refused.length === 0)).toHaveLength(4);
  expect(await usageOf(table, service)).toBe(4);
});

test("what fits is taken although something else does not", async () => {
  const table = memoryTable();
  await takeUses(table, await holding(table, "one"), [{ use: inNetwork, quota: 1 }]);
  const taken = await takeUses(table, await holding(table, "two"), [
    { use: service, quota: 1 },
    { use: inNetwork, quota: 1 },
  ]);
  expect(taken?.refused).toEqual([inNetwork]);
  expect(taken?.held.ledger.uses).toEqual([service]);
});

test("what exists is counted whatever the quota, and once; then others find no room for more than that", async () => {
  const table = memoryTable();
  for (const name of ["one", "two", "three"]) {
    const taken = await takeUses(table, await holding(table, name), [{ use: service }]);
    expect(taken?.refused).toEqual([]);
    expect((taken && (await takeUses(table, taken.held, [{ use: service }])))?.held.ledger.uses).toEqual([
      service,
    ]);
  }
  expect(await usageOf(table, service)).toBe(3);
  const late = await takeUses(table, await holding(table, "late"), [{ use: service, quota: 2 }]);
  expect(late?.refused).toEqual([service]);
});

test("what is given back is there for the next one, and whoever waits for it is woken", async () => {
  const table = memoryTable();
  const taken = await takeUses(table, await holding(table, "one"), [{ use: service, quota: 1 }]);
  const next = await holding(table, "two");
  expect((await takeUses(table, next, [{ use: service, quota: 1 }]))?.refused).toEqual([service]);
  const freed = taken && (await letUsesGo(table, taken.held, [service]));
  expect(freed?.owed.reads).toEqual([usageRead(service)]);
  expect(freed?.ledger.uses).toEqual([]);
  expect((await takeUses(table, next, [{ use: service, quota: 1 }]))?.refused).toEqual([]);
});

test("a worker that has lost its lease neither takes nor gives back", async () => {
  const table = memoryTable();
  const taken = await takeUses(table, await holding(table, "one"), [{ use: service, quota: 9 }]);
  if (taken === undefined) throw new Error("the lease was lost");
  await acquire(table, { root: taken.held.root, verify: false, cause: "" }, epochMs(61_000), epochMs(90_000));
  expect(await takeUses(table, taken.held, [{ use: inNetwork, quota: 9 }])).toBeUndefined();
  expect(await letUsesGo(table, taken.held, [service])).toBeUndefined();
  expect(await usageOf(table, service)).toBe(1);
  expect(await usageOf(table, inNetwork)).toBe(0);
  expect((await readLedger(table, taken.held.root))?.ledger.uses).toEqual([service]);
});
