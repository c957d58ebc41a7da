import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { z } from "zod";
import { runCommand } from "../../infra/commandline.ts";
import { simulate, type SimulateOptions } from "./options.ts";
import { kinds, liveAll } from "./seeds.ts";

const work = z.object({
  from: z.number(),
  count: z.number(),
  kinds: z.array(z.enum(["faults", "unmasked"])),
});
type Work = z.infer<typeof work>;
const done = z.object({ histories: z.number(), calls: z.number(), failures: z.array(z.string()) });

async function lived({ from, count, kinds: only }: Work): Promise<z.infer<typeof done>> {
  let histories = 0;
  let calls = 0;
  const failures = await liveAll(
    from,
    count,
    () => only,
    (_kind, story) => {
      histories += 1;
      calls += story.calls;
    },
  );
  return { histories, calls, failures: [...failures] };
}

/** Seeds are dealt out in small pieces, so that no core waits long for another. */
function pieces(from: number, count: number, only: Work["kinds"]): Work[] {
  const size = 5;
  return Array.from({ length: Math.ceil(count / size) }, (_, index) => ({
    from: from + index * size,
    count: Math.min(size, count - index * size),
    kinds: only,
  }));
}

async function main(asked: SimulateOptions): Promise<number> {
  const queue = pieces(asked.from, asked.seeds, asked.kind === undefined ? [...kinds] : [asked.kind]);
  const start = Date.now();
  const total = { histories: 0, calls: 0, failures: 0 };
  await Promise.all(
    Array.from({ length: Math.min(availableParallelism(), queue.length) }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const { histories, calls, failures } = await inThread(next);
        total.histories += histories;
        total.calls += calls;
        total.failures += failures.length;
        for (const failure of failures) process.stdout.write(`${failure}\n\n`);
      }
    }),
  );
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  process.stdout.write(
    `${total.histories} histories of ${asked.seeds} seeds from ${asked.from}, ${total.calls} changing calls of Lattice: ${total.failures} went wrong (${seconds} s)\n`,
  );
  return total.failures === 0 ? 0 : 1;
}

function tellParent(result: z.infer<typeof done>): void {
  // A port of worker threads has no origins.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(result);
}

function inThread(piece: Work): Promise<z.infer<typeof done>> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: piece });
    worker.once("message", (message: unknown) => resolve(done.parse(message)));
    worker.once("error", reject);
  });
}

const caller = { args: process.argv.slice(2), out: process.stdout, problems: process.stderr };
if (isMainThread) process.exitCode = await runCommand(simulate, caller, main);
else tellParent(await lived(work.parse(workerData)));
