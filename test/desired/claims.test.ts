import { expect, test } from "vitest";
import { holderOf, letHostnamesGo, takeHostnames } from "../../functions/desired/claims.ts";
import { acquire, readLedger } from "../../functions/desired/ledger.ts";
import { asRootKey, epochMs } from "../../functions/model/ids.ts";
import { holderRead } from "../../functions/model/reads.ts";
import { memoryTable } from "../support/table.memory.ts";

const on = { account: "111122223333", region: "eu-central-1", network: "sn-1", hostname: "a.example.com" };
const claim = { ...on, gateway: "east/shop/prod" };
const read = holderRead(on.account, on.region, on.network, on.hostname);

async function holding(table: ReturnType<typeof memoryTable>, name: string) {
  const root = asRootKey(`service/east/HTTPRoute/shop/${name}/a.example.com`);
  const held = await acquire(table, { root, verify: false, cause: "" }, epochMs(0), epochMs(60_000));
  if (held === "busy") throw new Error("busy");
  return held;
}

test("a hostname on a network is held by who came first, until that lets it go, and who waits for it is woken", async () => {
  const table = memoryTable();
  const first = await takeHostnames(table, await holding(table, "one"), [claim]);
  expect(first?.refused).toEqual([]);
  expect(first?.held.owed.reads).toContain(read);
  const second = await takeHostnames(table, await holding(table, "two"), [claim]);
  expect(second?.refused).toEqual([claim]);
  expect(second?.held.ledger.claims).toEqual([]);
  expect(await holderOf(table, on)).toEqual({ root: first?.held.root, gateway: claim.gateway });
  if (first === undefined || second === undefined) throw new Error("a lease was lost");
  const freed = await letHostnamesGo(table, first.held, [claim]);
  expect(freed?.owed.reads).toContain(read);
  expect(await holderOf(table, on)).toBeUndefined();
  expect((await takeHostnames(table, second.held, [claim]))?.refused).toEqual([]);
});

test("a claim is in the ledger before it is made, and taking it again changes nothing", async () => {
  const table = memoryTable();
  const taken = await takeHostnames(table, await holding(table, "one"), [claim]);
  if (taken === undefined) throw new Error("the lease was lost");
  expect((await readLedger(table, taken.held.root))?.ledger.claims).toEqual([claim]);
  expect(await takeHostnames(table, taken.held, [claim])).toEqual({ held: taken.held, refused: [] });
});

test("a worker that has lost its lease takes nothing", async () => {
  const table = memoryTable();
  const held = await holding(table, "one");
  await acquire(table, { root: held.root, verify: false, cause: "" }, epochMs(61_000), epochMs(90_000));
  expect(await takeHostnames(table, held, [claim])).toBeUndefined();
  expect(await holderOf(table, on)).toBeUndefined();
});
