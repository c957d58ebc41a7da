import { expect, test } from "vitest";
import { inTurn, liveAll } from "./seeds.ts";

/** As many seeds as `npm test` lives, each under faults or unmasked in turn; `SIMULATION_SEEDS` raises it, and `npm run simulate` uses every core for more. */
const seeds = Number(process.env["SIMULATION_SEEDS"] ?? 24);
const perTest = 6;

/** Lives one part of the seeds, each of which must converge and never break a rule on its way. Parts are files, so that they share the cores. */
export function checkSeeds(part: number, parts: number): void {
  const share = Math.ceil(seeds / parts);
  const first = 1 + (part - 1) * share;
  let histories = 0;
  for (let from = first; from < first + share; from += perTest) {
    const count = Math.min(perTest, first + share - from);
    test(`seeds ${from} to ${from + count - 1} are safe under faults, converge, and rest`, async () => {
      expect(await liveAll(from, count, inTurn, () => (histories += 1))).toEqual([]);
    }, 180_000);
  }
  test("tells how many histories were checked", () => {
    process.stdout.write(`simulation: ${histories} histories checked (part ${part} of ${parts})\n`);
    expect(histories).toBe(share);
  });
}
