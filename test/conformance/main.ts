import { writeFileSync } from "node:fs";
import { runCommand } from "../../infra/commandline.ts";
import { catalogue } from "./catalogue.ts";
import { chosen, conformance, type Chosen } from "./options.ts";
import { runTests } from "./run.ts";
import { linesOf, page, surprises } from "./table.ts";
import { allTests } from "./tests.ts";

/** Runs tests and says of each what became of it. The whole writes the table anew. Exit status 1 when something is not as it should be. */
async function run({ tests }: Chosen): Promise<number> {
  const { outcomes, claimed } = await runTests(tests, ({ name, why }, seconds) => {
    const time = seconds.toFixed(1).padStart(6);
    const result = why === undefined ? "pass" : "fail";
    process.stdout.write(`${time} s  ${result}  ${name}${why === undefined ? "" : `: ${why}`}\n`);
  });
  if (tests.length === allTests.length)
    writeFileSync(
      new URL("TABLE.md", import.meta.url),
      page(linesOf(catalogue, allTests, outcomes), claimed),
    );
  const wrong = surprises(tests, outcomes);
  for (const one of wrong) process.stderr.write(`${one}\n`);
  return wrong.length === 0 ? 0 : 1;
}

const caller = { args: process.argv.slice(2), out: process.stdout, problems: process.stderr };
process.exitCode = await runCommand(conformance, caller, async ({ list, texts }) => {
  if (list) {
    process.stdout.write(`${allTests.map(({ name }) => name).join("\n")}\n`);
    return 0;
  }
  const asked = chosen(texts, allTests, catalogue);
  if (!("wrong" in asked)) return run(asked);
  process.stderr.write(`${asked.wrong}\n`);
  return 2;
});
