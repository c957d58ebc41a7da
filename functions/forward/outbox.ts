import type { Change, Heartbeat, InventoryChunk } from "../bus/events.ts";
import { entryOf, type Entry, type Failure, type Publish } from "../bus/publish.ts";
import type { Log, Random } from "../runtime/clock.ts";

import { packChanges, type Origin } from "./pack.ts";
import type { Settings } from "./settings.ts";
import { backoff, type Cancel, type SetTimer } from "./timers.ts";

/** Something to say: a change of an object, or an event that is whole already. A later one of the same key replaces it. */
export type Outgoing = {
  readonly key: string;
  /** Called once, when the bus has taken it. */
  readonly accepted?: (() => void) | undefined;
} & ({ readonly change: Change } | { readonly event: Heartbeat | InventoryChunk });

/** What waits for the bus. */
export interface Outbox {
  add(items: readonly Outgoing[]): void;
  /** Whether something whose key begins so has not been taken yet. */
  holds(prefix: string): boolean;
  clear(): void;
  /** Waits until everything is sent, as long as that works at the first attempt; then sends nothing more. */
  stop(): Promise<void>;
}

/** Changes of one round: enough to fill the ten entries of a call. */
const roundMax = 2000;

/**
 * A bounded queue before the bus. What the bus does not take is sent again with growing, jittered delays, unless something
 * newer of the same key has come. When more changes wait than the queue may hold, all are dropped and `onOverflow` is
 * called; `onAccepted` is called whenever the bus took something.
 */
export const createOutbox = (origin: Origin, means: OutboxMeans, hooks: OutboxHooks): Outbox =>
  new BoundedOutbox(origin, means, hooks);

export interface OutboxMeans {
  readonly publish: Publish;
  readonly setTimer: SetTimer;
  readonly random: Random;
  readonly log: Log;
  readonly settings: Settings;
}

export interface OutboxHooks {
  readonly onOverflow: () => void;
  readonly onAccepted: () => void;
}

class BoundedOutbox implements Outbox {
  readonly #origin: Origin;
  readonly #means: OutboxMeans;
  readonly #hooks: OutboxHooks;
  #queue = new Map<string, Outgoing>();
  #inFlight: readonly Outgoing[] = [];
  #failures = 0;
  #stopped = false;
  #retry: Cancel | undefined;
  #draining: Promise<void> | undefined;

  constructor(origin: Origin, means: OutboxMeans, hooks: OutboxHooks) {
    this.#origin = origin;
    this.#means = means;
    this.#hooks = hooks;
  }

  add(items: readonly Outgoing[]): void {
    for (const item of items) this.#queue.set(item.key, item);
    const waiting = [...this.#queue.values(), ...this.#inFlight].filter((item) => "change" in item).length;
    if (waiting > this.#means.settings.queueMax) {
      this.clear();
      this.#means.log.error("too much waits for the bus; all is dropped and listed anew", { waiting });
      this.#hooks.onOverflow();
    }
    this.#wake();
  }

  holds(prefix: string): boolean {
    const waiting = [...this.#queue.keys(), ...this.#inFlight.map(({ key }) => key)];
    return waiting.some((key) => key.startsWith(prefix));
  }

  clear(): void {
    this.#queue = new Map();
  }

  async stop(): Promise<void> {
    this.#wake();
    this.#stopped = true;
    this.#retry?.();
    await this.#draining;
  }

  #wake(): void {
    const idle = this.#draining === undefined && this.#retry === undefined;
    if (idle && !this.#stopped && this.#queue.size > 0) this.#draining = this.#drain();
  }

  async #drain(): Promise<void> {
    do {
      await this.#round();
    } while (this.#queue.size > 0 && this.#failures === 0);
    this.#draining = undefined;
    if (this.#queue.size === 0 || this.#stopped) return;
    const { setTimer, random, settings } = this.#means;
    const delay = backoff(this.#failures, settings.retryFirst, settings.retryMost, random.fraction());
    this.#retry = setTimer(delay, () => {
      this.#retry = undefined;
      this.#wake();
    });
  }

  async #round(): Promise<void> {
    const queue = this.#queue;
    this.#inFlight = [...queue.values()].slice(0, roundMax);
    for (const { key } of this.#inFlight) queue.delete(key);
    const parcels = parcelsOf(this.#origin, this.#inFlight);
    const failures = await this.#publish(parcels.map(({ entry }) => entry));
    const failed = new Set(failures.map(({ index }) => index));
    const again = parcels.flatMap(({ items }, index) => (failed.has(index) ? items : []));
    const taken = parcels.flatMap(({ items }, index) => (failed.has(index) ? [] : items));
    this.#inFlight = [];
    this.#failures = failures.length > 0 ? this.#failures + 1 : 0;
    // A queue that was cleared meanwhile takes nothing back; what has come since replaces what goes back.
    if (queue === this.#queue) {
      this.#queue = new Map([...again.map((item): [string, Outgoing] => [item.key, item]), ...queue]);
    }
    for (const item of taken) item.accepted?.();
    if (taken.length > 0) this.#hooks.onAccepted();
    const [first] = failures;
    if (first === undefined) return;
    const { code, message } = first;
    const more = { events: failures.length, code, said: message, waiting: this.#queue.size };
    this.#means.log.warn("the bus did not take events; they are sent again", more);
  }

  /** A publisher that breaks its promise not to throw has taken nothing. */
  async #publish(entries: readonly Entry[]): Promise<readonly Failure[]> {
    try {
      return await this.#means.publish(entries);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return entries.map((_, index) => ({ index, code: "Thrown", message }));
    }
  }
}

function parcelsOf(
  origin: Origin,
  items: readonly Outgoing[],
): readonly { readonly entry: Entry; readonly items: readonly Outgoing[] }[] {
  const changes = items.flatMap((item) => ("change" in item ? [item] : []));
  const events = items.flatMap((item) => ("event" in item ? [item] : []));
  return [
    ...packChanges(origin, changes).map(({ event, items }) => ({
      entry: entryOf(event),
      items,
    })),
    ...events.map((item) => ({ entry: entryOf(item.event), items: [item] })),
  ];
}
