import { defineConfig } from "vitest/config";

/** Tests live under test/, mirror functions/, and run on Node with no globals. */
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    environment: "node",
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ["default", new URL("./support/count.reporter.ts", import.meta.url).pathname],
  },
});
