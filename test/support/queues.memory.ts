import type { Ask, Lane, Queues, StatusAsk } from "../../functions/desired/lanes.ts";

export interface Sent {
  readonly lane: Lane;
  readonly ask: Ask;
  readonly afterMs: number;
}

/** Queues that keep what was sent, and can be made to fail. */
export function memoryQueues(): Queues & {
  readonly sent: Sent[];
  readonly statuses: StatusAsk[];
  broken: boolean;
} {
  const queues = {
    sent: [] as Sent[],
    statuses: [] as StatusAsk[],
    broken: false,
    async send(lane: Lane, asks: readonly Ask[], afterMs = 0): Promise<void> {
      if (queues.broken) throw new Error("the queue cannot be reached");
      queues.sent.push(...asks.map((ask) => ({ lane, ask, afterMs })));
    },
    async sendStatus(objects: readonly StatusAsk[]): Promise<void> {
      if (queues.broken) throw new Error("the queue cannot be reached");
      queues.statuses.push(...objects);
    },
  };
  return queues;
}
