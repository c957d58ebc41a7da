import type { Cluster } from "../fleet/cluster.ts";
import { saidIn, type Said } from "./settled.ts";

const everyMs = 150;
/** How often in a row nothing may be waiting before it is believed. */
const timesInARow = 2;
/** How long nobody needs to be told what is waited for. */
const patienceMs = 15_000;

/**
 * Waits until everything is said of every object of ours, and no queue holds anything. Answers what was said last, also when
 * the time is over first: then something still waits in it. Whoever waits with it is told from time to time what for.
 */
export async function converge(d: {
  readonly clusters: readonly Pick<Cluster, "name" | "list">[];
  readonly idle: () => Promise<boolean>;
  readonly withinMs: number;
  readonly now: () => number;
  readonly onWaiting: (said: readonly Said[]) => void;
}): Promise<{ readonly converged: boolean; readonly said: readonly Said[] }> {
  const end = d.now() + d.withinMs;
  let tell = d.now() + patienceMs;
  let quiet = 0;
  for (;;) {
    const said = (await Promise.all(d.clusters.map(saidIn))).flat();
    const waiting = said.some((one) => one.waiting !== undefined);
    quiet = waiting || !(await d.idle()) ? 0 : quiet + 1;
    if (quiet >= timesInARow) return { converged: true, said };
    if (d.now() > end) return { converged: false, said };
    if (d.now() >= tell) {
      d.onWaiting(said);
      tell += patienceMs;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
