import type { Prng } from "./prng.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Faults } from "./faults.ts";
import { epochMs, type EpochMs } from "../../functions/model/ids.ts";

/** One invocation of a function: it may die, or stand still, at any step that it takes. */
export interface Worker {
  /** Passes when the worker may go on; never, when it is dead. Taken before and after every call of every port. */
  step(): Promise<void>;
  /** Its own clock, which is not quite right. */
  now(): EpochMs;
  readonly deadline: EpochMs;
}

/** How wrong a worker's clock may be, in milliseconds. */
const skewMs = 400;

/** A new invocation, whose fate its seed has decided: most live, some die after so many steps, some freeze at one. */
export function startWorker(d: {
  readonly scheduler: Scheduler;
  readonly random: Prng;
  readonly faults: Faults;
  readonly timeoutMs: number;
}): Worker {
  const { scheduler, random, faults } = d;
  const skew = random.below(2 * skewMs) - skewMs;
  const diesAt = random.chance(faults.crash) ? random.below(60) : Number.POSITIVE_INFINITY;
  const freezesAt = random.chance(faults.freeze) ? random.below(60) : Number.POSITIVE_INFINITY;
  const killedAt = scheduler.now() + d.timeoutMs;
  let steps = 0;
  return {
    now: () => epochMs(scheduler.now() + skew),
    deadline: epochMs(killedAt + skew - 1_000),
    async step() {
      steps += 1;
      if (steps > diesAt) await new Promise(() => {});
      // A process that is frozen is not killed at its deadline: it thaws, much later, and believes itself alive.
      const frozen = steps === freezesAt;
      await scheduler.sleep(frozen ? 100_000 + random.below(60_000) : random.below(12));
      if (!frozen && steps < freezesAt && scheduler.now() > killedAt) await new Promise(() => {});
    },
  };
}

/** A port of which every call is two steps of a worker: it may die before the call, or after it and before the answer. */
export function stepped<T extends object>(port: T, worker: Worker): T {
  return new Proxy(port, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]) => {
        await worker.step();
        const answer: unknown = await Reflect.apply(member, target, args);
        await worker.step();
        return answer;
      };
    },
  });
}
