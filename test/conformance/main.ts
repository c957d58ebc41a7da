import { writeFileSync } from "node:fs";
import { catalogue } from "./catalogue.ts";
import { runTests } from "./run.ts";
import { linesOf, page, surprises } from "./table.ts";
import { allTests } from "./tests.ts";

/**
 * `npm run conformance [-- PART OF A NAME ...]`: every test, or those of these names. The whole writes the table anew. Exit
 * status 1 when something is not as it should be.
 */
const parts = process.argv.slice(2);
const tests = allTests.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));
const { outcomes, claimed } = await runTests(tests, ({ name, why }, seconds) => {
  const time = seconds.toFixed(1).padStart(6);
  const result = why === undefined ? "pass" : "fail";
  process.stdout.write(`${time} s  ${result}  ${name}${why === undefined ? "" : `: ${why}`}\n`);
});
if (parts.length === 0)
  writeFileSync(new URL("TABLE.md", import.meta.url), page(linesOf(catalogue, allTests, outcomes), claimed));
const wrong = surprises(tests, outcomes);
for (const one of wrong) process.stderr.write(`${one}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
