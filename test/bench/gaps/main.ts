import { runCommand } from "../../../infra/commandline.ts";
import { benchGaps, gaps } from "./gaps.ts";

const caller = { args: process.argv.slice(2), out: process.stdout, problems: process.stderr };
process.exitCode = await runCommand(gaps, caller, async (asked) => {
  const { text, good } = await benchGaps(asked);
  process.stdout.write(`${text}\n`);
  return good ? 0 : 1;
});
