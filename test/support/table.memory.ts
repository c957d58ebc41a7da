import type { Condition, Item, Key, Table, Value, Write } from "../../functions/desired/table.ts";

const id = (key: Key): string => `${key.pk}\u0000${key.sk}`;
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The table in memory, with DynamoDB's rules: one transaction at a time, items up to 400 KB, at most 100 writes. */
export function memoryTable(): Table & { readonly items: Map<string, Item> } {
  const items = new Map<string, Item>();
  const copy = (item: Item): Item => structuredClone(item);
  return {
    items,
    async get(key) {
      const item = items.get(id(key));
      return item && copy(item);
    },
    async getMany(keys) {
      return keys.flatMap((key) => {
        const item = items.get(id(key));
        return item === undefined ? [] : [copy(item)];
      });
    },
    async query(pk, prefix = "") {
      const found = [...items.values()].filter((item) => item.pk === pk && item.sk.startsWith(prefix));
      return found.toSorted((a, b) => byText(a.sk, b.sk)).map(copy);
    },
    async due(now, limit) {
      const found = [...items.values()].flatMap((item) =>
        typeof item["due"] === "number" && item["due"] <= now
          ? [{ pk: item.pk, sk: item.sk, due: item["due"] }]
          : [],
      );
      return found.toSorted((a, b) => a.due - b.due || byText(a.pk, b.pk)).slice(0, limit);
    },
    async write(writes) {
      if (writes.length > 100)
        throw new RangeError(`a transaction holds 100 writes at most, not ${writes.length}`);
      if (new Set(writes.map((one) => id(one.key))).size !== writes.length) {
        throw new TypeError("a transaction cannot hold two writes of one item");
      }
      if (
        !writes.every((one) =>
          (one.when ?? []).every((condition) => holds(condition, items.get(id(one.key)))),
        )
      )
        return false;
      for (const one of writes) execute(one, items);
      return true;
    },
  };
}

function holds(condition: Condition, item: Item | undefined): boolean {
  const value = item?.[condition.attribute];
  switch (condition.is) {
    case "absent":
      return value === undefined;
    case "present":
      return value !== undefined;
    case "equal":
      return value === condition.value;
    case "less":
      return typeof value === "number" && value < condition.value;
    case "at-least":
      return typeof value === "number" && value >= condition.value;
  }
}

function execute(one: Write, items: Map<string, Item>): void {
  switch (one.do) {
    case "put":
      items.set(id(one.key), sized({ ...one.item, ...one.key }));
      return;
    case "delete":
      items.delete(id(one.key));
      return;
    case "check":
      return;
    case "update": {
      const next: Record<string, Value> = { ...(items.get(id(one.key)) ?? one.key), ...one.set };
      for (const attribute of one.remove ?? []) delete next[attribute];
      for (const [attribute, by] of Object.entries(one.add ?? {})) {
        const value = next[attribute];
        next[attribute] = (typeof value === "number" ? value : 0) + by;
      }
      items.set(id(one.key), sized({ ...next, ...one.key }));
    }
  }
}

function sized(item: Item): Item {
  const text = JSON.stringify(item);
  if (text.length > 400_000)
    throw new RangeError(`Item size has exceeded the maximum allowed size: ${item.pk} ${item.sk}`);
  return JSON.parse(text);
}
