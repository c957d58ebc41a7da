import { asReadKey, asRootKey, type ObjectKey, type ReadKey, type RootKey } from "../model/ids.ts";
import { byText } from "../model/canonical.ts";
import { parseRoot, type Root } from "../model/roots.ts";
import type { Ask, Lane, Queues } from "./lanes.ts";
import { readersPartition } from "./keys.ts";
import type { Item, Key, Table, Value } from "./table.ts";

/**
 * What a committed change still has to send. It is stored in the write that commits the change, and cleared after it was
 * sent, so that a crash between the two loses nothing: every later attempt and every visit pays first.
 */
export interface Owed {
  /** Keys whose readers must be woken. */
  readonly reads: readonly ReadKey[];
  /** Roots that must be woken, whoever reads what. */
  readonly roots: readonly RootKey[];
  /** Objects whose status must be looked at. */
  readonly statuses: readonly ObjectKey[];
  /** What happened, in words for the history of those who are woken. */
  readonly cause: string;
}

export const nothingOwed: Owed = { reads: [], roots: [], statuses: [], cause: "" };

export const isOwed = (owed: Owed): boolean =>
  owed.reads.length + owed.roots.length + owed.statuses.length > 0;

/** Both debts together: a change that is committed over an unpaid one takes it over. */
export function addOwed(a: Owed, b: Owed): Owed {
  const union = <T extends string>(x: readonly T[], y: readonly T[]): readonly T[] =>
    [...new Set([...x, ...y])].toSorted(byText);
  return {
    reads: union(a.reads, b.reads),
    roots: union(a.roots, b.roots),
    statuses: union(a.statuses, b.statuses),
    cause: b.cause === "" ? a.cause : b.cause,
  };
}

/** The debt as an attribute. */
export const owedValue = (owed: Owed): Value => ({
  reads: owed.reads,
  roots: owed.roots,
  statuses: owed.statuses,
  cause: owed.cause,
});

/** The debt of an item, if it has one. */
export function owedOf(item: Item | undefined): Owed {
  const value = item?.["owed"];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return nothingOwed;
  const texts = (name: string): readonly string[] => {
    const list = (value as Readonly<Record<string, Value>>)[name];
    return Array.isArray(list) ? list.filter((text): text is string => typeof text === "string") : [];
  };
  const cause = (value as Readonly<Record<string, Value>>)["cause"];
  return {
    reads: texts("reads").map(asReadKey),
    roots: texts("roots").map(asRootKey),
    statuses: texts("statuses").map((key) => key as ObjectKey),
    cause: typeof cause === "string" ? cause : "",
  };
}

const laneOfKind: Readonly<Record<Root["kind"], Lane>> = {
  "target-group": "targets",
  service: "config",
  "service-network": "config",
  route: "verdicts",
  gateway: "verdicts",
  "listener-set": "verdicts",
  "gateway-class": "verdicts",
};

/** Target groups follow endpoints and go first; what else is in Lattice is configuration. */
export const laneOf = (root: RootKey): Lane => laneOfKind[parseRoot(root).kind];

/** The roots that read something, found by a consistent query. */
export async function readersOf(table: Table, read: ReadKey): Promise<readonly RootKey[]> {
  return (await table.query(readersPartition(read))).map((item) => asRootKey(item.sk));
}

/** Sends what is owed. Nothing is cleared: that is the payer's next step. */
export async function send(owed: Owed, table: Table, queues: Queues): Promise<void> {
  const woken = new Set<RootKey>(owed.roots);
  for (const readers of await Promise.all(owed.reads.map((read) => readersOf(table, read)))) {
    for (const root of readers) woken.add(root);
  }
  const byLane = new Map<Lane, Ask[]>();
  for (const root of [...woken].toSorted(byText)) {
    const lane = laneOf(root);
    const asks = byLane.get(lane) ?? [];
    asks.push({ root, verify: false, cause: owed.cause });
    byLane.set(lane, asks);
  }
  for (const [lane, asks] of byLane) await queues.send(lane, asks);
  if (owed.statuses.length > 0) {
    await queues.sendStatus(owed.statuses.map((object) => ({ do: "write-status", object })));
  }
}

/**
 * Pays the debt of an item: sends it, then clears it unless the item has changed since (then the change owes it too, and
 * sending twice does no harm).
 */
export async function pay(key: Key, item: Item | undefined, table: Table, queues: Queues): Promise<void> {
  const owed = owedOf(item);
  if (item === undefined || !isOwed(owed)) return;
  await send(owed, table, queues);
  const version = item["v"];
  if (typeof version !== "number") return;
  await table.write([
    {
      do: "update",
      key,
      remove: ["owed", "due"],
      add: { v: 1 },
      when: [{ attribute: "v", is: "equal", value: version }],
    },
  ]);
}
