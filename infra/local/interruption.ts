/** How whoever started this process says that it shall end. */
export interface Interruption {
  /** Settles when it is said for the first time, with why in words; with nothing for Ctrl-C, which a person has just typed. */
  readonly first: Promise<{ readonly why: string | undefined }>;
}

/** npm passes the signal of a terminal on to a process that has had it from the terminal: only a later one is a person's second. */
const secondAfterMs = 500;
const parentEveryMs = 1_000;

const reasons = {
  SIGINT: undefined,
  SIGTERM: "it was told to end (SIGTERM)",
  SIGHUP: "its terminal is gone (SIGHUP)",
} as const;

/**
 * Listens for signals, for a terminal that is gone, and with `parent` for the end of the process that started this one: npm ends
 * at a SIGTERM without its child, which nobody could stop then. A second signal ends this process at once.
 */
export function listenForInterruption(d: {
  readonly output: NodeJS.WritableStream;
  readonly parent: boolean;
}): Interruption {
  let since: number | undefined;
  const first = new Promise<{ readonly why: string | undefined }>((resolve) => {
    const interrupt = (why: string | undefined): void => {
      since ??= Date.now();
      resolve({ why });
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (since !== undefined && Date.now() - since > secondAfterMs) process.exit(130);
        interrupt(reasons[signal]);
      });
    }
    d.output.on("error", (error) => interrupt(`its output cannot be written (${error.message})`));
    if (d.parent) {
      const { ppid } = process;
      setInterval(
        () => process.ppid === ppid || interrupt("the npm that started it has ended"),
        parentEveryMs,
      ).unref();
    }
  });
  return { first };
}
