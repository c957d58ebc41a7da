import { join, relative } from "node:path";
import { parseOptions, usage, UsageError, type Options } from "./options.ts";
import { createRunning } from "./running.ts";
import { runProof } from "./run.ts";
import { startSystem } from "./system.ts";
import { createNarrator } from "./tell/narrator.ts";
import { witnessOf } from "./tell/witness.ts";
import { summaryOf } from "./tell/summary.ts";

const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const startedAt = Date.now();

/** Boots everything, proves it, and stays until it is told to stop. Answers the exit status. */
async function main(options: Options): Promise<number> {
  const output = options.json ? process.stderr : process.stdout;
  const narrator = createNarrator((line) => void output.write(`${line}\n`), Date.now, startedAt);
  const running = createRunning();
  const stop = (): Promise<void> =>
    running.stop((name, error) => narrator.tell("trouble", `${name} could not be stopped: ${String(error)}`));
  const interrupted = new Promise<"interrupted">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve("interrupted"));
  });
  try {
    const work = startSystem(options, {
      root,
      folder: join(root, ".espalier"),
      running,
      narrator,
      witness: witnessOf(narrator),
    }).then(async (system) => ({
      system,
      document: await runProof(system, options, narrator, startedAt),
    }));
    // What is still at work when the user stops it fails for want of servers, and that is no news.
    work.catch(() => undefined);
    const done = await Promise.race([work, interrupted]);
    if (done === "interrupted") return 130;
    const { system, document } = done;
    const folder = relative(process.cwd(), system.folder) || ".";
    output.write(
      summaryOf(document, { folder, dataPlanes: system.lattice.dataPlanes(), running: !options.once }),
    );
    if (options.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    const good = document.converged && document.problems.length === 0;
    if (!options.once) await interrupted;
    return good ? 0 : 1;
  } finally {
    narrator.tell("stop", "stopping everything");
    await stop();
  }
}

try {
  const options = parseOptions(process.argv.slice(2), join(root, "infra/local/example"));
  if (options === "help") process.stdout.write(usage);
  process.exitCode = options === "help" ? 0 : await main(options);
} catch (error) {
  const known = error instanceof UsageError;
  process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = known ? 2 : 1;
}
// Whatever a library still holds open must not keep the terminal waiting.
process.exit();
