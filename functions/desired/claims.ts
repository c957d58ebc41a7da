import { asRootKey, type ReadKey, type RootKey } from "../model/ids.ts";
import { holderRead } from "../model/reads.ts";
import { claimKey, hostnameKey, ledgerKey, type HostnameOn } from "./keys.ts";
import { fenced, isHeld, save, type Held } from "./ledger.ts";
import { addOwed, nothingOwed } from "./owed.ts";
import type { Condition, Key, Table, Write } from "./table.ts";

/** An account and region: in each, a name is one service's at most. */
interface Place {
  readonly account: string;
  readonly region: string;
}

const nameKey = ({ account, region }: Place, name: string): Key =>
  claimKey(account, region, "service-name", name);

/** Who holds a name: a root, or something that is not ours; undefined when it is free. */
async function nameHolder(table: Table, place: Place, name: string): Promise<string | undefined> {
  const holder = (await table.get(nameKey(place, name)))?.["holder"];
  return typeof holder === "string" ? holder : undefined;
}

/**
 * Gives a root a service name instead of the one that it has, if it has one: which becomes free, or, when it turned out to be
 * somebody else's, stays taken by `foreign`, so that no root asks for it again. The ledger and both claims change in one transaction:
 * a root holds the name that its ledger says and no other, wherever a worker dies. Answers who has the name when it could not
 * be had; undefined when the lease was lost.
 */
export async function takeName(
  table: Table,
  held: Held,
  place: Place,
  name: string,
  foreign?: string,
): Promise<{ readonly held: Held } | { readonly heldBy: string } | undefined> {
  for (;;) {
    const holder = await nameHolder(table, place, name);
    if (holder !== undefined && holder !== held.root) return { heldBy: holder };
    const { name: before } = held.ledger;
    if (holder === held.root && before === name) return { held };
    const free: Condition = { attribute: "holder", is: "absent" };
    const saved = await save(table, held, { ledger: { ...held.ledger, name }, owed: held.owed }, [
      {
        do: "put",
        key: nameKey(place, name),
        item: { holder: held.root },
        when: [holder === undefined ? free : holderIs(held.root)],
      },
      ...(before === name ? [] : await nameGoing(table, held, place, foreign)),
    ]);
    if (saved !== undefined) return { held: saved };
    // Another was faster, or the lease is gone.
    if (!(await isHeld(table, held))) return undefined;
  }
}

/** Takes a root's name from it before its service was made. Answers undefined when the lease was lost. */
export async function letNameGo(table: Table, held: Held, place: Place): Promise<Held | undefined> {
  if (held.ledger.name === undefined) return held;
  const ledger = { ...held.ledger, name: undefined };
  return save(table, held, { ledger, owed: held.owed }, await nameGoing(table, held, place));
}

/** The writes that go along with a ledger that names its root's service otherwise, or no more. */
export async function nameGoing(
  table: Table,
  held: Held,
  place: Place,
  foreign?: string,
): Promise<readonly Write[]> {
  const { name } = held.ledger;
  if (name === undefined || (await nameHolder(table, place, name)) !== held.root) return [];
  const its = { key: nameKey(place, name), when: [holderIs(held.root)] };
  return [
    foreign === undefined ? { do: "delete", ...its } : { do: "put", item: { holder: foreign }, ...its },
  ];
}

const holderIs = (root: RootKey): Condition => ({ attribute: "holder", is: "equal", value: root });

/** A hostname on a network, and the Gateway for which it is held. */
export interface HostnameClaim extends HostnameOn {
  /** `CLUSTER/NAMESPACE/NAME`. */
  readonly gateway: string;
}

/** A claim, and who loses the hostname for it, if it holds it still. */
export interface WantedHostname extends HostnameClaim {
  readonly over?: RootKey | undefined;
}

/** Who serves a hostname on a network, or undefined. */
export async function holderOf(
  table: Table,
  on: HostnameOn,
): Promise<{ readonly root: RootKey; readonly gateway: string } | undefined> {
  const item = await table.get(hostnameKey(on));
  const [holder, gateway] = [item?.["holder"], item?.["gateway"]];
  return typeof holder === "string" && typeof gateway === "string"
    ? { root: asRootKey(holder), gateway }
    : undefined;
}

const readOf = ({ account, region, network, hostname }: HostnameOn): ReadKey =>
  holderRead(account, region, network, hostname);

const sameHostname = (a: HostnameOn, b: HostnameOn): boolean => readOf(a) === readOf(b);

/** Each hostname on each network once. */
const once = <T extends HostnameClaim>(claims: readonly T[]): readonly T[] => [
  ...new Map(claims.map((one) => [readOf(one), one])).values(),
];

/**
 * Takes hostnames for a root, each until it lets it go or somebody else has a better right to it, and says for which Gateway it has
 * those that it holds. The ledger lists a claim before it is made, so that none is left behind by a worker that dies. Answers which
 * could not be had; undefined when the lease was lost.
 */
export async function takeHostnames(
  table: Table,
  held: Held,
  wanted: readonly WantedHostname[],
): Promise<{ readonly held: Held; readonly refused: readonly HostnameClaim[] } | undefined> {
  const listed = held.ledger.claims;
  const isListed = (one: HostnameClaim): boolean =>
    listed.some((other) => sameHostname(one, other) && one.gateway === other.gateway);
  const fresh: WantedHostname[] = [];
  // What is listed and not so in the table was begun by a worker that died.
  for (const one of once(wanted)) {
    const holder = await holderOf(table, one);
    if (!isListed(one) || holder?.root !== held.root || holder.gateway !== one.gateway) fresh.push(one);
  }
  if (fresh.length === 0) return { held, refused: [] };
  const others = listed.filter((one) => !fresh.some((other) => sameHostname(one, other)));
  // Whoever looked for a holder and found none, or another Gateway, must look again, also when this worker dies before the end.
  const owed = addOwed(held.owed, {
    ...nothingOwed,
    reads: fresh.map(readOf),
    cause: `${held.root} serves it`,
  });
  const listing = [...others, ...fresh.map(claimOf)];
  const grown = await save(table, held, { ledger: { ...held.ledger, claims: listing }, owed });
  if (grown === undefined) return undefined;
  const refused: HostnameClaim[] = [];
  for (const one of fresh) if (!(await takeOne(table, grown, one))) refused.push(one);
  const claims = grown.ledger.claims.filter((one) => !refused.some((other) => sameHostname(one, other)));
  const saved = await save(table, grown, { ledger: { ...grown.ledger, claims }, owed: grown.owed });
  return saved && { held: saved, refused };
}

const claimOf = ({ account, region, network, hostname, gateway }: WantedHostname): HostnameClaim => ({
  account,
  region,
  network,
  hostname,
  gateway,
});

async function takeOne(table: Table, held: Held, one: WantedHostname): Promise<boolean> {
  const { root } = held;
  const holder = await holderOf(table, one);
  if (holder !== undefined && holder.root !== root && holder.root !== one.over) return false;
  if (holder?.root === root && holder.gateway === one.gateway) return true;
  return table.write([
    { do: "check", key: ledgerKey(root), when: fenced(held) },
    {
      do: "put",
      key: hostnameKey(one),
      item: { holder: root, gateway: one.gateway },
      when: [holder === undefined ? { attribute: "holder", is: "absent" } : holderIs(holder.root)],
    },
  ]);
}

/** Lets hostnames go that a root serves no more, and wakes whoever waits for them. Answers undefined when the lease was lost. */
export async function letHostnamesGo(
  table: Table,
  held: Held,
  stale: readonly HostnameClaim[],
): Promise<Held | undefined> {
  if (stale.length === 0) return held;
  const ours: HostnameClaim[] = [];
  for (const one of once(stale)) if ((await holderOf(table, one))?.root === held.root) ours.push(one);
  const claims = held.ledger.claims.filter((one) => !stale.some((other) => sameHostname(one, other)));
  const owed = addOwed(held.owed, {
    ...nothingOwed,
    reads: ours.map(readOf),
    cause: `${held.root} serves it no more`,
  });
  return save(
    table,
    held,
    { ledger: { ...held.ledger, claims }, owed },
    ours.map((one): Write => ({
      do: "delete",
      key: hostnameKey(one),
      when: [holderIs(held.root)],
    })),
  );
}
