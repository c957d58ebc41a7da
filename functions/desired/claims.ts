import { asRootKey, type ReadKey, type RootKey } from "../model/ids.ts";
import { holderRead } from "../model/reads.ts";
import { claimKey, hostnameKey, ledgerKey, type HostnameOn } from "./keys.ts";
import { fenced, save, type Held } from "./ledger.ts";
import { addOwed, nothingOwed } from "./owed.ts";
import type { Table, Write } from "./table.ts";

/** What can be claimed: the name of a Lattice service in an account and region. */
export type Claimed = "service-name";

/** Takes a name for a root, or answers who holds it. The holder keeps it until it lets go. */
export async function claim(
  table: Table,
  place: { readonly account: string; readonly region: string },
  what: Claimed,
  name: string,
  root: RootKey,
): Promise<"ours" | { readonly heldBy: string }> {
  const key = claimKey(place.account, place.region, what, name);
  for (;;) {
    const holder = (await table.get(key))?.["holder"];
    if (holder === root) return "ours";
    if (typeof holder === "string") return { heldBy: holder };
    if (
      await table.write([
        { do: "put", key, item: { holder: root }, when: [{ attribute: "holder", is: "absent" }] },
      ])
    )
      return "ours";
  }
}

/** Marks a name as held by something that is not ours, so that no root asks for it again. */
export async function claimForeign(
  table: Table,
  place: { readonly account: string; readonly region: string },
  what: Claimed,
  name: string,
  root: RootKey,
  foreign: string,
): Promise<void> {
  const key = claimKey(place.account, place.region, what, name);
  await table.write([
    { do: "put", key, item: { holder: foreign }, when: [{ attribute: "holder", is: "equal", value: root }] },
  ]);
}

/** Lets a name go, if the root holds it. */
export async function letGo(
  table: Table,
  place: { readonly account: string; readonly region: string },
  what: Claimed,
  name: string,
  root: RootKey,
): Promise<void> {
  const key = claimKey(place.account, place.region, what, name);
  await table.write([{ do: "delete", key, when: [{ attribute: "holder", is: "equal", value: root }] }]);
}

/** A hostname on a network, and the Gateway for which it is held. */
export interface HostnameClaim extends HostnameOn {
  /** `CLUSTER/NAMESPACE/NAME`. */
  readonly gateway: string;
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

/**
 * Takes hostnames for a root, each for ever or until it lets it go. The ledger lists a claim before it is made, so that none is
 * left behind by a worker that dies. Answers which could not be had; undefined when the lease was lost.
 */
export async function takeHostnames(
  table: Table,
  held: Held,
  wanted: readonly HostnameClaim[],
): Promise<{ readonly held: Held; readonly refused: readonly HostnameClaim[] } | undefined> {
  const listed = held.ledger.claims;
  const fresh = wanted.filter((one) => !listed.some((other) => sameHostname(one, other)));
  if (fresh.length === 0) return { held, refused: [] };
  const grown = await save(table, held, {
    ledger: { ...held.ledger, claims: [...listed, ...fresh] },
    owed: held.owed,
  });
  if (grown === undefined) return undefined;
  const refused: HostnameClaim[] = [];
  for (const one of fresh) {
    const holder = await holderOf(table, one);
    if (holder !== undefined && holder.root !== held.root) refused.push(one);
    if (holder !== undefined) continue;
    const taken = await table.write([
      { do: "check", key: ledgerKey(held.root), when: fenced(held) },
      {
        do: "put",
        key: hostnameKey(one),
        item: { holder: held.root, gateway: one.gateway },
        when: [{ attribute: "holder", is: "absent" }],
      },
    ]);
    if (!taken) refused.push(one);
  }
  // Whoever looked for a holder and found none must look again.
  const reads = fresh.filter((one) => !refused.includes(one)).map(readOf);
  const owed = addOwed(grown.owed, { ...nothingOwed, reads, cause: `${held.root} serves it` });
  const claims = grown.ledger.claims.filter((one) => !refused.some((other) => sameHostname(one, other)));
  const saved = await save(table, grown, { ledger: { ...grown.ledger, claims }, owed });
  return saved && { held: saved, refused };
}

/** Lets hostnames go that a root serves no more, and wakes whoever waits for them. Answers undefined when the lease was lost. */
export async function letHostnamesGo(
  table: Table,
  held: Held,
  stale: readonly HostnameClaim[],
): Promise<Held | undefined> {
  if (stale.length === 0) return held;
  const ours: HostnameClaim[] = [];
  for (const one of stale) if ((await holderOf(table, one))?.root === held.root) ours.push(one);
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
      when: [{ attribute: "holder", is: "equal", value: held.root }],
    })),
  );
}
