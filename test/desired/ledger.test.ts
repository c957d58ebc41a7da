import { expect, test } from "vitest";
import {
  acquire,
  emptyLedger,
  readLedger,
  readOutput,
  release,
  save,
  takeDirty,
  type Held,
} from "../../functions/desired/ledger.ts";
import { readersOf } from "../../functions/desired/owed.ts";
import { nothingOwed } from "../../functions/desired/owed.ts";
import { addReaders, removeReaders } from "../../functions/desired/readers.ts";
import { asReadKey, asRootKey, epochMs } from "../../functions/model/ids.ts";
import type { Ask } from "../../functions/desired/lanes.ts";
import { memoryTable } from "../support/table.memory.ts";

const root = asRootKey("service/east/HTTPRoute/shop/checkout");
const ask = (cause: string, verify = false): Ask => ({ root, verify, cause });
const t = (seconds: number) => epochMs(seconds * 1000);

async function held(table: ReturnType<typeof memoryTable>, cause = "first", now = 0): Promise<Held> {
  const answer = await acquire(table, ask(cause), t(now), t(now + 60));
  if (answer === "busy") throw new Error("busy");
  return answer;
}

test("one worker at a time holds a root, and what others ask meanwhile is the holder's next round", async () => {
  const table = memoryTable();
  const first = await held(table);
  expect(await acquire(table, ask("second", true), t(1), t(61))).toBe("busy");
  expect(await release(table, first, { due: undefined, why: "visit" })).toBe("dirty");
  const again = await takeDirty(table, first);
  expect(again?.asks).toEqual([ask("second", true)]);
  // What a round could not do is asked of the next one too.
  expect((await takeDirty(table, first, [ask("first", true)]))?.asks).toEqual([ask("first", true)]);
  expect(again && (await release(table, again, { due: t(100), why: "visit" }))).toBe("released");
  expect(await held(table, "third", 2)).toMatchObject({ fence: 2 });
});

test("a dead holder's root is due when its lease ends, and the next holder takes on what it was asked", async () => {
  const table = memoryTable();
  await held(table, "from the dead");
  await acquire(table, ask("marked while it was dying", true), t(5), t(65));
  expect((await table.due(t(60), 10)).map((one) => one.pk)).toEqual([`root#${root}`]);
  const next = await held(table, "sweep", 61);
  expect(next.fence).toBe(2);
  expect(next.asks.map((one) => one.cause)).toEqual(["from the dead", "marked while it was dying", "sweep"]);
  expect(next.asks.some((one) => one.verify)).toBe(true);
});

test("a worker that lost its lease writes nothing", async () => {
  const table = memoryTable();
  const zombie = await held(table);
  const living = await held(table, "sweep", 61);
  const ledger = { ...emptyLedger, name: "zombie" };
  expect(await save(table, zombie, { ledger, owed: nothingOwed })).toBeUndefined();
  expect(await addReaders(table, zombie, [asReadKey("object#east/Service/shop/a")])).toBeUndefined();
  expect(await release(table, zombie, { due: undefined, why: "visit" })).toBe("lost");
  expect(await takeDirty(table, zombie)).toBeUndefined();
  expect((await readLedger(table, root))?.ledger.name).toBeUndefined();
  expect(
    await save(table, living, { ledger: { ...ledger, name: "living" }, owed: nothingOwed }),
  ).toBeDefined();
});

test("an output is there for readers in the write that publishes it, and goes in the write that withdraws it", async () => {
  const table = memoryTable();
  const output = { kind: "target-group", id: "tg-1", arn: "arn", filled: true, usable: true } as const;
  const published = await save(table, await held(table), {
    ledger: { ...emptyLedger, output },
    owed: nothingOwed,
  });
  expect(await readOutput(table, root)).toEqual(output);
  if (published === undefined) throw new Error("lost");
  await save(table, published, { ledger: { ...emptyLedger }, owed: nothingOwed });
  expect(await readOutput(table, root)).toBeUndefined();
});

test("whoever starts or stops to read an output makes its owner look", async () => {
  const table = memoryTable();
  const read = asReadKey("output#target-group/east/HTTPRoute/shop/checkout/shop/v1/80/HTTP/HTTP1/IPV4");
  const reading = await addReaders(table, await held(table), [read]);
  expect(await readersOf(table, read)).toEqual([root]);
  expect(reading?.owed.roots).toEqual([read.slice("output#".length)]);
  if (reading === undefined) throw new Error("lost");
  const stopped = await removeReaders(table, { ...reading, owed: nothingOwed }, [read]);
  expect(await readersOf(table, read)).toEqual([]);
  expect(stopped?.owed.roots).toEqual([read.slice("output#".length)]);
  expect(stopped?.ledger.reads).toEqual([]);
});

test("a zombie cannot take a reader away that a later holder needs", async () => {
  const table = memoryTable();
  const read = asReadKey("object#east/Service/shop/checkout");
  const zombie = await addReaders(table, await held(table), [read]);
  if (zombie === undefined) throw new Error("lost");
  await held(table, "sweep", 61);
  expect(await removeReaders(table, zombie, [read])).toBeUndefined();
  expect(await readersOf(table, read)).toEqual([root]);
});
