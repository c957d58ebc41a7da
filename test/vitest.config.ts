import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./support/longestfirst.ts";

/** For what test files write, and what several build alike (`support/assembly.ts`): gone when the run is over. */
const folder = mkdtempSync(join(tmpdir(), "espalier-tests-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

/** Tests live under test/, mirror functions/, and run on Node with no globals. */
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    environment: "node",
    env: { ESPALIER_TEST_FOLDER: folder },
    pool: "forks",
    // Some wait for the local stack most of the time: three keep two cores busy.
    maxWorkers: 3,
    // Nothing here has global state, so that files can share a worker: to load all anew for each is a sixth of the time.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ["default", new URL("./support/count.reporter.ts", import.meta.url).pathname],
  },
});
