/**
 * The port to one DynamoDB table with string keys `pk` and `sk`: the few operations that desired state is made of.
 * All reads are strongly consistent but `due`, which can only delay. Writes of one call are one transaction.
 */
export interface Table {
  get(key: Key): Promise<Item | undefined>;
  getMany(keys: readonly Key[]): Promise<readonly Item[]>;
  /** Items of one partition whose sk begins with the prefix, in order of sk. */
  query(pk: string, skPrefix?: string): Promise<readonly Item[]>;
  /** Keys of items whose attribute `due` is at most `now` (milliseconds), oldest first. Eventually consistent. */
  due(now: number, limit: number): Promise<readonly (Key & { readonly due: number })[]>;
  /**
   * All or nothing; at most 100 writes, each of another item. Answers `false` when a condition did not hold.
   * Other failures throw.
   */
  write(writes: readonly Write[]): Promise<boolean>;
}

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

/** An item: its keys and its attributes. `due` (milliseconds) puts it on the due index; `ttl` (seconds) lets it expire. */
export type Item = Key & { readonly [name: string]: Value };

/** All conditions of a write must hold. An attribute of an item that does not exist is absent. */
export type Condition =
  | { readonly attribute: string; readonly is: "absent" }
  | { readonly attribute: string; readonly is: "present" }
  | { readonly attribute: string; readonly is: "equal"; readonly value: string | number | boolean }
  | { readonly attribute: string; readonly is: "less"; readonly value: number }
  | { readonly attribute: string; readonly is: "at-least"; readonly value: number };

export type Write = { readonly key: Key; readonly when?: readonly Condition[] | undefined } & (
  | { readonly do: "put"; readonly item: Readonly<Record<string, Value>> }
  /** Creates the item when it does not exist. */
  | {
      readonly do: "update";
      readonly set?: Readonly<Record<string, Value>> | undefined;
      readonly remove?: readonly string[] | undefined;
      readonly add?: Readonly<Record<string, number>> | undefined;
    }
  | { readonly do: "delete" }
  | { readonly do: "check" }
);
