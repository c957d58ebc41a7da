import { same } from "../model/canonical.ts";
import { epochMs, type EpochMs, type ObjectKey, type ReadKey, type RootKey } from "../model/ids.ts";
import type { Observed, Output } from "../model/lattice.ts";
import type { Use } from "../model/limits.ts";
import { asksOf, asksValue, mergeAsks } from "./asks.ts";
import { packBody, unpackBody } from "./body.ts";
import { ledgerKey, outputKey, type HostnameOn } from "./keys.ts";
import type { Ask } from "./lanes.ts";
import { isOwed, owedOf, owedValue, type Owed } from "./owed.ts";
import type { Item, Table, Value, Write } from "./table.ts";

/** The record of one root that its holder reads and writes. It outlives the root. */
export interface Ledger {
  /** What the latest compile, or the observed model, depends on: each has a reader item. */
  readonly reads: readonly ReadKey[];
  /** The root's resource as last observed in Lattice. */
  readonly observed?: Observed | undefined;
  /** Set before the first mutating call of a round and cleared with its outcome: while it is set, memory is not to be trusted. */
  readonly applying: boolean;
  /** When a call ended without an answer: it may land late, so a look at Lattice counts only some time after it. */
  readonly unknownAt?: EpochMs | undefined;
  /** Client tokens of creates whose outcome is not recorded yet, by slot. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly output?: Output | undefined;
  /** When the output was withdrawn because nobody read it any more. */
  readonly withdrawnAt?: EpochMs | undefined;
  /** Rounds in a row that ended with something still on its way in Lattice, or with a network that is not there yet. */
  readonly polls: number;
  /** Rounds in a row that ended with a failed call. */
  readonly failures: number;
  /** The Lattice name that was claimed for this root; the claim changes in the writes that change it. */
  readonly name?: string | undefined;
  readonly incarnation: number;
  /** The name under which the in-cluster controller's resource was searched for and not found. */
  readonly soughtAs?: string | undefined;
  /** Which root stands behind a Lattice id that the observed model mentions. */
  readonly refs: Readonly<Record<string, RootKey>>;
  /** Service networks that this root ever wanted to be in: associations with others were made by hand. */
  readonly networks: readonly string[];
  /** Hostnames on networks that this root holds, or may hold: each is listed before it is taken. */
  readonly claims: readonly (HostnameOn & { readonly gateway: string })[];
  /** What this root uses of quotas that it shares with others; counted in the writes that change this list. */
  readonly uses: readonly Use[];
  /** Of a service: the routes that were in a model that was carried out, as `KIND/NAMESPACE/NAME`. */
  readonly served: readonly string[];
  /** What was last said of each object, as a hash: a report is written only when it differs. */
  readonly reported: Readonly<Record<ObjectKey, string>>;
}

export const emptyLedger: Ledger = {
  reads: [],
  applying: false,
  tokens: {},
  polls: 0,
  failures: 0,
  incarnation: 0,
  refs: {},
  networks: [],
  claims: [],
  uses: [],
  served: [],
  reported: {},
};

/** What a holder of a root's lease holds. */
export interface Held {
  readonly root: RootKey;
  readonly fence: number;
  readonly leaseUntil: EpochMs;
  readonly ledger: Ledger;
  readonly owed: Owed;
  /** Everything that was asked, also of holders before that died. */
  readonly asks: readonly Ask[];
  /** Whether a holder before died, or was cut off, between any two of its writes. */
  readonly inherited: boolean;
  /** When it is to be compared with Lattice next, however often it is reconciled before. */
  readonly visitAt?: EpochMs | undefined;
}

/** Why a root is on the due index. */
export type DueWhy = "lease" | "retry" | "visit";

/**
 * Takes the lease of a root and raises its fence, or, when another worker holds it, adds what is asked to the root's dirty
 * set under the condition that the lease is still held; then the holder will do it, and the message can be acknowledged.
 */
export async function acquire(table: Table, ask: Ask, now: EpochMs, until: EpochMs): Promise<Held | "busy"> {
  const key = ledgerKey(ask.root);
  for (;;) {
    const item = await table.get(key);
    const leaseUntil = numberOf(item, "leaseUntil");
    const version = numberOf(item, "v");
    const when: Write["when"] =
      version === undefined
        ? [{ attribute: "v", is: "absent" }]
        : [{ attribute: "v", is: "equal", value: version }];
    if (leaseUntil !== undefined && leaseUntil > now) {
      const dirty = mergeAsks(asksOf(item, "dirty"), [ask]);
      const due = Math.min(numberOf(item, "due") ?? leaseUntil, leaseUntil);
      if (
        await table.write([{ do: "update", key, set: { dirty: asksValue(dirty), due }, add: { v: 1 }, when }])
      )
        return "busy";
      continue;
    }
    const fence = (numberOf(item, "fence") ?? 0) + 1;
    const asks = mergeAsks(mergeAsks(asksOf(item, "doing"), asksOf(item, "dirty")), [ask]);
    const due = Math.min(numberOf(item, "due") ?? until, until);
    const set = { fence, leaseUntil: until, doing: asksValue(asks), due, dueWhy: "lease" };
    if (await table.write([{ do: "update", key, set, remove: ["dirty", "ttl"], add: { v: 1 }, when }])) {
      const inherited = leaseUntil !== undefined;
      const [ledger, owed] = [ledgerOf(item), owedOf(item)];
      const visit = numberOf(item, "visit");
      const visitAt = visit === undefined ? undefined : epochMs(visit);
      return { root: ask.root, fence, leaseUntil: until, ledger, owed, asks, inherited, visitAt };
    }
  }
}

/**
 * Takes what others asked for since the round began out of the dirty set, so that the next round answers it, with what the
 * round before has left unanswered. Clears before the round loads anything, never after. Answers undefined when the lease was
 * lost.
 */
export async function takeDirty(
  table: Table,
  held: Held,
  unanswered: readonly Ask[] = [],
): Promise<Held | undefined> {
  const key = ledgerKey(held.root);
  for (;;) {
    const item = await table.get(key);
    if (numberOf(item, "fence") !== held.fence) return undefined;
    const dirty = asksOf(item, "dirty");
    if (dirty.length === 0) return { ...held, asks: unanswered };
    const asks = mergeAsks(unanswered, dirty);
    const version = numberOf(item, "v") ?? 0;
    const taken = await table.write([
      {
        do: "update",
        key,
        set: { doing: asksValue(asks) },
        remove: ["dirty"],
        add: { v: 1 },
        when: [{ attribute: "v", is: "equal", value: version }],
      },
    ]);
    if (taken) return { ...held, asks };
  }
}

/**
 * Writes the holder's ledger and debts, and whatever belongs to the same commit, under the fence. Answers the new state,
 * or undefined when the lease was lost: then nothing was written and the worker must stop.
 */
export async function save(
  table: Table,
  held: Held,
  next: { readonly ledger: Ledger; readonly owed: Owed },
  more: readonly Write[] = [],
): Promise<Held | undefined> {
  const done = await table.write([
    { do: "update", key: ledgerKey(held.root), ...ledgerAttributes(next), add: { v: 1 }, when: fenced(held) },
    ...outputWrites(held, next.ledger),
    ...more,
  ]);
  return done ? { ...held, ...next } : undefined;
}

/** Ends a lease. It succeeds only with an empty dirty set: otherwise there is another round to do. */
export async function release(
  table: Table,
  held: Held,
  next: {
    readonly due: EpochMs | undefined;
    readonly why: DueWhy;
    readonly visit?: EpochMs | undefined;
    readonly ttl?: number | undefined;
  },
): Promise<"released" | "dirty" | "lost"> {
  const key = ledgerKey(held.root);
  const debts = isOwed(held.owed);
  const due = next.due === undefined ? {} : { due: next.due, dueWhy: next.why };
  const done = await table.write([
    {
      do: "update",
      key,
      set: {
        ...due,
        ...(debts ? { owed: owedValue(held.owed) } : {}),
        ...(next.visit === undefined ? {} : { visit: next.visit }),
        ...(next.ttl === undefined ? {} : { ttl: next.ttl }),
      },
      remove: [
        "leaseUntil",
        "doing",
        ...(next.due === undefined ? ["due", "dueWhy", "visit"] : []),
        ...(debts ? [] : ["owed"]),
      ],
      add: { v: 1 },
      when: [...fenced(held), { attribute: "dirty", is: "absent" }],
    },
  ]);
  if (done) return "released";
  return (await isHeld(table, held)) ? "dirty" : "lost";
}

/** Whether a holder holds its lease still. */
export const isHeld = async (table: Table, held: Held): Promise<boolean> =>
  numberOf(await table.get(ledgerKey(held.root)), "fence") === held.fence;

/** The ledger as anybody may read it, without a lease; the due time and its reason with it. */
export async function readLedger(
  table: Table,
  root: RootKey,
): Promise<
  | {
      readonly ledger: Ledger;
      readonly owed: Owed;
      readonly due?: EpochMs;
      readonly dueWhy: DueWhy;
      readonly held: boolean;
    }
  | undefined
> {
  const item = await table.get(ledgerKey(root));
  if (item === undefined) return undefined;
  const due = numberOf(item, "due");
  const why = item["dueWhy"];
  return {
    ledger: ledgerOf(item),
    owed: owedOf(item),
    ...(due === undefined ? {} : { due: epochMs(due) }),
    dueWhy: why === "retry" || why === "visit" ? why : "lease",
    held: numberOf(item, "leaseUntil") !== undefined,
  };
}

/** What a root publishes, or undefined. */
export async function readOutput(table: Table, root: RootKey): Promise<Output | undefined> {
  const body = (await table.get(outputKey(root)))?.["body"];
  return typeof body === "string" ? (unpackBody(body) as Output) : undefined;
}

/** Conditions under which a write of a holder counts. */
export const fenced = (held: Held): NonNullable<Write["when"]> => [
  { attribute: "fence", is: "equal", value: held.fence },
];

function outputWrites(held: Held, next: Ledger): readonly Write[] {
  if (same(held.ledger.output, next.output)) return [];
  const key = outputKey(held.root);
  return next.output === undefined
    ? [{ do: "delete", key }]
    : [{ do: "put", key, item: { body: packBody(next.output) } }];
}

function ledgerAttributes(next: { readonly ledger: Ledger; readonly owed: Owed }): {
  readonly set: Readonly<Record<string, Value>>;
  readonly remove: readonly string[];
} {
  const debts = isOwed(next.owed);
  return {
    set: { body: packBody(next.ledger), ...(debts ? { owed: owedValue(next.owed) } : {}) },
    remove: debts ? [] : ["owed"],
  };
}

const numberOf = (item: Item | undefined, attribute: string): number | undefined => {
  const value = item?.[attribute];
  return typeof value === "number" ? value : undefined;
};

/** A ledger is written by this file alone, so its body is what `save` packed. */
function ledgerOf(item: Item | undefined): Ledger {
  const body = item?.["body"];
  return typeof body === "string"
    ? { ...emptyLedger, ...(unpackBody(body) as Partial<Ledger>) }
    : emptyLedger;
}
