import { z } from "zod";
import type { CommandLine } from "../../../infra/commandline.ts";
import { seedOptions } from "../../support/options.ts";
import { tableOf } from "./table.ts";
import { gapsOf, type Gap } from "./watch.ts";

const schema = z.object(seedOptions);

export const gaps: CommandLine<z.infer<typeof schema>> = {
  usage: `npm run bench:gaps -- [options]

  --seeds N     so many seeds, each with every change there and back (default: 8); exit status 1 when one is answered wrongly
  --from S      the first of them (default: 1)
`,
  options: { seeds: "8", from: "1" },
  schema,
};

/** Measures so many seeds; answers the table, and whether all of it is good. */
export async function benchGaps({
  seeds,
  from,
}: z.infer<typeof schema>): Promise<ReturnType<typeof tableOf>> {
  const all: Gap[] = [];
  for (let seed = from; seed < from + seeds; seed += 1) all.push(...(await gapsOf(String(seed))));
  return tableOf(all);
}
