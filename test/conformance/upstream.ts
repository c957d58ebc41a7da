import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { gatewayReady } from "./checks.ts";
import type { ConformanceTest } from "./conformancetest.ts";
import { answers, caseSchema, splits, splitSchema } from "./traffic.ts";
import type { Check } from "./trial.ts";

const file = new URL("upstream/expectations.yaml", import.meta.url);
const schema = z.object({
  tests: z.array(
    z.object({
      name: z.string(),
      manifest: z.string(),
      gateway: z.string(),
      cases: z.array(z.union([splitSchema, caseSchema])),
    }),
  ),
});
const expectations = schema.parse(parse(readFileSync(file, "utf8"))).tests;

/** The names of all tests whose requests and answers stand in `upstream/expectations.yaml`. */
export const expectedNames: readonly string[] = expectations.map((one) => one.name);

/** A test of upstream's own manifest and requests, after `first` holds. Throws when there is none of this name. */
export function fromUpstream(name: string, ...first: readonly Check[]): ConformanceTest {
  const found = expectations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`upstream/expectations.yaml has no test ${name}`);
  const { gateway, cases, manifest } = found;
  return {
    name,
    manifest: `upstream/tests/${manifest}`,
    checks: [
      gatewayReady(gateway),
      ...first,
      ...cases.map((one) => ("weights" in one ? splits(gateway, one) : answers(gateway, one))),
    ],
  };
}
