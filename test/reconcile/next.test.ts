import { expect, test } from "vitest";
import { acquire, readLedger, release, type Held } from "../../functions/desired/ledger.ts";
import { asRootKey, epochMs } from "../../functions/model/ids.ts";
import { visitNext } from "../../functions/reconcile/next.ts";
import { looksLive } from "../../functions/reconcile/seen.ts";
import { memoryTable } from "../support/table.memory.ts";

const root = asRootKey("service/east/HTTPRoute/shop/checkout");
const minute = 60_000;

test("a root that is woken all the time is visited as often as any other", async () => {
  const table = memoryTable();
  let now = 0;
  const d = {
    clock: { now: () => epochMs(now) },
    random: { fraction: () => 0.5, token: () => "" },
    settings: {
      graceMs: 0,
      visitEveryMs: 30 * minute,
      allowance: { callsPerSecond: 1, burst: 1 },
    },
  };
  /** A round with which all is well, so many minutes later; answers when the next visit is due, in minutes. */
  const round = async (after: number, visited: boolean): Promise<number | undefined> => {
    now += after * minute;
    const ask = { root, verify: visited, cause: "test" };
    const held: Held | "busy" = await acquire(table, ask, epochMs(now), epochMs(now + minute));
    if (held === "busy") throw new Error("busy");
    await release(table, held, visitNext(d, held, visited));
    const due = (await readLedger(table, root))?.due;
    return due === undefined ? undefined : due / minute;
  };
  expect(await round(0, false)).toBe(30);
  expect(await round(10, false)).toBe(30);
  expect(await round(19, false)).toBe(30);
  expect(await round(2, false)).toBe(30);
  expect(await round(1, true)).toBe(62);
});

test("a root whose visit is due is compared with Lattice by whatever wakes it first, also where it is only tried again", async () => {
  const table = memoryTable();
  const wake = async (at: number): Promise<Held> => {
    const ask = { root, verify: false, cause: "tried again" };
    const held = await acquire(table, ask, epochMs(at), epochMs(at + minute));
    if (held === "busy") throw new Error("busy");
    return held;
  };
  const visit = epochMs(30 * minute);
  await release(table, await wake(0), { due: epochMs(5 * minute), why: "retry", visit });
  const early = await wake(5 * minute);
  expect(looksLive(early, epochMs(5 * minute))).toBe(false);
  await release(table, early, { due: visit, why: "retry", visit });
  expect(looksLive(await wake(30 * minute), visit)).toBe(true);
});
