import { z } from "zod";
import { runCommand } from "../../infra/commandline.ts";
import { benchCalls } from "./calls.ts";

const usage = `npm run bench:calls

  Makes every change to routes of four sizes and prints what each costs in calls of Lattice; exit status 1 when one is over
  its budget. It takes no options.
`;

const caller = { args: process.argv.slice(2), out: process.stdout, problems: process.stderr };
process.exitCode = await runCommand({ usage, schema: z.object() }, caller, async () => {
  try {
    const { text, good } = await benchCalls((line) => void process.stderr.write(`${line}\n`));
    process.stdout.write(`${text}\n`);
    return good ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
});
// Whatever a library still holds open must not keep the terminal waiting.
process.exit();
