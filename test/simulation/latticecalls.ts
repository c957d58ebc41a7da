import { notSent } from "../../functions/apply/lattice.ts";
import type { EpochMs } from "../../functions/model/ids.ts";
import type { Worker } from "./worker.ts";
import type { World } from "./world.ts";
import { place } from "./place.ts";

/** Who calls Lattice in a history. */
const reconciler = { account: place.account, region: place.region, principal: "reconcile" };

/** So that every refusal has an id of its own; no seed decides anything by it. */
let requests = 0;

/** A failure that has no answer of Lattice in it. */
class NoAnswer extends Error {
  override readonly name = "TimeoutError";
}

class Faulty extends Error {
  override readonly name: string;
  readonly $metadata: { readonly requestId: string };
  constructor(name: string, message: string, requestId: string) {
    super(message);
    this.name = name;
    this.$metadata = { requestId };
  }
}

const isRead = (operation: string): boolean => operation.startsWith("Get") || operation.startsWith("List");

/**
 * Calls of the Lattice engine as one worker makes them, with what the network and the service do to them. A late call lands
 * well within the margin of the caller's lease, because no call outlives that.
 */
export const latticeCalls =
  (world: World, worker: Worker, until: EpochMs, answer: (output: unknown) => unknown) =>
  async (operation: string, input: unknown): Promise<unknown> => {
    await worker.step();
    if (worker.now() >= until) throw notSent(operation);
    const { random, faults, scheduler } = world;
    await scheduler.sleep(5 + random.below(40) + (faults.slowMs ?? 0));
    const refuse = (name: string, message: string): Faulty => {
      requests += 1;
      return new Faulty(name, message, `request-${requests}`);
    };
    if (faults.denied?.(operation) === true) throw refuse("AccessDeniedException", "not authorized");
    if (random.chance(faults.throttle)) throw refuse("ThrottlingException", "Rate exceeded");
    if (random.chance(faults.internal)) throw refuse("InternalServerException", "internal error");
    const land = (): unknown => {
      if (isRead(operation)) return world.engine.call(reconciler, operation, input);
      try {
        const output = world.engine.call(reconciler, operation, input);
        world.onCall(operation, input);
        return output;
      } catch (error) {
        world.onRefusal(operation);
        throw error;
      }
    };
    if (!isRead(operation) && random.chance(faults.lateCall)) {
      scheduler.after(1_000 + random.below(4_000), () => {
        try {
          land();
        } catch {
          // Nobody waits for the answer any more.
        }
      });
      throw new NoAnswer("the call timed out");
    }
    const output = land();
    if (random.chance(faults.lostAnswer)) throw new NoAnswer("the answer was lost");
    await worker.step();
    return answer(output);
  };
