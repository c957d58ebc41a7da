import { byText, same } from "../model/canonical.ts";
import type { Registration } from "../model/cluster.ts";
import { later, type EpochMs } from "../model/ids.ts";
import { times } from "../model/limits.ts";
import { certificatesRead } from "../model/reads.ts";
import { packBody, unpackBody } from "./body.ts";
import { certificatesKey, lookKey } from "./keys.ts";
import type { CertificatesOf, Queues } from "./lanes.ts";
import { addOwed, isOwed, nothingOwed, owedOf, owedValue, pay } from "./owed.ts";
import type { Item, Table, Write } from "./table.ts";

/** A certificate of ACM that is issued and valid. */
export interface StoredCertificate {
  readonly arn: string;
  /** In lower case; one may begin with `*.`. */
  readonly domains: readonly string[];
  /** Milliseconds since 1970: when it was issued or imported. */
  readonly since: number;
}

/** The certificates of an account and region, as they were last looked at; undefined when nobody could look yet. */
export async function getCertificates(
  table: Table,
  account: string,
  region: string,
): Promise<readonly StoredCertificate[] | undefined> {
  return listOf(await table.get(certificatesKey(account, region)));
}

/**
 * Has the certificates of a cluster's account and region looked at as soon as the due index is, and from then on every ten
 * minutes. The write is part of the registration, so that no crash leaves a cluster whose certificates nobody looks at.
 */
export const lookWrite = ({ account, region, roles }: Registration, now: EpochMs): Write => ({
  do: "update",
  key: lookKey(account, region),
  set: { due: now, ...(roles.lattice === undefined ? {} : { role: roles.lattice }) },
  ...(roles.lattice === undefined ? { remove: ["role"] } : {}),
  add: { v: 1 },
});

/** How to look at the certificates of an account and region, and which look at them was the last. */
export interface Look {
  readonly role?: string | undefined;
  readonly version: number;
}

/** The look at an account and region, or undefined when no cluster is registered there. */
export async function lookOf(table: Table, of: CertificatesOf): Promise<Look | undefined> {
  const item = await table.get(lookKey(of.account, of.region));
  const [version, role] = [item?.["v"], item?.["role"]];
  if (typeof version !== "number") return undefined;
  return { version, role: typeof role === "string" ? role : undefined };
}

/**
 * Replaces what is known of the certificates of an account and region, wakes whoever read them when that changed, and sets
 * when they are looked at next. What was found is undefined when nobody could look: then what is known stays. Answers false,
 * and does nothing, when another look was finished since this one began: its list may be the newer one.
 */
export async function setCertificates(
  d: { readonly table: Table; readonly queues: Queues; readonly now: EpochMs },
  of: CertificatesOf,
  look: Look,
  found: readonly StoredCertificate[] | undefined,
): Promise<boolean> {
  const key = certificatesKey(of.account, of.region);
  const item = await d.table.get(key);
  const looked: Write = {
    do: "update",
    key: lookKey(of.account, of.region),
    set: { due: later(d.now, times.certificatesEvery) },
    add: { v: 1 },
    when: [{ attribute: "v", is: "equal", value: look.version }],
  };
  const after = found?.toSorted((a, b) => byText(a.arn, b.arn));
  const before = listOf(item);
  // The first look makes a difference also when it finds nothing: what was unknown is missing now.
  const changed = after !== undefined && (before === undefined || !same(before, after));
  const writes = changed ? [looked, replace(of, item, after, d.now)] : [looked];
  if (!(await d.table.write(writes))) return false;
  await pay(key, changed ? await d.table.get(key) : item, d.table, d.queues);
  return true;
}

function replace(
  { account, region }: CertificatesOf,
  item: Item | undefined,
  after: readonly StoredCertificate[],
  now: EpochMs,
): Write {
  const owed = addOwed(owedOf(item), {
    ...nothingOwed,
    reads: [certificatesRead(account, region)],
    cause: `certificates of ${account} in ${region} changed`,
  });
  const version = item?.["v"];
  return {
    do: "put",
    key: certificatesKey(account, region),
    item: {
      v: (typeof version === "number" ? version : 0) + 1,
      body: packBody(after),
      ...(isOwed(owed) ? { owed: owedValue(owed), due: now } : {}),
    },
    when: [
      typeof version === "number"
        ? { attribute: "v", is: "equal", value: version }
        : { attribute: "v", is: "absent" },
    ],
  };
}

function listOf(item: Item | undefined): readonly StoredCertificate[] | undefined {
  const body = item?.["body"];
  return typeof body === "string" ? (unpackBody(body) as readonly StoredCertificate[]) : undefined;
}
