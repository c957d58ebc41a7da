import { relative } from "node:path";
import { readSettings, SettingsError, type Settings } from "./settings.ts";
import { synthesise } from "./synth.ts";

const root = new URL("../..", import.meta.url).pathname;

async function synth(settings: Settings): Promise<void> {
  const { template, file } = await synthesise({ root, out: `${root}cdk.out`, ...settings });
  const count = Object.keys(template.Resources).length;
  const clusters = settings.clusters.map((one) => one.name).join(", ");
  process.stdout.write(
    `${relative(process.cwd(), file)}: ${count} resources, installation ${settings.installation}, clusters ${clusters}\n`,
  );
}

try {
  await synth(readSettings(process.env["ESPALIER_SETTINGS"]));
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
