import { expect, test } from "vitest";
import { talks } from "./asked.ts";
import { watchTraffic } from "./traffic.ts";

/** Seeds of each class, and edits of each seed. */
const seeds = 5;
const edits = 6;
/** So many requests of each kind a backend answers, or more: else nothing is proven. */
const enough = { HTTP: 15_000, HTTPS: 15_000, gRPC: 7_000, TLS: 1_000 };

test.each(["espalier", "amazon-vpc-lattice"] as const)(
  "class %s: while routes are edited, every request is answered as they were or as they are, and by a backend where both have one",
  async (its) => {
    const count = { HTTP: 0, HTTPS: 0, gRPC: 0, TLS: 0 };
    for (let seed = 1; seed <= seeds; seed += 1) {
      const story = await watchTraffic(String(seed), its, edits);
      for (const talk of talks) count[talk] += story.answered[talk];
      expect(story.wrong.slice(0, 3), `seed ${seed}: ${story.edits.join("; ")}`).toEqual([]);
    }
    for (const talk of talks)
      expect(count[talk], `${talk} that a backend answered`).toBeGreaterThan(enough[talk]);
  },
  180_000,
);
