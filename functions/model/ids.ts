/**
 * Names of things, as brands: each has one constructor, here, and cannot be mistaken for another.
 */
type Brand<T, B extends string> = T & { readonly __brand: B };

/** The registered name of a cluster, such as `east`. */
export type ClusterName = Brand<string, "ClusterName">;
/** A twelve-digit AWS account number. */
export type AccountId = Brand<string, "AccountId">;
/** An AWS region, such as `eu-central-1`. */
export type Region = Brand<string, "Region">;
/** A point in time: milliseconds since 1970. */
export type EpochMs = Brand<number, "EpochMs">;
/** A point in time for DynamoDB's time to live, and for nothing else: seconds since 1970. */
export type EpochSec = Brand<number, "EpochSec">;
/** A Kubernetes resourceVersion as a number: newer is higher within one cluster and epoch. */
export type Rv = Brand<number, "Rv">;
/** `CLUSTER/KIND/NAMESPACE/NAME` of one Kubernetes object; the namespace is empty for cluster-scoped kinds. */
export type ObjectKey = Brand<string, "ObjectKey">;
/** The key of one root, see roots.ts. */
export type RootKey = Brand<string, "RootKey">;
/** The key of something that a compile can look at, see reads.ts. */
export type ReadKey = Brand<string, "ReadKey">;

const clusterNamePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** A cluster's name; throws TypeError unless it is a DNS label, because it becomes part of keys, tags and event sources. */
export function clusterName(value: string): ClusterName {
  if (!clusterNamePattern.test(value)) {
    throw new TypeError(
      `not a cluster name: "${value}" (lower-case letters, digits and hyphens, at most 63)`,
    );
  }
  return value as ClusterName;
}

/** An account number; throws TypeError unless it has twelve digits. */
export function accountId(value: string): AccountId {
  if (!/^\d{12}$/.test(value)) throw new TypeError(`not an AWS account number: "${value}" (twelve digits)`);
  return value as AccountId;
}

/** A region; throws TypeError unless it looks like one. */
export function region(value: string): Region {
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(value)) throw new TypeError(`not an AWS region: "${value}"`);
  return value as Region;
}

/** A point in time from milliseconds since 1970. */
export const epochMs = (ms: number): EpochMs => ms as EpochMs;

/** The same point in time in whole seconds, rounded up so that nothing expires early. */
export const toEpochSec = (ms: EpochMs): EpochSec => Math.ceil(ms / 1000) as EpochSec;

/** The point in time that lies so many milliseconds later. */
export const later = (from: EpochMs, ms: number): EpochMs => (from + ms) as EpochMs;

/** A resourceVersion; throws TypeError unless it is a whole number (Kubernetes promises that newer ones compare as numbers). */
export function rv(value: string | number): Rv {
  const number = typeof value === "number" ? value : /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < 0)
    throw new TypeError(`not a numeric resourceVersion: "${value}"`);
  return number as Rv;
}

/** A root key that was made by `rootKey` and stored or sent since; see `parseRoot` for the check. */
export const asRootKey = (value: string): RootKey => value as RootKey;

/** A read key that was made in reads.ts and stored since. */
export const asReadKey = (value: string): ReadKey => value as ReadKey;

/** Joins parts to an object key; throws TypeError when a part holds the separator. */
export function objectKey(cluster: ClusterName, kind: string, namespace: string, name: string): ObjectKey {
  for (const part of [kind, namespace, name]) {
    if (part.includes("/")) throw new TypeError(`not a part of an object key: "${part}"`);
  }
  return `${cluster}/${kind}/${namespace}/${name}` as ObjectKey;
}
