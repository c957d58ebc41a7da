import { z } from "zod";
import { parentRef } from "../../functions/bus/routes.ts";
import { SourceError, type ClusterSource, type WatchEvent } from "../../functions/forward/source.ts";
import type { ClusterName } from "../../functions/model/ids.ts";
import { kinds, type Kind, type ObjectRef } from "../../functions/model/objects.ts";
import { ClusterError, type ClusterApi, type LiveObject } from "../../functions/status/cluster.ts";
import type { Call } from "../../functions/status/owned.k8s.ts";
import { putServiceAccount } from "../../functions/status/serviceaccount.k8s.ts";
import { simAccounts, type Account } from "./accounts.ts";
import type { Prng } from "./prng.ts";
import type { Scheduler } from "./scheduler.ts";

/** An object as an API server would answer it. */
export interface Raw {
  readonly metadata: {
    readonly namespace?: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly creationTimestamp: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
  };
  readonly spec?: unknown;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** What a user applies. */
export interface Manifest {
  readonly kind: Kind;
  readonly namespace?: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  /** Spec, or the top-level fields of kinds without one. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface SimCluster {
  readonly name: ClusterName;
  readonly epoch: string;
  readonly source: ClusterSource;
  readonly api: ClusterApi;
  apply(manifest: Manifest): void;
  /** Deletes an object, or marks it as leaving while it has finalizers. */
  remove(kind: Kind, namespace: string, name: string): void;
  get(kind: Kind, namespace: string, name: string): Raw | undefined;
  all(kind: Kind): readonly Raw[];
  /** The ServiceAccounts that the control plane has made. */
  accounts(): readonly Account[];
  /** Breaks every watch that is open; the next list answers as always. */
  breakWatches(): void;
  /** Forgets history, so that a watch that resumes is told 410 Gone. */
  compact(): void;
  /** Called when the control plane asks the forwarder for objects. */
  onAsk: (refs: readonly ObjectRef[]) => void;
  /** Called after each change of an object. */
  onChange: () => void;
}

interface Change {
  readonly rv: number;
  readonly kind: Kind;
  readonly event: WatchEvent;
}

/** A cluster's API server in memory: numeric resourceVersions, watches with resume and 410, a status subresource. */
export function simCluster(
  name: ClusterName,
  d: { readonly scheduler: Scheduler; readonly random: Prng; readonly unreachable: () => boolean },
): SimCluster {
  let version = 10;
  let uids = 0;
  let oldest = 0;
  let history: Change[] = [];
  const objects = new Map<string, Raw>();
  const watchers = new Set<{
    readonly kind: Kind;
    readonly tell: (event: WatchEvent) => void;
    readonly end: () => void;
  }>();
  const id = (kind: Kind, namespace: string, one: string): string => `${kind}/${namespace}/${one}`;
  const epoch = `epoch-of-${name}`;

  function tell(kind: Kind, type: string, object: Raw): void {
    history.push({ rv: Number(object.metadata.resourceVersion), kind, event: { type, object } });
    for (const watcher of watchers) if (watcher.kind === kind) watcher.tell({ type, object });
    cluster.onChange();
  }

  function store(
    kind: Kind,
    key: string,
    next: Omit<Raw, "metadata"> & { readonly metadata: Omit<Raw["metadata"], "resourceVersion"> },
  ): void {
    version += 1;
    const known = objects.has(key);
    const object: Raw = { ...next, metadata: { ...next.metadata, resourceVersion: String(version) } };
    objects.set(key, object);
    tell(kind, known ? "MODIFIED" : "ADDED", object);
  }

  function drop(kind: Kind, key: string, before: Raw): void {
    objects.delete(key);
    version += 1;
    tell(kind, "DELETED", {
      ...before,
      metadata: { ...before.metadata, resourceVersion: String(version) },
    });
  }

  const answer = async (): Promise<void> => {
    await d.scheduler.sleep(1 + d.random.below(20));
    if (d.unreachable()) throw new SourceError("the API server is overloaded", 500);
  };

  const source: ClusterSource = {
    async list(kind, _options, signal) {
      await answer();
      signal.throwIfAborted();
      return { items: all(kind), rv: String(version) };
    },
    async watch(kind, from, _options, onEvent, signal) {
      await answer();
      if (Number(from) < oldest) throw new SourceError("too old resource version", 410);
      for (const change of history)
        if (change.kind === kind && change.rv > Number(from)) onEvent(change.event);
      await new Promise<void>((resolve) => {
        const watcher = { kind, tell: onEvent, end: () => finish() };
        const finish = (): void => {
          watchers.delete(watcher);
          signal.removeEventListener("abort", finish);
          resolve();
        };
        watchers.add(watcher);
        signal.addEventListener("abort", finish);
      });
    },
  };

  const all = (kind: Kind): readonly Raw[] =>
    [...objects].filter(([key]) => key.startsWith(`${kind}/`)).map(([, object]) => object);
  const keyOf = (ref: ObjectRef): string => id(ref.kind, ref.namespace, ref.name);

  const answered = apiAnswer(d);
  const accounts = simAccounts(answered);
  const cluster: SimCluster = {
    name,
    epoch,
    source,
    onAsk: () => {},
    onChange: () => {},
    api: simApi(answered, accounts.call, {
      get: (ref) => objects.get(keyOf(ref)),
      store: (ref, next) => store(ref.kind, keyOf(ref), next),
      drop: (ref, before) => drop(ref.kind, keyOf(ref), before),
      ask: (refs) => cluster.onAsk(refs),
    }),
    apply(manifest) {
      const namespace = manifest.namespace ?? "";
      const key = id(manifest.kind, namespace, manifest.name);
      const before = objects.get(key);
      if (before === undefined) uids += 1;
      const {
        status: _status,
        metadata: _metadata,
        ...rest
      } = before ?? { status: undefined, metadata: undefined };
      const same =
        JSON.stringify(rest) === JSON.stringify(manifest.body) &&
        JSON.stringify(before?.metadata.labels) === JSON.stringify(manifest.labels);
      if (before !== undefined && same && manifest.annotations === undefined) return;
      store(manifest.kind, key, {
        ...manifest.body,
        metadata: {
          ...(kinds[manifest.kind].namespaced ? { namespace } : {}),
          name: manifest.name,
          uid: before?.metadata.uid ?? `${name}-uid-${uids}`,
          generation: (before?.metadata.generation ?? 0) + 1,
          creationTimestamp:
            before?.metadata.creationTimestamp ??
            new Date(Math.floor(d.scheduler.now() / 1000) * 1000).toISOString().replace(".000", ""),
          ...(manifest.labels === undefined ? {} : { labels: manifest.labels }),
          annotations: { ...before?.metadata.annotations, ...manifest.annotations },
          finalizers: manifest.finalizers ?? before?.metadata.finalizers ?? [],
        },
        ...(before?.status === undefined ? {} : { status: before.status }),
      });
    },
    remove(kind, namespace, one) {
      const key = id(kind, namespace, one);
      const before = objects.get(key);
      if (before === undefined) return;
      const deletionTimestamp = new Date(d.scheduler.now()).toISOString();
      if ((before.metadata.finalizers ?? []).length > 0)
        store(kind, key, { ...before, metadata: { ...before.metadata, deletionTimestamp } });
      else drop(kind, key, before);
    },
    get: (kind, namespace, one) => objects.get(id(kind, namespace, one)),
    all,
    accounts: accounts.all,
    breakWatches() {
      for (const watcher of watchers) watcher.end();
    },
    compact() {
      oldest = version;
      history = [];
      cluster.breakWatches();
    },
  };
  return cluster;
}

/** How long the API server takes for a call of the control plane, which it may not do at all. */
const apiAnswer =
  (d: { readonly scheduler: Scheduler; readonly random: Prng; readonly unreachable: () => boolean }) =>
  async (): Promise<void> => {
    await d.scheduler.sleep(1 + d.random.below(30));
    if (d.unreachable()) throw new ClusterError("the API server is overloaded", 500);
  };

function simApi(
  answer: () => Promise<void>,
  accounts: Call,
  objects: {
    readonly get: (ref: ObjectRef) => Raw | undefined;
    readonly store: (
      ref: ObjectRef,
      next: Omit<Raw, "metadata"> & { readonly metadata: Omit<Raw["metadata"], "resourceVersion"> },
    ) => void;
    readonly drop: (ref: ObjectRef, before: Raw) => void;
    readonly ask: (refs: readonly ObjectRef[]) => void;
  },
): ClusterApi {
  return {
    async get(ref) {
      await answer();
      const object = objects.get(ref);
      return object && live(object);
    },
    async putStatus(ref, resourceVersion, status) {
      await answer();
      const object = objects.get(ref);
      if (object === undefined) return "gone";
      if (object.metadata.resourceVersion !== resourceVersion) return "conflict";
      objects.store(ref, { ...object, status });
      return "written";
    },
    async annotate(ref, annotations) {
      await answer();
      const object = objects.get(ref);
      if (object === undefined) return "gone";
      const merged = { ...object.metadata.annotations, ...annotations };
      const kept = Object.fromEntries(
        Object.entries(merged).filter((pair): pair is [string, string] => pair[1] !== null),
      );
      objects.store(ref, { ...object, metadata: { ...object.metadata, annotations: kept } });
      return "written";
    },
    async setFinalizers(ref, resourceVersion, finalizers) {
      await answer();
      const object = objects.get(ref);
      if (object === undefined) return "gone";
      if (object.metadata.resourceVersion !== resourceVersion) return "conflict";
      const freed = { ...object, metadata: { ...object.metadata, finalizers } };
      if (finalizers.length === 0 && object.metadata.deletionTimestamp !== undefined)
        objects.drop(ref, freed);
      else objects.store(ref, freed);
      return "written";
    },
    // No history has ExternalDNS.
    putEndpoints: async () => "unchanged",
    putInfrastructure: (gateway, uid, wanted) =>
      putServiceAccount(accounts, { ...gateway, version: "v1" }, uid, wanted),
    async askForwarder({ refs }) {
      await answer();
      objects.ask(refs);
    },
  };
}

const parentsOf = z.object({ parentRefs: z.array(parentRef).default([]) });

const live = (object: Raw): LiveObject => ({
  resourceVersion: object.metadata.resourceVersion,
  uid: object.metadata.uid,
  generation: object.metadata.generation,
  annotations: object.metadata.annotations ?? {},
  finalizers: object.metadata.finalizers ?? [],
  parentRefs: parentsOf.parse(object.spec ?? {}).parentRefs,
  status: object.status ?? {},
});
