import { expect, test } from "vitest";
import { watchTraffic } from "./traffic.ts";

/** Seeds of each class, and edits of each seed. */
const seeds = 5;
const edits = 6;

test.each(["espalier", "amazon-vpc-lattice"] as const)(
  "class %s: while routes are edited, every request is answered as they were or as they are, and by a backend where both have one",
  async (its) => {
    let requests = 0;
    for (let seed = 1; seed <= seeds; seed += 1) {
      const story = await watchTraffic(String(seed), its, edits);
      requests += story.requests;
      expect(story.wrong.slice(0, 3), `seed ${seed}: ${story.edits.join("; ")}`).toEqual([]);
    }
    expect(requests).toBeGreaterThan(40_000);
  },
  180_000,
);
