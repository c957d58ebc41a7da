import type { BusEvent, Change, Heartbeat, InventoryChunk } from "../../functions/bus/events.ts";
import { parseEnvelope } from "../../functions/bus/parse.ts";
import type { Entry, Failure } from "../../functions/bus/publish.ts";
import { createForwarder, type Forwarder } from "../../functions/forward/forwarder.ts";
import { defaultSettings, type Settings } from "../../functions/forward/settings.ts";
import {
  SourceError,
  type ClusterSource,
  type ListOptions,
  type Page,
  type WatchEvent,
  type WatchOptions,
} from "../../functions/forward/source.ts";
import type { SetTimer } from "../../functions/forward/timers.ts";
import { clusterName, epochMs } from "../../functions/model/ids.ts";
import { kinds, type Kind } from "../../functions/model/objects.ts";
import type { Log } from "../../functions/runtime/clock.ts";

/** Time that passes only when a test says so. */
export class VirtualTime {
  #now = 1_767_225_600_000;
  #timers: { at: number; run: () => void }[] = [];

  now = () => epochMs(this.#now);

  setTimer: SetTimer = (ms, run) => {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Lets everything that is under way come to rest. */
  async settle(): Promise<void> {
    for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.settle();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await this.settle();
    }
    this.#now = until;
  }
}

type Raw = { metadata: Record<string, unknown> };
type Stored = { key: string; object: Raw };
type Watcher = { send: (event: WatchEvent) => void; end: (error?: Error) => void };

/** An API server for list and watch whose failures a test arranges. */
export class FakeCluster implements ClusterSource {
  rv = 100;
  readonly objects = new Map<Kind, Map<string, Raw>>();
  readonly requests: string[] = [];
  /** Called before each list and watch; what it throws is the answer. */
  fault: (verb: "list" | "watch", kind: Kind) => void = () => undefined;
  /** Watches from before are answered with 410. */
  oldest = 0;
  readonly #watchers = new Map<Kind, Set<Watcher>>();
  readonly #history: { kind: Kind; rv: number; event: WatchEvent }[] = [];

  async list(kind: Kind, options: ListOptions): Promise<Page> {
    this.requests.push(`list ${kind}${options.continue === undefined ? "" : ` ${options.continue}`}`);
    this.fault("list", kind);
    const all = [...this.#shelf(kind).values()];
    const from = Number(options.continue ?? 0);
    const to = from + options.limit;
    const page = { items: all.slice(from, to), rv: String(this.rv) };
    return to < all.length ? { ...page, continue: String(to) } : page;
  }

  async watch(
    kind: Kind,
    rv: string,
    _options: WatchOptions,
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.requests.push(`watch ${kind} ${rv}`);
    this.fault("watch", kind);
    if (Number(rv) < this.oldest) {
      onEvent({ type: "ERROR", object: { kind: "Status", code: 410, message: "too old resource version" } });
      return;
    }
    for (const past of this.#history) if (past.kind === kind && past.rv > Number(rv)) onEvent(past.event);
    await new Promise<void>((resolve, reject) => {
      const watchers = this.#watchers.get(kind) ?? new Set();
      this.#watchers.set(kind, watchers);
      const watcher: Watcher = {
        send: onEvent,
        end: (error) => {
          watchers.delete(watcher);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      watchers.add(watcher);
      signal.addEventListener("abort", () => watcher.end());
    });
  }

  #shelf(kind: Kind): Map<string, Raw> {
    const shelf = this.objects.get(kind) ?? new Map<string, Raw>();
    this.objects.set(kind, shelf);
    return shelf;
  }

  #stored(kind: Kind, raw: unknown): Stored {
    this.rv += 1;
    const object = structuredClone(raw) as Raw;
    object.metadata.resourceVersion = String(this.rv);
    if (!kinds[kind].namespaced) delete object.metadata.namespace;
    return { key: `${String(object.metadata.namespace)}/${String(object.metadata.name)}`, object };
  }

  put(kind: Kind, raw: unknown): void {
    const { key, object } = this.#stored(kind, raw);
    const type = this.#shelf(kind).has(key) ? "MODIFIED" : "ADDED";
    this.#shelf(kind).set(key, object);
    this.#tell(kind, { type, object });
  }

  remove(kind: Kind, raw: unknown): void {
    const { key, object } = this.#stored(kind, raw);
    this.#shelf(kind).delete(key);
    this.#tell(kind, { type: "DELETED", object });
  }

  bookmark(kind: Kind): void {
    this.send(kind, { type: "BOOKMARK", object: { metadata: { resourceVersion: String(this.rv) } } });
  }

  #tell(kind: Kind, event: WatchEvent): void {
    this.#history.push({ kind, rv: this.rv, event });
    this.send(kind, event);
  }

  send(kind: Kind, event: WatchEvent): void {
    for (const watcher of this.#watchers.get(kind) ?? []) watcher.send(event);
  }

  /** Ends the watches of a kind, in good order or not. */
  close(kind: Kind, error?: Error): void {
    for (const watcher of this.#watchers.get(kind) ?? []) watcher.end(error);
  }

  requestsFor(kind: Kind): readonly string[] {
    return this.requests.filter((request) => request.split(" ")[1] === kind);
  }
}

export const refusal = (status: number, retryAfterMs?: number): SourceError =>
  new SourceError(`refused with ${status}`, status, retryAfterMs);

/** A forwarder with everything around it under a test's control, and what the bus took as ingest would read it. */
export class World {
  readonly time = new VirtualTime();
  readonly cluster = new FakeCluster();
  readonly events: BusEvent[] = [];
  readonly calls: (readonly Entry[])[] = [];
  readonly logged: string[] = [];
  /** Whether the bus refuses an entry. */
  refuses: (entry: Entry) => boolean = () => false;
  readonly forwarder: Forwarder;

  /** Between the forwarder and the cluster may stand what is to be tested with them. */
  constructor(
    settings: Partial<Settings> = {},
    through: (cluster: FakeCluster) => ClusterSource = (cluster) => cluster,
  ) {
    const say = (message: string): void => void this.logged.push(message);
    const log: Log = { info: say, warn: say, error: say };
    let tokens = 0;
    this.forwarder = createForwarder({
      cluster: clusterName("east"),
      epoch: "epoch-1",
      source: through(this.cluster),
      publish: (entries) => this.#take(entries),
      clock: this.time,
      setTimer: this.time.setTimer,
      random: { token: () => `id-${(tokens += 1)}`, fraction: () => 0.5 },
      log,
      settings: { ...defaultSettings, ...settings },
    });
  }

  async #take(entries: readonly Entry[]): Promise<readonly Failure[]> {
    this.calls.push(entries);
    return entries.flatMap((entry, index): readonly Failure[] => {
      if (this.refuses(entry)) return [{ index, code: "InternalFailure", message: "not now" }];
      const received = parseEnvelope({
        id: "1",
        account: "111122223333",
        source: entry.source,
        time: new Date(this.time.now()).toISOString(),
        "detail-type": entry.type,
        detail: JSON.parse(entry.detail),
      });
      if (!received.ok) throw new Error(received.refused);
      this.events.push(received.event);
      return [];
    });
  }

  /** Starts, and lets the first inventory out; what the bus took until then is forgotten with `quiet`. */
  async started(quiet = true): Promise<this> {
    this.forwarder.start();
    await this.time.pass(200);
    if (quiet) this.forget();
    return this;
  }

  forget(): void {
    this.events.length = 0;
    this.calls.length = 0;
    this.cluster.requests.length = 0;
  }

  changes(): readonly Change[] {
    return this.events.flatMap((event) => (event.type === "Objects Changed" ? event.changes : []));
  }

  /** Changes in short: `put Service shop/cart`. */
  said(): readonly string[] {
    return this.changes().map((change) => {
      const { namespace, name } = change.op === "put" ? change.object.metadata : change;
      return `${change.op} ${change.kind} ${namespace}/${name}`;
    });
  }

  inventories(): readonly InventoryChunk[] {
    return this.events.flatMap((event) => (event.type === "Inventory" ? [event] : []));
  }

  heartbeats(): readonly Heartbeat[] {
    return this.events.flatMap((event) => (event.type === "Heartbeat" ? [event] : []));
  }
}
