import { z } from "zod";

import type { Clock, Random } from "../runtime/clock.ts";

import type { Settings } from "./settings.ts";
import { SourceError, type ListOptions, type Page, type WatchEvent, type WatchOptions } from "./source.ts";
import { backoff, pause, type SetTimer } from "./timers.ts";

/** What is reflected: one kind of a ClusterSource, or any other collection. */
export interface Feed {
  list(options: ListOptions, signal: AbortSignal): Promise<Page>;
  watch(
    rv: string,
    options: WatchOptions,
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Who hears of it. What throws here counts as a failure of the watch: it is reported, and everything is listed again. */
export interface Sink {
  /** A complete list: what it does not hold does not exist at `rv`. */
  replaced(items: readonly unknown[], rv: string): void;
  changed(type: "ADDED" | "MODIFIED" | "DELETED", object: unknown): void;
  /** Nothing else has happened up to `rv`. */
  passed(rv: string): void;
  health(health: Health): void;
}

export type Health = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface Reflector {
  start(): void;
  /** Lists anew, whatever is known. */
  relist(): void;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

const withVersion = z.object({ metadata: z.object({ resourceVersion: z.string().min(1) }) });
const failed = z.object({ code: z.number().default(500), message: z.string().default("no message") });

/** What a reflector needs of the world. */
export interface ReflectorMeans {
  readonly clock: Clock;
  readonly setTimer: SetTimer;
  readonly random: Random;
  readonly settings: Settings;
}

/**
 * Keeps a sink up to date with a collection of the API server, for ever: pages of a list, then watches one after the other,
 * each from where the last one ended, and a new list when the server no longer knows that place (410). No failure ends it;
 * each is waited out with backoff and jitter.
 */
export const createReflector = (feed: Feed, sink: Sink, means: ReflectorMeans): Reflector =>
  new ListAndWatch(feed, sink, means);

class ListAndWatch implements Reflector {
  readonly #feed: Feed;
  readonly #sink: Sink;
  readonly #means: ReflectorMeans;
  readonly #stopping = new AbortController();
  /** Aborted to list anew. */
  #round = new AbortController();
  #rv: string | undefined;
  #failures = 0;
  /** A good list does not prove that a watch which failed works again. */
  #watchFailed = false;
  #running: Promise<void> | undefined;

  constructor(feed: Feed, sink: Sink, means: ReflectorMeans) {
    this.#feed = feed;
    this.#sink = sink;
    this.#means = means;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  relist(): void {
    this.#round.abort();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#round = new AbortController();
      const signal = AbortSignal.any([this.#stopping.signal, this.#round.signal]);
      try {
        if (this.#rv === undefined) await this.#list(signal);
        if (this.#rv !== undefined && !signal.aborted) await this.#watch(this.#rv, signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal);
      }
      if (this.#round.signal.aborted) this.#rv = undefined;
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const limit = this.#means.settings.page;
    const items: unknown[] = [];
    let page: Page | undefined;
    do {
      page = await this.#feed.list({ limit, continue: page?.continue }, signal);
      items.push(...page.items);
    } while (page.continue !== undefined && page.continue !== "");
    if (signal.aborted) return;
    this.#sink.replaced(items, page.rv);
    this.#rv = page.rv;
    if (!this.#watchFailed) this.#sink.health({ ok: true });
  }

  /** One watch, to its end. Throws what ended it, unless the server did so in good order. */
  async #watch(from: string, outer: AbortSignal): Promise<void> {
    const { clock, setTimer, random, settings } = this.#means;
    const broken = new AbortController();
    const began = clock.now();
    let heard = 0;
    let failure: unknown;
    const fail = (error: unknown): void => {
      failure ??= error;
      broken.abort();
    };
    const timeoutSeconds = Math.round(settings.watchSeconds * (1 + random.fraction() / 2));
    const silent = setTimer(timeoutSeconds * 1000 + settings.watchGrace, () =>
      fail(new Error("the watch outlived its time: the connection is dead")),
    );
    const works = setTimer(settings.watchProven, () => this.#proven());
    const onEvent = (event: WatchEvent): void => {
      if (failure !== undefined || outer.aborted) return;
      try {
        this.#take(event);
        heard += 1;
        if (heard === 1) this.#proven();
      } catch (error) {
        fail(error);
      }
    };
    try {
      const signal = AbortSignal.any([outer, broken.signal]);
      await this.#feed.watch(from, { timeoutSeconds, bookmarks: true }, onEvent, signal);
    } catch (error) {
      fail(error);
    } finally {
      silent();
      works();
    }
    if (outer.aborted) return;
    if (failure !== undefined) throw failure;
    // A server that closes every watch at once must not be asked in a tight loop.
    if (heard === 0 && clock.now() - began < settings.watchProven) {
      this.#failures += 1;
      await this.#backOff(outer);
    }
  }

  #proven(): void {
    this.#failures = 0;
    this.#watchFailed = false;
    this.#sink.health({ ok: true });
  }

  /** Hands an event to the sink and remembers its resourceVersion; throws what an ERROR says. */
  #take({ type, object }: WatchEvent): void {
    if (type === "ERROR") {
      const status = failed.safeParse(object).data ?? { code: 500, message: "an error without a status" };
      throw new SourceError(status.message, status.code);
    }
    try {
      const version = withVersion.parse(object).metadata.resourceVersion;
      if (type === "BOOKMARK") this.#sink.passed(version);
      else if (type === "ADDED" || type === "MODIFIED" || type === "DELETED")
        this.#sink.changed(type, object);
      else throw new TypeError(`the watch sent an event of unknown type "${type}"`);
      this.#rv = version;
    } catch (error) {
      // What could not be taken in is only found again by a list.
      this.#rv = undefined;
      throw error;
    }
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { retrySlow } = this.#means.settings;
    this.#failures += 1;
    const status = error instanceof SourceError ? error.status : 0;
    if (status === 410) {
      this.#rv = undefined;
      // That a resourceVersion grows old is no failure, unless it happens again at once.
      if (this.#failures === 1) return;
    } else if (this.#rv !== undefined) {
      this.#watchFailed = true;
    }
    const lasting = status === 401 || status === 403 || status === 404;
    // One failure in a while is everyday life; what lasts is worth a report.
    if (lasting || this.#failures > 1) this.#sink.health({ ok: false, reason: reasonOf(error) });
    const asked = error instanceof SourceError ? (error.retryAfter ?? 0) : 0;
    await this.#backOff(signal, lasting ? Math.max(asked, retrySlow) : asked);
  }

  /** Waits as long as the failures in a row say, and at least so long. */
  async #backOff(signal: AbortSignal, atLeast = 0): Promise<void> {
    const { setTimer, random, settings } = this.#means;
    const { retryFirst, retryMost } = settings;
    const ms = backoff(this.#failures, retryFirst, retryMost, random.fraction());
    await pause(setTimer, Math.max(ms, atLeast), signal);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof SourceError) return `${error.status}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
