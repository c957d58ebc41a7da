import type { EpochMs } from "../model/ids.ts";
import { budgetKey } from "./keys.ts";
import type { Lane } from "./lanes.ts";
import type { Table } from "./table.ts";

/** How many Lattice calls an account and region may make. */
export interface Allowance {
  readonly callsPerSecond: number;
  readonly burst: number;
}

const defaultAllowance: Allowance = { callsPerSecond: 20, burst: 200 };

/** The part of the burst that a lane leaves to those before it: endpoints may use all, drift only what is idle. Verdicts cost no call. */
const reserve: Readonly<Record<Lane, number>> = { verdicts: 0, targets: 0, config: 0.2, drift: 0.5 };

/**
 * Draws so many calls from the account's token bucket. Answers 0 when they were drawn, or after how many milliseconds to
 * ask again. A plan larger than the bucket draws all of it, as it could never be drawn whole.
 */
export async function draw(
  table: Table,
  place: { readonly account: string; readonly region: string },
  lane: Lane,
  calls: number,
  now: EpochMs,
  allowance: Allowance = defaultAllowance,
): Promise<number> {
  const key = budgetKey(place.account, place.region);
  const floor = allowance.burst * reserve[lane];
  const wanted = Math.min(calls, allowance.burst - floor);
  for (;;) {
    const item = await table.get(key);
    const at = item?.["at"];
    const left = item?.["left"];
    const version = item?.["v"];
    const elapsed = typeof at === "number" ? Math.max(0, now - at) : 0;
    const filled = Math.min(
      allowance.burst,
      typeof left === "number" ? left + (elapsed / 1000) * allowance.callsPerSecond : allowance.burst,
    );
    const missing = wanted + floor - filled;
    if (missing > 0) return Math.max(50, Math.ceil((missing / allowance.callsPerSecond) * 1000));
    const drawn = await table.write([
      {
        do: "put",
        key,
        item: { v: (typeof version === "number" ? version : 0) + 1, at: now, left: filled - wanted },
        when: [
          typeof version === "number"
            ? { attribute: "v", is: "equal", value: version }
            : { attribute: "v", is: "absent" },
        ],
      },
    ]);
    if (drawn) return 0;
  }
}
