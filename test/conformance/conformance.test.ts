import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";
import { runTests, type Run } from "./run.ts";
import { linesOf, page, surprises } from "./table.ts";
import { allTests } from "./tests.ts";
import { expectedNames } from "./upstream.ts";

const table = readFileSync(new URL("TABLE.md", import.meta.url), "utf8");
/** What a run has told when everything is as it should be. */
const asItShould = allTests.map(({ name, fails }) => ({ name, why: fails }));

/** All of upstream's own requests that there are, and one test of each other group; the rest is `npm run conformance`. */
const some = [
  ...expectedNames,
  "GatewayListenerUnsupportedProtocol",
  "GRPCExactMethodMatching",
  "TLSRouteSimpleSameNamespace",
  "ListenerSetDualParentRefIndependence",
];

describe("a Gateway of class espalier, by real requests", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runTests(
      allTests.filter((one) => some.includes(one.name)),
      () => undefined,
    );
  }, 180_000);

  test.each(some)("%s holds", (name) => {
    const outcome = run.outcomes.find((one) => one.name === name);
    expect(outcome).toEqual({ name });
  });

  test("claims the features that the table says", () => {
    expect(run.claimed).not.toEqual([]);
    expect(page(linesOf(catalogue, allTests, asItShould), run.claimed)).toBe(table);
  });

  test("claims every extended feature whose tests hold, and no other", () => {
    const lines = linesOf(catalogue, allTests, asItShould);
    const holds = (name: string): boolean => lines.find((line) => line.name === name)?.result === "pass";
    /** The tests that upstream would run for so many features, beyond the core ones. */
    const runFor = (features: readonly string[]) =>
      catalogue.filter(
        (row) => row.features.length > 0 && row.features.every((one) => features.includes(one)),
      );
    expect(runFor(run.claimed).filter(({ name }) => !holds(name))).toEqual([]);
    const claimable = [...new Set(catalogue.flatMap((row) => row.features))].filter((feature) => {
      const more = runFor([...run.claimed, feature]).filter((row) => row.features.includes(feature));
      return !run.claimed.includes(feature) && more.length > 0 && more.every(({ name }) => holds(name));
    });
    // GRPCRoute itself cannot be claimed, because it holds over HTTPS alone; matching by port is of the experimental channel.
    expect(claimable.toSorted()).toEqual(["GRPCRouteNamedRouteRule", "HTTPRouteDestinationPortMatching"]);
  });
});

describe("the table", () => {
  const names = catalogue.map((row) => row.name);

  test("has every test of the suite once, and each is run or is impossible for a reason", () => {
    expect(new Set(names).size).toBe(153);
    expect(names.length).toBe(153);
    const run = new Set(allTests.map((one) => one.name));
    expect(run.size).toBe(allTests.length);
    expect([...run].filter((name) => !names.includes(name))).toEqual([]);
    expect(catalogue.filter(({ name, impossible }) => (impossible === undefined) !== run.has(name))).toEqual(
      [],
    );
    expect(expectedNames.filter((name) => !run.has(name))).toEqual([]);
  });

  test("says fail of what does not hold, and of what was not run", () => {
    const [first, ...others] = allTests.filter((one) => one.fails === undefined);
    const outcomes = [{ name: first?.name ?? "", why: "it\ndid | not" }];
    const lines = linesOf(catalogue, allTests, outcomes);
    expect(lines.filter((line) => line.result === "pass")).toEqual([]);
    expect(lines.find((line) => line.name === others[0]?.name)).toMatchObject({ why: "it was not run" });
    expect(page(lines, [])).toContain(`| ${first?.name} | HTTPRoute | fail | it; did \\| not |`);
    expect(surprises(allTests, outcomes).length).toBe(allTests.length);
  });

  test("a test that is known to fail is a surprise when it holds", () => {
    expect(surprises(allTests, asItShould)).toEqual([]);
    const known = allTests.map((one, at) => (at === 0 ? { ...one, fails: "it cannot" } : one));
    expect(surprises(known, asItShould)).toEqual([
      `${known[0]?.name}: it passes, so it is not known to fail any more`,
    ]);
  });
});
