import type { InventoryChunk } from "../bus/events.ts";
import type { Publish } from "../bus/publish.ts";
import { same } from "../model/canonical.ts";
import { rv, type ClusterName, type Rv } from "../model/ids.ts";
import { allKinds, type Kind, type ObjectRef } from "../model/objects.ts";
import type { Clock, Log, Random } from "../runtime/clock.ts";

import { createCache, nameKey, shelfOf, type Name } from "./cache.ts";
import { changeOf, type Knowledge } from "./changes.ts";
import { createCoalescer, type Coalescer } from "./coalesce.ts";
import { heartbeatOf } from "./heartbeat.ts";
import { createInterest } from "./interest.ts";
import { takeInventory } from "./inventory.ts";
import { createOutbox, type Outbox, type Outgoing } from "./outbox.ts";
import { packInventory } from "./pack.ts";
import { createReflector, type Health, type Reflector } from "./reflector.ts";
import { createSent, toldGone } from "./sent.ts";
import type { Settings } from "./settings.ts";
import type { ClusterSource } from "./source.ts";
import type { Cancel, SetTimer } from "./timers.ts";
import { trim, type Seen } from "./trim.ts";

/** Everything that a forwarder needs of the world. */
export interface ForwarderMeans {
  readonly cluster: ClusterName;
  /** The uid of the cluster's kube-system namespace. */
  readonly epoch: string;
  readonly source: ClusterSource;
  readonly publish: Publish;
  readonly clock: Clock;
  readonly setTimer: SetTimer;
  readonly random: Random;
  readonly log: Log;
  readonly settings: Settings;
}

export interface Forwarder {
  start(): void;
  /** Ends the watches, sends what waits if the bus takes it, and resolves when nothing is under way. */
  stop(): Promise<void>;
  /** Sends these objects again, or that they do not exist: the control plane lacks them. Others' objects are left out. */
  requested(refs: readonly ObjectRef[]): void;
}

/**
 * Watches one cluster and says on the bus what is in it: at first a full inventory of all kinds that answer, from then on
 * what changes, with inventories and heartbeats in between.
 */
export const createForwarder = (means: ForwarderMeans): Forwarder => new WatchingForwarder(means);

class WatchingForwarder implements Forwarder {
  readonly #means: ForwarderMeans;
  readonly #cache = createCache();
  readonly #tombstones = new Map<string, { readonly uid: string; readonly rv: Rv }>();
  readonly #knows: Knowledge;
  readonly #outbox: Outbox;
  readonly #coalescer: Coalescer;
  readonly #reflectors: readonly Reflector[];
  /** Objects that the control plane wishes for. */
  readonly #asked = new Set<string>();
  /** Kinds that some inventory has listed. */
  readonly #inventoried = new Set<Kind>();
  /** Kinds that have not answered since all was to be listed; absent when the first inventory has been taken. */
  #silent: Set<Kind> | undefined;
  readonly #alarms = new Map<string, Cancel>();
  #overflowed = false;
  /** A full inventory that had to wait for the one before. */
  #owed = false;
  #lastFull = Number.NEGATIVE_INFINITY;

  constructor(means: ForwarderMeans) {
    this.#means = means;
    const { cluster, epoch, setTimer, settings } = means;
    this.#knows = {
      origin: { version: 1, cluster, epoch },
      cache: this.#cache,
      interest: createInterest(cluster),
      sent: createSent(),
      tombstones: this.#tombstones,
    };
    this.#outbox = createOutbox(this.#knows.origin, means, {
      onOverflow: () => {
        this.#overflowed = true;
      },
      onAccepted: () => this.#accepted(),
    });
    this.#coalescer = createCoalescer(settings.window, setTimer, (names) => this.#say(names));
    this.#reflectors = allKinds.map((kind) => this.#reflector(kind));
  }

  start(): void {
    const { settings, clock } = this.#means;
    this.#begin();
    this.#every("heartbeat", settings.heartbeatEvery, () => this.#beat());
    this.#every("inventory", settings.inventoryEvery, () => {
      if (this.#silent !== undefined) return;
      this.#inventory(clock.now() - this.#lastFull >= settings.fullInventoryEvery);
    });
    for (const reflector of this.#reflectors) reflector.start();
  }

  async stop(): Promise<void> {
    for (const cancel of this.#alarms.values()) cancel();
    this.#coalescer.stop();
    await Promise.all(this.#reflectors.map((reflector) => reflector.stop()));
    await this.#outbox.stop();
  }

  requested(refs: readonly ObjectRef[]): void {
    for (const ref of refs) {
      if (ref.cluster !== this.#means.cluster) continue;
      this.#asked.add(nameKey(ref));
      this.#coalescer.touch(ref);
    }
  }

  #reflector(kind: Kind): Reflector {
    const { source } = this.#means;
    const shelf = shelfOf(this.#cache, kind);
    return createReflector(
      {
        list: (options, signal) => source.list(kind, options, signal),
        watch: (from, options, onEvent, signal) => source.watch(kind, from, options, onEvent, signal),
      },
      {
        replaced: (items, version) => this.#replaced(kind, items, rv(version)),
        changed: (type, object) => {
          const seen = trim(kind, object);
          if (type === "DELETED" || seen.leaving) this.#gone(seen, seen.rv);
          else this.#noticed(seen);
          shelf.rv = seen.rv;
        },
        passed: (version) => {
          shelf.rv = rv(version);
        },
        health: (health) => this.#health(kind, health),
      },
      this.#means,
    );
  }

  #replaced(kind: Kind, items: readonly unknown[], listRv: Rv): void {
    const shelf = shelfOf(this.#cache, kind);
    const now = items.map((item) => trim(kind, item)).filter(({ leaving }) => !leaving);
    const keys = new Set(now.map(nameKey));
    const before = [...shelf.objects.values()];
    for (const seen of before) if (!keys.has(nameKey(seen))) this.#gone(seen, listRv);
    shelf.rv = listRv;
    shelf.listed = true;
    for (const seen of now) this.#noticed(seen);
    // What names objects of this kind could not be told whether they exist until now.
    for (const name of this.#knows.interest.namesOf(kind)) this.#coalescer.touch(name);
  }

  #noticed(seen: Seen): void {
    const { interest } = this.#knows;
    const key = nameKey(seen);
    shelfOf(this.#cache, seen.kind).objects.set(key, seen);
    this.#tombstones.delete(key);
    this.#coalescer.touch(seen);
    if (!seen.body.ok) {
      interest.forget(seen);
      return;
    }
    for (const name of interest.note(seen.body.object)) {
      this.#coalescer.touch(name);
      if (name.kind !== "Service") continue;
      for (const slice of interest.slicesOf(name)) this.#coalescer.touch(slice);
    }
  }

  #gone(seen: Seen, at: Rv): void {
    const key = nameKey(seen);
    // An object that is held by finalizers goes once, when its deletion begins.
    if (!shelfOf(this.#cache, seen.kind).objects.delete(key)) return;
    this.#knows.interest.forget(seen);
    this.#tombstones.set(key, { uid: seen.uid, rv: at });
    this.#coalescer.touch(seen);
  }

  #health(kind: Kind, health: Health): void {
    const shelf = shelfOf(this.#cache, kind);
    const before = shelf.health;
    shelf.health = health;
    const changed = !same(before, health);
    if (changed && !health.ok) this.#means.log.warn("a watch fails", { kind, reason: health.reason });
    if (changed && before !== undefined && health.ok) this.#means.log.info("a watch works again", { kind });
    if (this.#silent !== undefined) {
      this.#silent.delete(kind);
      if (this.#silent.size === 0) this.#open();
      return;
    }
    if (!changed) return;
    this.#beat();
    // The control plane decides nothing on a kind before an inventory has listed it. Kinds that come late come together.
    if (health.ok && !this.#inventoried.has(kind)) this.#alarm("late", 1000, () => this.#inventory(true));
  }

  #say(names: readonly Name[]): void {
    const items = names.flatMap((name): readonly Outgoing[] => {
      const key = nameKey(name);
      const saying = changeOf(name, this.#knows, this.#asked.delete(key));
      this.#tombstones.delete(key);
      if (saying === undefined) return [];
      return [{ key, change: saying.change, accepted: this.#tell([[name, saying.hash]]) }];
    });
    if (items.length > 0) this.#outbox.add(items);
  }

  #inventory(full: boolean): void {
    // One at a time: a bus that does not take the last one will not take the next.
    if (this.#outbox.holds("inventory/")) {
      this.#owed ||= full;
      return;
    }
    const listing = takeInventory(this.#means.random.token(), full, this.#knows);
    if (listing === undefined) return;
    for (const kind of listing.kinds) this.#inventoried.add(kind);
    if (full) this.#lastFull = this.#means.clock.now();
    this.#outbox.add(packInventory(this.#knows.origin, listing).map((chunk) => this.#parcel(chunk)));
  }

  /** A chunk that tells its bodies, and what is absent, once it is accepted. */
  #parcel(chunk: InventoryChunk): Outgoing {
    const bodies = chunk.bodies.flatMap((body): readonly (readonly [Name, string])[] => {
      const name = body.op === "put" ? { ...body.object.metadata, kind: body.kind } : body;
      const seen = shelfOf(this.#cache, body.kind).objects.get(nameKey(name));
      return seen === undefined ? [] : [[seen, seen.hash]];
    });
    const absent = chunk.absent.map(
      ([kind, namespace, name]) => [{ kind, namespace, name }, toldGone] as const,
    );
    const accepted = this.#tell([...bodies, ...absent]);
    return { key: `inventory/${chunk.id}/${chunk.chunk}`, event: chunk, accepted };
  }

  /** Remembers what is about to be told; answers what to do when the bus has accepted it. */
  #tell(told: readonly (readonly [Name, string])[]): () => void {
    const { sent, interest } = this.#knows;
    for (const [name, hash] of told) sent.queued(nameKey(name), hash);
    return () => {
      for (const [name, hash] of told) sent.accepted(nameKey(name), hash, interest.named(name));
    };
  }

  #beat(): void {
    this.#outbox.add([{ key: "heartbeat", event: heartbeatOf(this.#knows.origin, this.#cache) }]);
  }

  #accepted(): void {
    if (this.#overflowed) this.#begin();
    else if (this.#owed && !this.#outbox.holds("inventory/")) {
      this.#owed = false;
      this.#inventory(true);
    }
  }

  /** Everything is listed anew, and nothing is said until that is done: then the inventory says it all. */
  #begin(): void {
    this.#overflowed = false;
    this.#silent = new Set(allKinds);
    this.#coalescer.hold();
    this.#outbox.clear();
    this.#knows.sent.clear();
    for (const shelf of this.#cache.values()) shelf.listed = false;
    for (const reflector of this.#reflectors) reflector.relist();
    this.#alarm("start", this.#means.settings.startWait, () => this.#open());
  }

  #open(): void {
    this.#alarms.get("start")?.();
    this.#silent = undefined;
    this.#inventory(true);
    this.#coalescer.release();
    this.#beat();
  }

  #alarm(name: string, ms: number, run: () => void): void {
    this.#alarms.get(name)?.();
    this.#alarms.set(name, this.#means.setTimer(ms, run));
  }

  #every(name: string, ms: number, run: () => void): void {
    this.#alarm(name, ms, () => {
      this.#every(name, ms, run);
      run();
    });
  }
}
