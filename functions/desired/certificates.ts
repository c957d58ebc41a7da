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
  /** ACM lists it only for who asks for its key type, as the in-cluster controller does not. */
  readonly unlisted?: true | undefined;
}

/** What ACM said to a look that it denied. */
export interface Denial {
  readonly why: string;
  readonly requestId?: string | undefined;
}

/**
 * The certificates of an account and region, as they were last seen, undefined when nobody could look yet; and what ACM said if it
 * denied the last look.
 */
export async function getCertificates(
  table: Table,
  account: string,
  region: string,
): Promise<{
  readonly all?: readonly StoredCertificate[] | undefined;
  readonly denied?: string | undefined;
}> {
  const { all, denied } = knownIn(await table.get(certificatesKey(account, region)));
  const request = denied?.requestId === undefined ? "" : ` (AWS request ${denied.requestId})`;
  return { all, denied: denied && `${denied.why}${request}` };
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

/** How to look at an account and region, and which look at its certificates was the last. */
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

/** What a look came to. */
export type Found =
  | { readonly is: "listed"; readonly certificates: readonly StoredCertificate[] }
  | ({ readonly is: "denied" } & Denial);

interface Known {
  readonly all?: readonly StoredCertificate[] | undefined;
  readonly denied?: Denial | undefined;
}

/**
 * Replaces what is known of the certificates of an account and region, wakes whoever read them when that changed, and sets
 * when they are looked at next. Of a look that was denied what is known stays, and the denial is known too. Answers false, and
 * does nothing, when another look was finished since this one began: its list may be the newer one.
 */
export async function setCertificates(
  d: { readonly table: Table; readonly queues: Queues; readonly now: EpochMs },
  of: CertificatesOf,
  look: Look,
  found: Found,
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
  const before = knownIn(item);
  const after: Known =
    found.is === "listed"
      ? { all: found.certificates.toSorted((a, b) => byText(a.arn, b.arn)) }
      : { ...before, denied: { why: found.why, requestId: found.requestId } };
  // The first look makes a difference also when it finds nothing: what was unknown is missing now. Of a denial only its text does:
  // each look has another request.
  const changed = !same(before.all, after.all) || before.denied?.why !== after.denied?.why;
  const writes = changed ? [looked, replace(of, item, after, d.now)] : [looked];
  if (!(await d.table.write(writes))) return false;
  await pay(key, changed ? await d.table.get(key) : item, d.table, d.queues);
  return true;
}

function replace(
  { account, region }: CertificatesOf,
  item: Item | undefined,
  { all, denied }: Known,
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
      ...(all === undefined ? {} : { body: packBody(all) }),
      ...(denied === undefined ? {} : { denied: denied.why }),
      ...(denied?.requestId === undefined ? {} : { deniedRequest: denied.requestId }),
      ...(isOwed(owed) ? { owed: owedValue(owed), due: now } : {}),
    },
    when: [
      typeof version === "number"
        ? { attribute: "v", is: "equal", value: version }
        : { attribute: "v", is: "absent" },
    ],
  };
}

function knownIn(item: Item | undefined): Known {
  const [body, why, requestId] = [item?.["body"], item?.["denied"], item?.["deniedRequest"]];
  return {
    all: typeof body === "string" ? (unpackBody(body) as readonly StoredCertificate[]) : undefined,
    denied:
      typeof why === "string"
        ? { why, requestId: typeof requestId === "string" ? requestId : undefined }
        : undefined,
  };
}
