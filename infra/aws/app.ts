import { relative } from "node:path";
import { z } from "zod";
import { runCommand } from "../commandline.ts";
import { readSettings, SettingsError } from "./settings.ts";
import { synthesise } from "./synth.ts";

const root = new URL("../..", import.meta.url).pathname;

const usage = `npm run synth

  Writes cdk.out/INSTALLATION.template.json and its assets. It takes no options; the variable ESPALIER_SETTINGS may name a
  file of settings (README, "Install it").
`;

/** Synthesises what the settings say, and answers the exit status. */
async function synth(): Promise<number> {
  try {
    const settings = readSettings(process.env["ESPALIER_SETTINGS"]);
    const { template, file } = await synthesise({ root, out: `${root}cdk.out`, ...settings });
    const count = Object.keys(template.Resources).length;
    const clusters = settings.clusters.map((one) => one.name).join(", ");
    process.stdout.write(
      `${relative(process.cwd(), file)}: ${count} resources, installation ${settings.installation}, clusters ${clusters}\n`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

const caller = { args: process.argv.slice(2), out: process.stdout, problems: process.stderr };
process.exitCode = await runCommand({ usage, schema: z.object() }, caller, synth);
