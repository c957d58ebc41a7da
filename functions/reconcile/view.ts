import type { Installation, Own, Seen, View } from "../compile/view.ts";
import { getCertificates } from "../desired/certificates.ts";
import { holderOf } from "../desired/claims.ts";
import { factsOf, getCluster } from "../desired/clusters.ts";
import { readOutput } from "../desired/ledger.ts";
import { getObject, listObjects } from "../desired/objects.ts";
import { getQuotas } from "../desired/quotas.ts";
import { usageOf } from "../desired/usage.ts";
import type { Table } from "../desired/table.ts";
import { canonicalJson } from "../model/canonical.ts";
import type { ReadKey, RootKey } from "../model/ids.ts";
import type { Output } from "../model/lattice.ts";
import type { ObjectOf, ObjectRef, Kind } from "../model/objects.ts";
import {
  certificatesRead,
  clusterRead,
  holderRead,
  indexRead,
  objectRead,
  outputRead,
  quotasRead,
  usageRead,
} from "../model/reads.ts";

/** A view that remembers what was read through it, and in which version. */
export interface Recording {
  readonly view: View;
  readonly reads: () => readonly ReadKey[];
  /** Whether any of these reads would answer otherwise now. */
  readonly changed: (reads: readonly ReadKey[]) => Promise<boolean>;
  /** Which roots stand behind the ids of the outputs that were read. */
  readonly refs: () => Readonly<Record<string, RootKey>>;
}

interface Loaded {
  readonly value: unknown;
  readonly version: string;
}

/** A recording over the table. One compile sees each thing once: what it read first is what it reads again. */
export function recordingView(table: Table, own: Own, installation: Installation): Recording {
  const loads = new Map<ReadKey, () => Promise<Loaded>>();
  const loaded = new Map<ReadKey, Promise<Loaded>>();
  const refs = new Map<string, RootKey>();

  async function read<T>(
    key: ReadKey,
    load: () => Promise<{ readonly value: T; readonly version: string }>,
  ): Promise<T> {
    loads.set(key, load);
    const before = loaded.get(key);
    const now = before ?? load();
    loaded.set(key, now);
    // The key decides what its load answers, so the value is of that load's type.
    return (await now).value as T;
  }

  const view: View = {
    own,
    installation,
    object: (ref) => read(objectRead(ref), () => loadObject(table, ref)),
    list: (cluster, index) =>
      read(indexRead(cluster, index), async () => {
        const found = await listObjects(table, cluster, index);
        const objects = found.flatMap(({ stored }) => (stored.is === "object" ? [stored.object] : []));
        const version = found
          .map(({ ref, stored }) => `${ref.namespace}/${ref.name}@${versionText(stored.version)}`)
          .join(" ");
        // Lists are by kind, so the objects are of the index's kind.
        return { value: objects as never, version };
      }),
    output: (root) =>
      read(outputRead(root), async () => {
        const value = await readOutput(table, root);
        if (value !== undefined && "id" in value) refs.set(value.id, root);
        return { value, version: canonicalJson(value) } satisfies {
          value: Output | undefined;
          version: string;
        };
      }),
    cluster: (name) =>
      read(clusterRead(name), async () => {
        const cluster = await getCluster(table, name);
        const value = cluster && factsOf(cluster);
        return { value, version: canonicalJson(value) };
      }),
    holder: (on) =>
      read(holderRead(on.account, on.region, on.network, on.hostname), async () => {
        const value = await holderOf(table, on);
        return { value, version: canonicalJson(value) };
      }),
    usage: (use, quota) =>
      read(usageRead(use), async () => {
        const value = await usageOf(table, use);
        return { value, version: value < quota ? "there is room" : "it is full" };
      }),
    certificates: (account, region) =>
      read(certificatesRead(account, region), async () => {
        const value = await getCertificates(table, account, region);
        return { value, version: canonicalJson(value) };
      }),
    quotas: (account, region) =>
      read(quotasRead(account, region), async () => {
        const value = await getQuotas(table, account, region);
        return { value, version: canonicalJson(value) };
      }),
  };

  return {
    view,
    reads: () => [...loaded.keys()].toSorted(),
    refs: () => Object.fromEntries(refs),
    async changed(reads) {
      const pairs = await Promise.all(
        reads.map(async (key) => [await loaded.get(key), await loads.get(key)?.()] as const),
      );
      return pairs.some(([before, now]) => before?.version !== now?.version);
    },
  };
}

async function loadObject<K extends Kind>(
  table: Table,
  ref: ObjectRef<K>,
): Promise<{ readonly value: Seen<ObjectOf<K>>; readonly version: string }> {
  const stored = await getObject(table, ref);
  if (stored === undefined) return { value: { is: "unknown" }, version: "unknown" };
  const version = versionText(stored.version);
  if (stored.is === "tombstone") return { value: { is: "missing" }, version: `missing@${version}` };
  // The key that it was found under says its kind.
  return { value: { is: "known", object: stored.object as ObjectOf<K> }, version };
}

const versionText = (version: {
  readonly epoch: number;
  readonly rv: number;
  readonly trim: number;
}): string => `${version.epoch}.${version.rv}.${version.trim}`;
