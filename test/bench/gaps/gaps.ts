import { z } from "zod";
import { readOptions, seedOptions } from "../../support/options.ts";
import { tableOf } from "./table.ts";
import { gapsOf, type Gap } from "./watch.ts";

interface Stream {
  write(text: string): unknown;
}

const usage = `npm run bench:gaps -- [options]

  --seeds N     so many seeds, each with every change there and back (default: 8); exit status 1 when one is answered wrongly
  --from S      the first of them (default: 1)
`;

/** Measures what the command line asks for, prints the table, and answers the exit status. */
export async function benchGaps(args: readonly string[], out: Stream, problems: Stream): Promise<number> {
  const asked = readOptions(args, z.object(seedOptions), { seeds: "8", from: "1" }, usage);
  if (asked === "help") {
    out.write(usage);
    return 0;
  }
  if ("wrong" in asked) {
    problems.write(`${asked.wrong}\n`);
    return 2;
  }
  const gaps: Gap[] = [];
  for (let seed = asked.from; seed < asked.from + asked.seeds; seed += 1)
    gaps.push(...(await gapsOf(String(seed))));
  const { text, good } = tableOf(gaps);
  out.write(`${text}\n`);
  return good ? 0 : 1;
}
