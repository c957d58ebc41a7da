import type { Prng } from "./prng.ts";
import type { Scheduler } from "./scheduler.ts";

export interface QueueFaults {
  /** How likely a message is delivered a second time although it was dealt with. */
  readonly duplicate: number;
  /** The longest that a message may lie before it is first received, in milliseconds: messages overtake each other. */
  readonly delayMs: number;
  /** How many messages of a queue are worked on at the same time; absent: all that there are. */
  readonly atOnce?: number;
}

/** A consumer: true when the message was dealt with, false when it must come back. A crash never answers. */
export type Consume = (body: unknown) => Promise<boolean>;

export interface SimQueue {
  send(body: unknown, afterMs?: number): void;
  readonly dead: unknown[];
  /** Messages that are not dealt with yet, in whatever state. */
  pending(): number;
}

/** A standard queue as SQS has it: any order, more than once, and to the dead letters after so many receipts. */
export function simQueue(
  name: string,
  world: { readonly scheduler: Scheduler; readonly random: Prng; readonly faults: () => QueueFaults },
  settings: { readonly visibilityMs: number; readonly receiptsMax: number },
  consume: Consume,
): SimQueue {
  const dead: unknown[] = [];
  const waiting: (() => void)[] = [];
  let pending = 0;
  let inWork = 0;

  function release(): void {
    inWork -= 1;
    waiting.shift()?.();
  }

  function receive(body: unknown, receipts: number): void {
    if (inWork >= (world.faults().atOnce ?? Number.POSITIVE_INFINITY)) {
      waiting.push(() => {
        receive(body, receipts);
      });
      return;
    }
    if (receipts > settings.receiptsMax) {
      pending -= 1;
      dead.push(body);
      return;
    }
    let done = false;
    inWork += 1;
    const cancel = world.scheduler.after(settings.visibilityMs, () => {
      if (done) return;
      done = true;
      release();
      receive(body, receipts + 1);
    });
    // A consumer that dies answers nothing: the message comes back when its visibility ends.
    void consume(body).then((ok) => {
      if (done || !ok) return;
      done = true;
      release();
      cancel();
      pending -= 1;
      if (world.random.chance(world.faults().duplicate)) again(body);
    });
  }

  function again(body: unknown): void {
    pending += 1;
    world.scheduler.after(world.random.below(20_000), () => receive(body, 1));
  }

  return {
    dead,
    pending: () => pending,
    send(body, afterMs = 0) {
      const copy: unknown = JSON.parse(JSON.stringify(body));
      pending += 1;
      // Most messages are received at once, and some lie around: only so do the early ones meet a worker that holds the lease.
      const longest = world.random.chance(0.6) ? 60 : Math.max(60, world.faults().delayMs);
      const delay = afterMs + 5 + world.random.below(longest);
      world.scheduler.after(delay, () => receive(copy, 1));
    },
  };
}
