import type { Cluster } from "../fleet/cluster.ts";
import { saidIn, type Said } from "./settled.ts";

const everyMs = 150;
/** How often in a row nothing may be waiting before it is believed. */
const timesInARow = 2;

/**
 * Waits until everything is said of every object of ours, and no queue holds anything. Answers what was said last, also when
 * the time is over first: then something still waits in it.
 */
export async function converge(
  clusters: readonly Cluster[],
  idle: () => Promise<boolean>,
  withinMs: number,
  now: () => number,
): Promise<{ readonly converged: boolean; readonly said: readonly Said[] }> {
  const end = now() + withinMs;
  let quiet = 0;
  for (;;) {
    const said = (await Promise.all(clusters.map(saidIn))).flat();
    const waiting = said.some((one) => one.waiting !== undefined);
    quiet = waiting || !(await idle()) ? 0 : quiet + 1;
    if (quiet >= timesInARow) return { converged: true, said };
    if (now() > end) return { converged: false, said };
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
