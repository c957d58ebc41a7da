import type { ReadKey, RootKey } from "../model/ids.ts";
import { outputOfRead } from "../model/reads.ts";
import { ledgerKey, readerKey } from "./keys.ts";
import { fenced, save, type Held } from "./ledger.ts";
import { addOwed, nothingOwed, type Owed } from "./owed.ts";
import type { Table, Write } from "./table.ts";

/** The owners of outputs among some reads: adding or removing a reader of an output decides whether its root is wanted. */
const ownersOf = (reads: readonly ReadKey[]): readonly RootKey[] =>
  reads.flatMap((read) => {
    const root = outputOfRead(read);
    return root === undefined ? [] : [root];
  });

/**
 * Registers a root as reader of what it has read for the first time: first the ledger's list grows (and owes the owners of
 * outputs a wake-up), then the reader items are written. So an item without its place in the list cannot be left behind.
 * Answers undefined when the lease was lost.
 */
export async function addReaders(
  table: Table,
  held: Held,
  fresh: readonly ReadKey[],
): Promise<Held | undefined> {
  if (fresh.length === 0) return held;
  const ledger = { ...held.ledger, reads: [...new Set([...held.ledger.reads, ...fresh])].toSorted() };
  const owed = addOwed(held.owed, wakeOwners(fresh, `${held.root} reads it`));
  const grown = await save(table, held, { ledger, owed });
  if (grown === undefined) return undefined;
  for (const part of chunks(fresh, 90)) {
    const puts = part.map((read): Write => ({ do: "put", key: readerKey(read, held.root), item: {} }));
    if (!(await table.write([fence(held), ...puts]))) return undefined;
  }
  return grown;
}

/**
 * Takes a root off the readers of what neither its latest compile nor its observed model refers to. The items, the ledger's
 * list and the debt to the owners of outputs change in one transaction under the fence, so that a worker that lost its
 * lease cannot remove what another one registered.
 */
export async function removeReaders(
  table: Table,
  held: Held,
  stale: readonly ReadKey[],
): Promise<Held | undefined> {
  let now: Held = held;
  for (const part of chunks(stale, 90)) {
    const gone = new Set(part);
    const ledger = { ...now.ledger, reads: now.ledger.reads.filter((read) => !gone.has(read)) };
    const owed = addOwed(now.owed, wakeOwners(part, `${held.root} reads it no more`));
    const deletes = part.map((read): Write => ({ do: "delete", key: readerKey(read, held.root) }));
    const shrunk = await save(table, now, { ledger, owed }, deletes);
    if (shrunk === undefined) return undefined;
    now = shrunk;
  }
  return now;
}

const wakeOwners = (reads: readonly ReadKey[], cause: string): Owed => ({
  ...nothingOwed,
  roots: ownersOf(reads),
  cause,
});

const fence = (held: Held): Write => ({ do: "check", key: ledgerKey(held.root), when: fenced(held) });

function chunks<T>(values: readonly T[], size: number): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let start = 0; start < values.length; start += size) parts.push(values.slice(start, start + size));
  return parts;
}
