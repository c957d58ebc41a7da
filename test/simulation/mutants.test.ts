import { describe, expect, test } from "vitest";
import { live } from "./history.ts";
import { mutants } from "./mutants.ts";

/** How many seeds a break may hide from the judges. */
const seedsMax = 60;

describe("the judges find every known break", () => {
  for (const mutant of mutants) {
    test(
      mutant.name,
      async () => {
        const { first = 1 } = mutant;
        for (let seed = first; seed < first + seedsMax; seed += 1) {
          const story = await live(`mutant-${seed}`, mutant.kind, mutant);
          if (story.wrong.length === 0) continue;
          // The same seed without the break is a good history: it is the break that was found.
          const { name, kind, faults = {}, restMinutes = 10 } = mutant;
          const healthy = await live(`mutant-${seed}`, kind, { name, kind, faults, restMinutes });
          expect(healthy.wrong).toEqual([]);
          return;
        }
        expect.unreachable(`no seed of ${seedsMax} shows it`);
      },
      180_000,
    );
  }
});
