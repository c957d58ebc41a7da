import { relative, resolve } from "node:path";
import { z } from "zod";
import { runCommand } from "../commandline.ts";
import { policyTooLong } from "./buspolicy.ts";
import { readSettings, SettingsError } from "./settings.ts";
import { accountStack, otherAccounts, synthesise } from "./synth.ts";

const root = new URL("../..", import.meta.url).pathname;
const out = `${root}cdk.out`;
/** A file of the output, as whoever runs this would name it. */
const shown = (file: string): string => relative(process.cwd(), resolve(out, file));

const usage = `npm run synth

  Writes into cdk.out: INSTALLATION.template.json and its assets, INSTALLATION-ACCOUNT.template.json for each other account that
  has clusters, and forwarder/, which the forwarder's image is built from. It takes no options; the variable ESPALIER_SETTINGS may
  name a file of settings (README, "Install it").
`;

/** Synthesises what the settings say, and answers the exit status. */
async function synth(): Promise<number> {
  try {
    const settings = readSettings(process.env["ESPALIER_SETTINGS"]);
    const { template, file } = await synthesise({ root, out, ...settings, validated: true });
    const count = Object.keys(template.Resources).length;
    const clusters = settings.clusters.map((one) => one.name).join(", ");
    const lines = [
      `${shown(file)}: ${count} resources, installation ${settings.installation}, clusters ${clusters}`,
      ...[...otherAccounts(settings.clusters)].map(
        ([account, its]) =>
          `${shown(`${accountStack(settings.installation, account)}.template.json`)}: roles for ${its.map((one) => one.name).join(", ")}, to deploy in account ${account}`,
      ),
      `${shown("forwarder")}: what the forwarder's image is built from`,
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
    const warning = policyTooLong(settings.clusters, settings.installation);
    if (warning !== undefined) process.stderr.write(`warning: ${warning}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

const caller = { args: process.argv.slice(2), out: process.stdout, problems: process.stderr };
process.exitCode = await runCommand({ usage, schema: z.object() }, caller, synth);
