import { asRootKey, type ClusterName, type ObjectKey, type ReadKey, type RootKey } from "../model/ids.ts";
import type { Use } from "../model/limits.ts";
import { keyOf, type ObjectRef } from "../model/objects.ts";
import { indexRead, type Index } from "../model/reads.ts";
import type { CertificatesOf } from "./lanes.ts";
import type { Key } from "./table.ts";

/** A hostname on a service network, by its id: one root at most holds it. */
export interface HostnameOn {
  readonly account: string;
  readonly region: string;
  readonly network: string;
  readonly hostname: string;
}

/** Where everything lies in the table: the keys of DESIGN section 5, and nothing else knows them. */
export const registrationKey = (cluster: ClusterName): Key => ({
  pk: `cluster#${cluster}`,
  sk: "registration",
});
export const stateKey = (cluster: ClusterName): Key => ({ pk: `cluster#${cluster}`, sk: "state" });
export const heartbeatKey = (cluster: ClusterName): Key => ({ pk: `cluster#${cluster}`, sk: "heartbeat" });
export const chunkKey = (cluster: ClusterName, inventory: string, chunk: number): Key => ({
  pk: `cluster#${cluster}`,
  sk: `inventory#${inventory}#${String(chunk).padStart(6, "0")}`,
});
export const chunksPrefix = (inventory: string): string => `inventory#${inventory}#`;

export const objectItemKey = (ref: ObjectRef): Key => ({
  pk: `object#${ref.cluster}#${ref.kind}#${ref.namespace}`,
  sk: ref.name,
});
export const indexPartition = (cluster: ClusterName, index: Index): string => indexRead(cluster, index);
export const indexItemKey = (ref: ObjectRef, index: Index): Key => ({
  pk: indexPartition(ref.cluster, index),
  sk: keyOf(ref),
});

export const readersPartition = (read: ReadKey): string => `readers#${read}`;
export const readerKey = (read: ReadKey, root: RootKey): Key => ({ pk: readersPartition(read), sk: root });

export const ledgerKey = (root: RootKey): Key => ({ pk: `root#${root}`, sk: "ledger" });
/** The root whose ledger a key names, or undefined when it names something else. */
export const rootOfLedger = (key: Key): RootKey | undefined =>
  key.pk.startsWith("root#") && key.sk === "ledger" ? asRootKey(key.pk.slice("root#".length)) : undefined;
export const historyKey = (root: RootKey, time: string, fence: number): Key => ({
  pk: `root#${root}`,
  sk: `history#${time}#${String(fence).padStart(9, "0")}`,
});

export const reportsPartition = (object: ObjectKey): string => `verdicts#${object}`;
export const reportKey = (object: ObjectKey, root: RootKey): Key => ({
  pk: reportsPartition(object),
  sk: root,
});
export const statusLeaseKey = (object: ObjectKey): Key => ({ pk: `status#${object}`, sk: "lease" });

export const claimKey = (account: string, region: string, what: string, name: string): Key => ({
  pk: `claim#${account}#${region}#${what}`,
  sk: name,
});
export const hostnameKey = ({ account, region, network, hostname }: HostnameOn): Key =>
  claimKey(account, region, `hostname#${network}`, hostname);
/** How much of a shared quota is in use: a number that changes in the writes that change ledgers' uses. */
export const usageKey = ({ account, region, quota, network = "" }: Use): Key =>
  claimKey(account, region, `usage#${quota}`, `#${network}`);
export const certificatesKey = (account: string, region: string): Key => ({
  pk: `certificates#${account}#${region}`,
  sk: "certificates",
});
/** When the certificates of an account and region are to be looked at. It is due apart from what they owe. */
export const lookKey = (account: string, region: string): Key => ({
  pk: `certificates#${account}#${region}`,
  sk: "look",
});
/** The certificates whose look a key names, or undefined when it names something else. */
export function certificatesOfLook(key: Key): CertificatesOf | undefined {
  const [kind, account, region] = key.pk.split("#");
  const look = kind === "certificates" && key.sk === "look";
  return look && account !== undefined && region !== undefined ? { account, region } : undefined;
}
export const budgetKey = (account: string, region: string): Key => ({
  pk: `budget#${account}#${region}`,
  sk: "bucket",
});
export const quotasKey = (account: string, region: string): Key => ({
  pk: `quotas#${account}#${region}`,
  sk: "quotas",
});

export const outputKey = (root: RootKey): Key => ({ pk: `root#${root}`, sk: "output" });
