import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { z } from "zod";
import { kinds, liveAll } from "./seeds.ts";

/** `npm run simulate -- --seeds N --from S [--kind faults|unmasked]`: so many seeds on all cores; exit status 1 when one goes wrong. */

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

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "200" },
      from: { type: "string", default: "1" },
      kind: { type: "string" },
    },
  });
  const asked = z
    .object({
      seeds: z.coerce.number().int().min(1),
      from: z.coerce.number().int().min(0),
      kind: z.enum(["faults", "unmasked"]).optional(),
    })
    .parse(values);
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

if (isMainThread) process.exitCode = await main();
else tellParent(await lived(work.parse(workerData)));
