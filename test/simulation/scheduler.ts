import { epochMs, type EpochMs } from "../../functions/model/ids.ts";

/**
 * Virtual time. Nothing in a simulated history waits for real time: what sleeps is an entry here, and time jumps from one
 * entry to the next. Entries of the same instant run in the order in which they were made.
 */
export interface Scheduler {
  now(): EpochMs;
  /** Calls once, so many milliseconds from now; answers how to call it off. Background entries do not keep a run going. */
  after(ms: number, run: () => void, background?: boolean): () => void;
  sleep(ms: number): Promise<void>;
  /** Runs entries until none but background ones are left, or virtual time has passed `until`; answers whether it came to rest. */
  run(until: EpochMs): Promise<boolean>;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  readonly background: boolean;
}

export function createScheduler(start: number): Scheduler {
  let now = start;
  let order = 0;
  let foreground = 0;
  const heap: Entry[] = [];
  const before = (a: Entry, b: Entry): boolean => (a.at === b.at ? a.order < b.order : a.at < b.at);

  function push(entry: Entry): void {
    heap.push(entry);
    let index = heap.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const [child, above] = [heap[index], heap[parent]];
      if (child === undefined || above === undefined || !before(child, above)) break;
      [heap[index], heap[parent]] = [above, child];
      index = parent;
    }
  }

  function pop(): Entry | undefined {
    const [top] = heap;
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    heap[0] = last;
    for (let index = 0; ;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const here = heap[index];
      if (left === undefined || here === undefined) break;
      const next = right !== undefined && before(right, left) ? 2 * index + 2 : 2 * index + 1;
      const child = heap[next];
      if (child === undefined || !before(child, here)) break;
      [heap[index], heap[next]] = [child, here];
      index = next;
    }
    return top;
  }

  const scheduler: Scheduler = {
    now: () => epochMs(now),
    after(ms, run, background = false) {
      let live = true;
      order += 1;
      if (!background) foreground += 1;
      const end = (): boolean => {
        if (!live) return false;
        live = false;
        if (!background) foreground -= 1;
        return true;
      };
      push({ at: now + Math.max(0, ms), order, background, run: () => end() && run() });
      return () => void end();
    },
    sleep: (ms) => new Promise((resolve) => scheduler.after(ms, resolve)),
    async run(until) {
      for (;;) {
        await settled();
        if (foreground === 0) return true;
        const entry = pop();
        if (entry === undefined) return true;
        if (entry.at > until) {
          push(entry);
          now = Math.max(now, until);
          return false;
        }
        now = Math.max(now, entry.at);
        entry.run();
      }
    },
  };
  return scheduler;
}

/** Waits until everything that can go on without time has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
