import { expect, test } from "vitest";
import type { Table } from "../../functions/desired/table.ts";

/** What desired state relies on, of any table. `make` answers an empty one. */
export function tableContract(name: string, make: () => Promise<Table>): void {
  const key = { pk: "object#east#Service#shop", sk: "checkout" };

  test(`${name}: what is put is got, with all kinds of values`, async () => {
    const table = await make();
    const item = {
      text: "a",
      number: 1.5,
      yes: true,
      nothing: null,
      list: ["x", 2, { y: [] }],
      map: { z: "", deep: { n: 0 } },
    };
    expect(await table.write([{ do: "put", key, item }])).toBe(true);
    expect(await table.get(key)).toEqual({ ...key, ...item });
    expect(await table.get({ ...key, sk: "other" })).toBeUndefined();
  });

  test(`${name}: conditions decide, and a transaction is all or nothing`, async () => {
    const table = await make();
    const other = { ...key, sk: "other" };
    expect(
      await table.write([{ do: "put", key, item: { v: 1 }, when: [{ attribute: "v", is: "absent" }] }]),
    ).toBe(true);
    expect(
      await table.write([
        { do: "put", key: other, item: { v: 1 } },
        { do: "update", key, set: { v: 2 }, when: [{ attribute: "v", is: "equal", value: 9 }] },
      ]),
    ).toBe(false);
    expect(await table.get(other)).toBeUndefined();
    const when = [
      { attribute: "v", is: "equal", value: 1 },
      { attribute: "v", is: "less", value: 2 },
      { attribute: "v", is: "at-least", value: 1 },
      { attribute: "v", is: "present" },
      { attribute: "lease", is: "absent" },
    ] as const;
    expect(await table.write([{ do: "update", key, set: { v: 2 }, when }])).toBe(true);
    expect(
      await table.write([
        { do: "check", key, when: [{ attribute: "v", is: "equal", value: 1 }] },
        { do: "delete", key: other },
      ]),
    ).toBe(false);
    expect(
      await table.write([{ do: "delete", key, when: [{ attribute: "v", is: "equal", value: 2 }] }]),
    ).toBe(true);
    expect(await table.get(key)).toBeUndefined();
  });

  test(`${name}: an update sets, removes and adds, and makes an item that is not there`, async () => {
    const table = await make();
    await table.write([{ do: "update", key, set: { a: 1, b: { c: 2 } }, add: { v: 1 } }]);
    await table.write([{ do: "update", key, set: { a: 2 }, remove: ["b"], add: { v: 5 } }]);
    expect(await table.get(key)).toEqual({ ...key, a: 2, v: 6 });
  });

  test(`${name}: a query answers one partition, by prefix, in order, over pages`, async () => {
    const table = await make();
    const filler = "x".repeat(20_000);
    for (let index = 0; index < 120; index += 1) {
      const sk = `${index % 2 === 0 ? "even" : "odd"}#${String(index).padStart(3, "0")}`;
      await table.write([{ do: "put", key: { pk: "p", sk }, item: { filler } }]);
    }
    await table.write([{ do: "put", key: { pk: "q", sk: "even#000" }, item: {} }]);
    const even = (await table.query("p", "even#")).map((item) => item.sk);
    expect(even).toHaveLength(60);
    expect(even).toEqual(even.toSorted());
    expect(await table.query("p")).toHaveLength(120);
    expect(await table.query("none")).toEqual([]);
  });

  test(`${name}: many keys are got at once, missing ones are left out`, async () => {
    const table = await make();
    const keys = Array.from({ length: 230 }, (_, index) => ({ pk: `many#${index % 7}`, sk: String(index) }));
    for (let start = 0; start < 200; start += 100) {
      await table.write(
        keys.slice(start, start + 100).map((one) => ({ do: "put", key: one, item: { n: 1 } })),
      );
    }
    const found = await table.getMany(keys);
    expect(found.map((item) => Number(item.sk)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, index) => index),
    );
  });

  test(`${name}: what is due comes oldest first, and no longer once its due time is removed`, async () => {
    const table = await make();
    for (const [sk, due] of [
      ["late", 30],
      ["early", 10],
      ["future", 99],
    ] as const) {
      await table.write([{ do: "update", key: { pk: `root#${sk}`, sk: "ledger" }, set: { due } }]);
    }
    const due = async () => (await table.due(50, 10)).map((one) => [one.pk, one.sk, one.due]);
    await expect.poll(due).toEqual([
      ["root#early", "ledger", 10],
      ["root#late", "ledger", 30],
    ]);
    expect(await table.due(50, 1)).toHaveLength(1);
    await table.write([{ do: "update", key: { pk: "root#early", sk: "ledger" }, remove: ["due"] }]);
    await expect.poll(due).toEqual([["root#late", "ledger", 30]]);
    expect(await table.get({ pk: "root#late", sk: "ledger" })).toEqual({
      pk: "root#late",
      sk: "ledger",
      due: 30,
    });
  });

  test(`${name}: a count that many add to at once never passes its bound`, async () => {
    const table = await make();
    await table.write([{ do: "put", key, item: { used: 1 } }]);
    const writes = Array.from({ length: 8 }, (_, index) =>
      table.write([
        { do: "update", key, add: { used: 1 }, when: [{ attribute: "used", is: "less", value: 4 }] },
        { do: "put", key: { ...key, sk: `user ${index}` }, item: {} },
      ]),
    );
    expect((await Promise.all(writes)).filter(Boolean)).toHaveLength(3);
    expect(await table.get(key)).toEqual({ ...key, used: 4 });
    expect(await table.query(key.pk, "user")).toHaveLength(3);
  });

  test(`${name}: of ten writers that read the same version, one writes`, async () => {
    const table = await make();
    await table.write([{ do: "put", key, item: { v: 0 } }]);
    const writes = Array.from({ length: 10 }, () =>
      table.write([{ do: "update", key, add: { v: 1 }, when: [{ attribute: "v", is: "equal", value: 0 }] }]),
    );
    expect((await Promise.all(writes)).filter(Boolean)).toHaveLength(1);
  });
}
