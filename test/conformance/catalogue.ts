import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const schema = z.array(
  z.object({
    group: z.string(),
    tests: z.array(
      z.object({
        test: z.string(),
        features: z.array(z.string()).default([]),
        impossible: z.string().optional(),
      }),
    ),
  }),
);

/** A test of the suite. */
export interface Row {
  readonly group: string;
  readonly name: string;
  /** What it asks for besides the core of its group. */
  readonly features: readonly string[];
  /** Why it cannot hold on Lattice; absent: it is run. */
  readonly impossible?: string | undefined;
}

/** Every test of the suite, in its order. */
export const catalogue: readonly Row[] = schema
  .parse(parse(readFileSync(new URL("catalogue.yaml", import.meta.url), "utf8")))
  .flatMap(({ group, tests }) => tests.map(({ test, ...row }) => ({ group, name: test, ...row })));
