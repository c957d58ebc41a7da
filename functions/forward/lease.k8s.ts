import { z } from "zod";

import type { Clock, Log } from "../runtime/clock.ts";

import type { Api } from "./api.k8s.ts";
import { SourceError } from "./source.ts";
import { pause, type SetTimer } from "./timers.ts";

/** How long a lease lasts that nobody renews, how often it is renewed, and after how long without success its holder gives up. */
const leaseTimes = { durationSeconds: 15, renewEvery: 5000, giveUpAfter: 10_000 } as const;

const schema = z.object({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  spec: z
    .looseObject({
      holderIdentity: z.string().nullish(),
      renewTime: z.string().nullish(),
      leaseTransitions: z.number().nullish(),
    })
    .default({}),
});

export interface LeaseMeans {
  readonly api: Api;
  readonly namespace: string;
  readonly name: string;
  /** Who we are: no other process has this name. */
  readonly identity: string;
  readonly clock: Clock;
  readonly setTimer: SetTimer;
  readonly log: Log;
}

/**
 * Lets one process at a time do something: waits for the Lease, runs `work` with a signal that aborts when the lease is lost
 * or `signal` does, and gives the lease back. Two at once would do no harm, since newer versions win; it only saves events.
 * Whether another's lease has ended is judged by how long it has not changed by our own clock, because clocks differ.
 */
export async function holdingLease(
  means: LeaseMeans,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { clock, setTimer, log } = means;
  const lease = new Lease(means);
  while (!signal.aborted && !(await lease.take())) await pause(setTimer, leaseTimes.renewEvery, signal);
  if (signal.aborted) return;
  log.info("holding the lease", { identity: means.identity });
  const lost = new AbortController();
  const done = new AbortController();
  const renew = async (): Promise<void> => {
    let good = clock.now();
    for (;;) {
      await pause(setTimer, leaseTimes.renewEvery, done.signal);
      if (done.signal.aborted) return;
      if (await lease.take()) good = clock.now();
      else if (lease.othersNow || clock.now() - good >= leaseTimes.giveUpAfter) {
        log.error("the lease is lost", { identity: means.identity });
        lost.abort();
        return;
      }
    }
  };
  const renewing = renew();
  try {
    await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    done.abort();
    await renewing;
    if (!lost.signal.aborted) await lease.giveBack();
  }
}

class Lease {
  readonly #means: LeaseMeans;
  readonly #path: string;
  /** What was seen last of another's lease, and when it was seen to change. */
  #seen: { readonly version: string; readonly at: number } | undefined;
  /** Whether another holds it, as of the last attempt. */
  othersNow = false;

  constructor(means: LeaseMeans) {
    this.#means = means;
    this.#path = `/apis/coordination.k8s.io/v1/namespaces/${means.namespace}/leases`;
  }

  /** Takes or renews the lease; answers false when another holds it or the API server did not do it, and says why. */
  async take(): Promise<boolean> {
    try {
      return await this.#attempt(this.#means.identity);
    } catch (error) {
      this.#means.log.warn("the lease could not be taken or renewed", { reason: String(error) });
      return false;
    }
  }

  /** Lets the next one begin at once. A failure only makes it wait. */
  async giveBack(): Promise<void> {
    try {
      await this.#attempt("");
    } catch (error) {
      this.#means.log.warn("the lease could not be given back", { reason: String(error) });
    }
  }

  async #attempt(holder: string): Promise<boolean> {
    const { api, clock, identity } = this.#means;
    const current = await this.#read();
    if (current === undefined) {
      await api.call("POST", this.#path, { body: this.#body({}, {}, holder, 0) });
      return true;
    }
    const { metadata, spec } = current;
    const other = (spec.holderIdentity ?? "") !== "" && spec.holderIdentity !== identity;
    if (this.#seen?.version !== metadata.resourceVersion) {
      this.#seen = { version: metadata.resourceVersion, at: clock.now() };
    }
    this.othersNow = other && clock.now() - this.#seen.at < leaseTimes.durationSeconds * 1000;
    if (this.othersNow) return false;
    const transitions = (spec.leaseTransitions ?? 0) + (spec.holderIdentity === identity ? 0 : 1);
    // The resourceVersion in the metadata makes the write fail when somebody was faster.
    const body = this.#body(metadata, spec, holder, transitions);
    await api.call("PUT", `${this.#path}/${this.#means.name}`, { body });
    return true;
  }

  async #read(): Promise<z.infer<typeof schema> | undefined> {
    try {
      return schema.parse(await this.#means.api.call("GET", `${this.#path}/${this.#means.name}`, {}));
    } catch (error) {
      if (error instanceof SourceError && error.status === 404) return undefined;
      throw error;
    }
  }

  #body(metadata: object, spec: object, holder: string, leaseTransitions: number): object {
    const { namespace, name, clock } = this.#means;
    // A MicroTime has six digits after the point.
    const renewTime = new Date(clock.now()).toISOString().replace("Z", "000Z");
    return {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { ...metadata, namespace, name },
      spec: {
        ...spec,
        holderIdentity: holder,
        leaseDurationSeconds: leaseTimes.durationSeconds,
        renewTime,
        leaseTransitions,
      },
    };
  }
}
