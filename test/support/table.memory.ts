import type { Condition, Item, Key, Table, Value, Write } from "../../functions/desired/table.ts";

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The table in memory, with DynamoDB's rules: one transaction at a time, items up to 400 KB, at most 100 writes. What is
 * read is what was stored, frozen: nobody can change it behind the table's back, and nothing is copied for a read.
 */
export function memoryTable(): Table {
  const store = createStore();
  return {
    async get(key) {
      return store.get(key);
    },
    async getMany(keys) {
      return keys.flatMap((key) => store.get(key) ?? []);
    },
    async query(pk, prefix = "") {
      const found = [...store.partition(pk)].filter((item) => item.sk.startsWith(prefix));
      return found.toSorted((a, b) => byText(a.sk, b.sk));
    },
    async due(now, limit) {
      const found = [...store.due()].filter((item) => item.due <= now);
      return found.toSorted((a, b) => a.due - b.due || byText(a.pk, b.pk)).slice(0, limit);
    },
    async write(writes) {
      if (writes.length > 100)
        throw new RangeError(`a transaction holds 100 writes at most, not ${writes.length}`);
      if (new Set(writes.map(({ key }) => `${key.pk}\u0000${key.sk}`)).size !== writes.length) {
        throw new TypeError("a transaction cannot hold two writes of one item");
      }
      if (!writes.every((one) => (one.when ?? []).every((condition) => holds(condition, store.get(one.key)))))
        return false;
      const next = writes.map((one) => [one.key, after(one, store.get(one.key))] as const);
      for (const [key, item] of next) store.set(key, item);
      return true;
    },
  };
}

/** Items by partition, and beside them the index of those that are due. */
function createStore() {
  const partitions = new Map<string, Map<string, Item>>();
  const dues = new Map<Item, Key & { readonly due: number }>();
  const get = ({ pk, sk }: Key): Item | undefined => partitions.get(pk)?.get(sk);
  return {
    get,
    partition: (pk: string): Iterable<Item> => partitions.get(pk)?.values() ?? [],
    due: (): Iterable<Key & { readonly due: number }> => dues.values(),
    set({ pk, sk }: Key, item: Item | undefined): void {
      const before = get({ pk, sk });
      if (before !== undefined) dues.delete(before);
      const items = partitions.get(pk) ?? new Map<string, Item>();
      partitions.set(pk, items);
      if (item === undefined) items.delete(sk);
      else items.set(sk, item);
      if (item !== undefined && typeof item["due"] === "number") dues.set(item, { pk, sk, due: item["due"] });
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

/** What is in an item's place after a write; undefined for nothing. */
function after(one: Write, before: Item | undefined): Item | undefined {
  switch (one.do) {
    case "put":
      return sized({ ...one.item, ...one.key });
    case "delete":
      return undefined;
    case "check":
      return before;
    case "update": {
      const next: Record<string, Value> = { ...(before ?? one.key), ...one.set };
      for (const attribute of one.remove ?? []) delete next[attribute];
      for (const [attribute, by] of Object.entries(one.add ?? {})) {
        const value = next[attribute];
        next[attribute] = (typeof value === "number" ? value : 0) + by;
      }
      return sized({ ...next, ...one.key });
    }
  }
}

function sized(item: Item): Item {
  const text = JSON.stringify(item);
  if (text.length > 400_000)
    throw new RangeError(`Item size has exceeded the maximum allowed size: ${item.pk} ${item.sk}`);
  return frozen(JSON.parse(text));
}

/** A value that was just parsed, so that nobody else holds it, with everything in it. */
function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
