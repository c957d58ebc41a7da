import { spawnSync } from "node:child_process";
import { z } from "zod";
import { runCommand } from "../../infra/commandline.ts";

const usage = `npm run golden

  Writes what compile makes of each test/compile/golden/*/in.yaml into its out.yaml; read the difference before it is committed.
  It takes no options.
`;

const root = new URL("../..", import.meta.url).pathname;
const vitest = [
  `${root}node_modules/vitest/vitest.mjs`,
  "run",
  "test/compile",
  "--config",
  "test/vitest.config.ts",
  "--update",
];

const caller = { args: process.argv.slice(2), out: process.stdout, problems: process.stderr };
process.exitCode = await runCommand(
  { usage, schema: z.object() },
  caller,
  async () => spawnSync(process.execPath, vitest, { cwd: root, stdio: "inherit" }).status ?? 1,
);
