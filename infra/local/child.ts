import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";

const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** Starts a process that does not outlive this one, also when this one ends by an error or by a second Ctrl-C. */
export function startChild(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(program, args, options);
  alive.add(child);
  child.once("exit", () => alive.delete(child));
  return child;
}

/**
 * Asks a process to end, and kills it when it takes longer than a second. It may have ended long ago: Ctrl-C in a terminal
 * reaches all processes at once.
 */
export function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), 1_000);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill("SIGTERM");
  });
}
