import { join, relative } from "node:path";
import { parseOptions, usage, UsageError, type Options } from "./options.ts";
import { listenForInterruption } from "./interruption.ts";
import { createRunning } from "./running.ts";
import { runProof } from "./run.ts";
import { startSystem } from "./system.ts";
import { createNarrator, type Narrator } from "./tell/narrator.ts";
import { witnessOf } from "./tell/witness.ts";
import { summaryOf } from "./tell/summary.ts";

const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const folder = process.env["ESPALIER_FOLDER"] ?? join(root, ".espalier");
const startedAt = Date.now();
const stillRunning =
  "the document is on standard output; everything keeps running until Ctrl-C (with --once it stops after the proof)";

/** Boots everything, proves it, and stays until it is told to stop. Answers the exit status. */
async function main(options: Options): Promise<number> {
  const output = options.json ? process.stderr : process.stdout;
  const parent = process.env["npm_lifecycle_event"] !== undefined;
  const interrupted = listenForInterruption({ output, parent }).first;
  const teller = createNarrator((line) => void output.write(`${line}\n`), Date.now, startedAt);
  let stopping = false;
  // What is at work while everything is stopped fails for want of servers, and that is no news.
  const narrator: Narrator = { tell: (step, text) => (stopping ? undefined : teller.tell(step, text)) };
  const running = createRunning();
  const stop = (): Promise<void> =>
    running.stop((name, error) => teller.tell("trouble", `${name} could not be stopped: ${String(error)}`));
  let because = "";
  void interrupted.then(({ why }) => {
    stopping = true;
    because = why === undefined ? "" : ` because ${why}`;
  });
  try {
    const work = startSystem(options, { root, folder, running, narrator, witness: witnessOf(narrator) }).then(
      async (system) => ({ system, document: await runProof(system, options, narrator, startedAt) }),
    );
    work.catch(() => undefined);
    const done = await Promise.race([work, interrupted]);
    if (!("system" in done)) return 130;
    const { system, document } = done;
    const shown = relative(process.cwd(), system.folder) || ".";
    output.write(
      summaryOf(document, { folder: shown, dataPlanes: system.lattice.dataPlanes(), running: !options.once }),
    );
    if (options.json) {
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
      if (!options.once) teller.tell("proof", stillRunning);
    }
    const good = document.converged && document.problems.length === 0;
    if (!options.once) await interrupted;
    return good ? 0 : 1;
  } finally {
    stopping = true;
    teller.tell("stop", `stopping everything${because}`);
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
