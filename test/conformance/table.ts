import type { Row } from "./catalogue.ts";
import type { ConformanceTest } from "./conformancetest.ts";
import type { Outcome } from "./run.ts";

type Result = "pass" | "fail" | "impossible";

/** A line of the table. */
export interface Line {
  readonly group: string;
  readonly name: string;
  readonly result: Result;
  readonly why: string;
}

/** What to say of each row of the catalogue. A row that neither is impossible nor was run has failed. */
export function linesOf(
  rows: readonly Row[],
  tests: readonly ConformanceTest[],
  outcomes: readonly Outcome[],
): readonly Line[] {
  return rows.map(({ group, name, impossible }): Line => {
    const outcome = outcomes.find((one) => one.name === name);
    const test = tests.find((one) => one.name === name);
    if (outcome === undefined)
      return impossible === undefined
        ? { group, name, result: "fail", why: "it was not run" }
        : { group, name, result: "impossible", why: impossible };
    if (outcome.why === undefined) return { group, name, result: "pass", why: noteOf(test) };
    return { group, name, result: "fail", why: test?.fails ?? outcome.why };
  });
}

const noteOf = (test: ConformanceTest | undefined): string =>
  [test?.note, ...(test?.quotas ?? []).map((quota) => `with the quota ${quota.replace("=", " raised to ")}`)]
    .filter((one) => one !== undefined)
    .join("; ");

/** What is not as it should be: a test that fails and is not known to, or that is known to fail and does not. */
export function surprises(
  tests: readonly ConformanceTest[],
  outcomes: readonly Outcome[],
): readonly string[] {
  return tests.flatMap(({ name, fails }) => {
    const outcome = outcomes.find((one) => one.name === name);
    if (outcome === undefined) return [`${name}: it was not run`];
    if (fails === undefined) return outcome.why === undefined ? [] : [`${name}: ${outcome.why}`];
    return outcome.why === undefined ? [`${name}: it passes, so it is not known to fail any more`] : [];
  });
}

/** The table as a page of Markdown: the same for the same results, so that a run that changes nothing changes no file. */
export function page(lines: readonly Line[], claimed: readonly string[]): string {
  const groups = [...new Set(lines.map((one) => one.group))];
  const count = (some: readonly Line[], result: Result): number =>
    some.filter((one) => one.result === result).length;
  const counts = groups.map((group) => {
    const its = lines.filter((one) => one.group === group);
    return `| ${group} | ${count(its, "pass")} | ${count(its, "fail")} | ${count(its, "impossible")} |`;
  });
  const rows = lines.map((one) => `| ${one.name} | ${one.group} | ${one.result} | ${cell(one.why)} |`);
  return [
    "# Conformance to the Gateway API",
    "",
    "Written by `npm run conformance`. Each test of the conformance suite of the Gateway API v1.6.1 (standard channel) was tried",
    "with class `espalier` and a service network per Gateway, by real requests through the data plane of the local stack. That",
    "is a stand-in for VPC Lattice: a report that can be published takes Lattice itself.",
    "",
    "*Impossible* is what Lattice has no means for. A Gateway, ListenerSet, HTTPRoute, GRPCRoute or TLSRoute that asks for it is told so",
    "by its conditions; the kinds of the other groups are not read at all.",
    "",
    `GatewayClass \`espalier\` claims the features ${claimed.join(", ")}.`,
    "",
    "| group | pass | fail | impossible |",
    "|---|---|---|---|",
    ...counts,
    `| all | ${count(lines, "pass")} | ${count(lines, "fail")} | ${count(lines, "impossible")} |`,
    "",
    "| test | group | result | why |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

const cell = (text: string): string => text.replace(/\s*\n\s*/g, "; ").replaceAll("|", "\\|");
