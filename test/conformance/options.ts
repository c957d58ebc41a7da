import { z } from "zod";
import type { CommandLine } from "../../infra/commandline.ts";
import type { Row } from "./catalogue.ts";
import type { ConformanceTest } from "./conformancetest.ts";

const schema = z.object({ list: z.boolean(), texts: z.array(z.string()) });

export const conformance: CommandLine<z.infer<typeof schema>> = {
  usage: `npm run conformance -- [options] [PART OF A NAME ...]

  Runs the tests whose names contain one of these texts; without any, every test, and writes test/conformance/TABLE.md anew.
  Exit status 1 when one does not end as the table says.

  --list        print the names of all tests, and run none
`,
  options: { list: false },
  texts: true,
  schema,
};

/** The tests that are to run. */
export interface Chosen {
  readonly tests: readonly ConformanceTest[];
}

/** The tests whose names contain one of some texts; all where there is no text. Says which text no test has in its name, and why not. */
export function chosen(
  texts: readonly string[],
  tests: readonly ConformanceTest[],
  catalogue: readonly Row[],
): Chosen | { readonly wrong: string } {
  const wrong = texts.flatMap((text) => {
    if (tests.some(({ name }) => name.includes(text))) return [];
    const known = catalogue.filter(({ name }) => name.includes(text));
    return known.length === 0
      ? [`no test has "${text}" in its name; npm run conformance -- --list prints the names`]
      : known.map(({ name, impossible = "it is not run here" }) => `${name} cannot be run: ${impossible}`);
  });
  if (wrong.length > 0) return { wrong: wrong.join("\n") };
  return {
    tests: tests.filter(({ name }) => texts.length === 0 || texts.some((text) => name.includes(text))),
  };
}
