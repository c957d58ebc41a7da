import type { Queues } from "../../functions/desired/lanes.ts";
import type { Table } from "../../functions/desired/table.ts";
import type { ReconcileSettings } from "../../functions/reconcile/deps.ts";
import type { Faults } from "./faults.ts";
import type { Kind } from "./history.ts";
import type { Prng } from "./prng.ts";

/** A known way to be wrong, put into the world on purpose: the judges must find it. It wraps what the functions are given, never the functions. */
export interface Mutant {
  readonly name: string;
  /** In which kind of history it shows. */
  readonly kind: Kind;
  /** The seed that is tried first: where it showed last, and soon. */
  readonly first?: number;
  readonly table?: (table: Table, random: Prng) => Table;
  readonly queues?: (queues: Queues, random: Prng) => Queues;
  readonly token?: (random: Prng) => string;
  /** What is heard of an answer of Lattice. */
  readonly answer?: (answer: unknown) => unknown;
  readonly detail?: (type: string, detail: unknown) => unknown;
  readonly settings?: Partial<ReconcileSettings>;
  /** How long its unmasked histories may take to come to rest, in minutes: those that go in circles cost time for every one. */
  readonly restMinutes?: number;
  /** What else goes wrong in its histories, where the usual faults hide it. */
  readonly faults?: Partial<Faults>;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** A change is committed, and what it owes is never sent, though the debt is struck out. */
const lostWakeUp: Mutant = {
  name: "a wake-up is lost between commit and send",
  kind: "unmasked",
  queues: (queues, random) => ({
    ...queues,
    send: async (lane, asks, afterMs) => (random.chance(0.1) ? undefined : queues.send(lane, asks, afterMs)),
  }),
};

/** What a held root was asked is acknowledged, and stands nowhere. Messages that lie around for long rarely meet a holder. */
const lostDirty: Mutant = {
  name: "dirty is acknowledged under a dying holder",
  kind: "unmasked",
  first: 32,
  faults: { delayMs: 400, duplicate: 0 },
  table: (table) => ({
    ...table,
    write: async (writes) => {
      const [only] = writes;
      const marks =
        writes.length === 1 &&
        only?.do === "update" &&
        only.set?.["dirty"] !== undefined &&
        only.set["fence"] === undefined;
      return marks ? true : table.write(writes);
    },
  }),
};

/** Reader items vanish although their root still reads, as when a worker without a lease removes them. */
const zombieReader: Mutant = {
  name: "a reader is removed by a zombie",
  kind: "unmasked",
  table: (table, random) => withoutPuts(table, "readers#", () => random.chance(0.2)),
};

/** A table that loses some of the items that are put into its partitions of one kind. */
const withoutPuts = (table: Table, prefix: string, loses: () => boolean): Table => ({
  ...table,
  write: async (writes) =>
    table.write(writes.filter((one) => !(one.key.pk.startsWith(prefix) && one.do === "put" && loses()))),
});

/** Tokens are taken out of a small bag, so that a create may repeat one whose resource is gone. */
const tokenReused: Mutant = {
  name: "a token is reused after deletion",
  kind: "unmasked",
  restMinutes: 2,
  token: (random) => `token-${random.below(120)}`,
};

/** Bodies that the forwarder's filter holds back are not in its inventories, as if those objects did not exist. */
const forgetfulInventory: Mutant = {
  name: "an inventory omits what the filter held back",
  kind: "faults",
  detail(type, detail) {
    if (type !== "Inventory" || !isObject(detail) || !Array.isArray(detail["entries"])) return detail;
    const kept = detail["entries"].filter(
      (entry: unknown) => !Array.isArray(entry) || (entry[0] !== "EndpointSlice" && entry[0] !== "Service"),
    );
    return { ...detail, entries: kept };
  },
};

/** A group does not see who still sends to it: it drains as soon as no compile wants it, though a rule is frozen in its old state. */
const drainedUnderRule: Mutant = {
  name: "a group is drained while its rule is frozen",
  kind: "faults",
  table: (table) => ({
    ...table,
    query: async (pk, prefix) =>
      pk.startsWith("readers#") && pk.includes("target-group/") ? [] : table.query(pk, prefix),
  }),
};

/** What somebody else changes bears no new time, as if each time had been listed after the change and stored with what was read before. */
const timesStandStill: Mutant = {
  name: "the time of a change is stored with what was read before it",
  kind: "faults",
  answer: (answer) => {
    if (!isObject(answer)) return answer;
    const still = (one: unknown): unknown =>
      isObject(one) && "createdAt" in one ? { ...one, lastUpdatedAt: one["createdAt"] } : one;
    const { items } = answer;
    return Array.isArray(items) ? { ...answer, items: items.map(still) } : still(answer);
  },
};

/** An index entry vanishes although its object still has the value, as when a writer that did not see the other's version takes it out. */
const twoWriters: Mutant = {
  name: "two writers of one index",
  kind: "unmasked",
  first: 9,
  table: (table, random) => withoutPuts(table, "index#", () => random.chance(0.1)),
};

/** Who wants a hostname gets it, although another service still has it. */
const handedOver: Mutant = {
  name: "a hostname is handed over",
  kind: "unmasked",
  restMinutes: 1,
  table: (table) => ({
    ...table,
    get: async (key) => (isHostname(key.pk) ? undefined : table.get(key)),
    write: async (writes) =>
      table.write(writes.map((one) => (isHostname(one.key.pk) ? { ...one, when: [] } : one))),
  }),
};
const isHostname = (pk: string): boolean => pk.startsWith("claim#") && pk.includes("hostname");

/** Who asks for another name before its service is made, or whose service is no more, keeps the name. */
const nameKept: Mutant = {
  name: "a name of a service is not let go",
  kind: "faults",
  table: (table) => ({
    ...table,
    write: async (writes) =>
      table.write(writes.filter(({ do: does, key }) => !(does === "delete" && isName(key.pk)))),
  }),
};
const isName = (pk: string): boolean => pk.startsWith("claim#") && pk.endsWith("#service-name");

/** Every mutant that exists. */
export const mutants: readonly Mutant[] = [
  lostWakeUp,
  lostDirty,
  zombieReader,
  tokenReused,
  forgetfulInventory,
  drainedUnderRule,
  timesStandStill,
  twoWriters,
  handedOver,
  nameKept,
];
