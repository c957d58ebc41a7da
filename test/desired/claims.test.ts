import { expect, test } from "vitest";
import {
  holderOf,
  letHostnamesGo,
  letNameGo,
  takeHostnames,
  takeName,
} from "../../functions/desired/claims.ts";
import { acquire, readLedger, type Held } from "../../functions/desired/ledger.ts";
import { claimKey } from "../../functions/desired/keys.ts";
import type { Table } from "../../functions/desired/table.ts";
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

test("who is named by a claim loses the hostname for it and is woken, and nobody else does", async () => {
  const table = memoryTable();
  const first = await takeHostnames(table, await holding(table, "one"), [claim]);
  const second = await holding(table, "two");
  if (first === undefined) throw new Error("a lease was lost");
  const other = { ...claim, over: asRootKey("service/east/HTTPRoute/shop/three/_") };
  expect((await takeHostnames(table, second, [other]))?.refused).toHaveLength(1);
  const taken = await takeHostnames(table, await again(table, second), [{ ...claim, over: first.held.root }]);
  expect(taken?.refused).toEqual([]);
  expect(taken?.held.owed.reads).toContain(read);
  expect(taken?.held.ledger.claims).toEqual([claim]);
  expect(await holderOf(table, on)).toEqual({ root: second.root, gateway: claim.gateway });
  // What it lists still is not its own to give away.
  await letHostnamesGo(table, first.held, [claim]);
  expect((await holderOf(table, on))?.root).toBe(second.root);
});

/** The same root for a later holder of its lease. */
async function again(table: Table, { root }: Held): Promise<Held> {
  const held = await acquire(table, { root, verify: false, cause: "" }, epochMs(61_000), epochMs(90_000));
  if (held === "busy") throw new Error("busy");
  return held;
}

test("a claim is in the ledger before it is made, and taking it again changes nothing", async () => {
  const table = memoryTable();
  const taken = await takeHostnames(table, await holding(table, "one"), [claim]);
  if (taken === undefined) throw new Error("the lease was lost");
  expect((await readLedger(table, taken.held.root))?.ledger.claims).toEqual([claim]);
  expect(await takeHostnames(table, taken.held, [claim])).toEqual({ held: taken.held, refused: [] });
});

test("a claim is had once although several Gateways of one network ask for it, and is let go once", async () => {
  const table = memoryTable();
  const other = { ...on, gateway: "east/pay/prod" };
  const taken = await takeHostnames(table, await holding(table, "one"), [claim, other]);
  if (taken === undefined) throw new Error("the lease was lost");
  expect(taken.held.ledger.claims).toHaveLength(1);
  const freed = await letHostnamesGo(table, taken.held, [claim, other]);
  expect(freed?.ledger.claims).toEqual([]);
  expect(await holderOf(table, on)).toBeUndefined();
});

test("a claim for another Gateway of its network stays the same root's, and who looks at it is woken", async () => {
  const table = memoryTable();
  const first = await takeHostnames(table, await holding(table, "one"), [claim]);
  if (first === undefined) throw new Error("the lease was lost");
  const moved = { ...on, gateway: "east/pay/prod" };
  const second = await takeHostnames(table, first.held, [moved]);
  expect(second?.held.ledger.claims).toEqual([moved]);
  expect(second?.held.owed.reads).toContain(read);
  expect(await holderOf(table, on)).toEqual({ root: first.held.root, gateway: moved.gateway });
});

test("wherever a worker dies that takes a claim or moves it, the next one finishes that, and the ledger lists what is held", async () => {
  const moved = { ...on, gateway: "east/pay/prod" };
  for (let writes = 0; writes < 6; writes += 1) {
    const table = memoryTable();
    const dying = dyingAfter(table, writes);
    const root = await holding(table, "one");
    const both = async (): Promise<void> => {
      const first = await takeHostnames(dying, root, [claim]);
      if (first !== undefined) await takeHostnames(dying, first.held, [moved]);
    };
    await both().catch(() => undefined);
    const ask = { root: root.root, verify: false, cause: "" };
    const next = await acquire(table, ask, epochMs(61_000), epochMs(120_000));
    if (next === "busy") throw new Error("busy");
    const taken = await takeHostnames(table, next, [moved]);
    expect(taken?.held.ledger.claims, `after ${writes} writes`).toEqual([moved]);
    expect(taken?.held.owed.reads, `after ${writes} writes`).toContain(read);
    expect(await holderOf(table, on), `after ${writes} writes`).toEqual({
      root: root.root,
      gateway: moved.gateway,
    });
  }
});

test("a worker that has lost its lease takes nothing", async () => {
  const table = memoryTable();
  const held = await holding(table, "one");
  await acquire(table, { root: held.root, verify: false, cause: "" }, epochMs(61_000), epochMs(90_000));
  expect(await takeHostnames(table, held, [claim])).toBeUndefined();
  expect(await holderOf(table, on)).toBeUndefined();
});

/** Has the root take a name, and answers the new state of who holds its lease. */
async function named(table: ReturnType<typeof memoryTable>, held: Held, name: string, foreign?: string) {
  const taken = await takeName(table, held, on, name, foreign);
  if (taken === undefined || !("held" in taken)) throw new Error(`${name} could not be had`);
  return taken.held;
}

test("a service name has one holder until that takes another or lets it go, and the ledger says which it is", async () => {
  const table = memoryTable();
  const one = await named(table, await holding(table, "one"), "before");
  const two = await holding(table, "two");
  expect(await takeName(table, two, on, "before")).toEqual({ heldBy: one.root });
  const after = await named(table, one, "after");
  expect((await readLedger(table, one.root))?.ledger.name).toBe("after");
  const other = await named(table, two, "before");
  expect(await takeName(table, other, on, "after")).toEqual({ heldBy: one.root });
  await letNameGo(table, after, on);
  expect((await readLedger(table, one.root))?.ledger.name).toBeUndefined();
  await named(table, other, "after");
});

test("a name that turned out to be somebody else's is taken for every root", async () => {
  const table = memoryTable();
  const one = await named(table, await holding(table, "one"), "theirs");
  await named(table, one, "ours", "arn:theirs");
  expect(await takeName(table, await holding(table, "two"), on, "theirs")).toEqual({ heldBy: "arn:theirs" });
});

test("a worker that has lost its lease neither takes a name nor lets one go", async () => {
  const table = memoryTable();
  const late = await named(table, await holding(table, "one"), "before");
  await acquire(table, { root: late.root, verify: false, cause: "" }, epochMs(61_000), epochMs(90_000));
  expect(await takeName(table, late, on, "after")).toBeUndefined();
  expect(await letNameGo(table, late, on)).toBeUndefined();
  const two = await holding(table, "two");
  expect(await takeName(table, two, on, "before")).toEqual({ heldBy: late.root });
  await named(table, two, "after");
});

/** A table whose worker dies after so many writes. */
function dyingAfter(table: Table, writes: number): Table {
  let left = writes;
  return {
    ...table,
    write: (all) => (left-- > 0 ? table.write(all) : Promise.reject(new Error("it dies"))),
  };
}

test("wherever a worker dies, the name that its ledger says is the one that the root holds, and there is no other", async () => {
  const steps = [
    (table: Table, held: Held) => takeName(table, held, on, "after"),
    (table: Table, held: Held) => takeName(table, held, on, "after", "arn:before"),
    (table: Table, held: Held) => letNameGo(table, held, on),
  ];
  for (const step of steps)
    for (let writes = 0; writes < 4; writes += 1) {
      const table = memoryTable();
      const held = await named(table, await holding(table, "one"), "before");
      await step(dyingAfter(table, writes), held).catch(() => undefined);
      const names = await table.query(claimKey(on.account, on.region, "service-name", "").pk);
      const its = names.filter(({ holder }) => holder === held.root).map(({ sk }) => sk);
      const says = (await readLedger(table, held.root))?.ledger.name;
      expect(its).toEqual(says === undefined ? [] : [says]);
    }
});
