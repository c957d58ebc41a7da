/** What has been started, so that all of it can be stopped: the last first. */
export interface Running {
  /** What is started while all else is being stopped, or later, is stopped at once. */
  add(name: string, stop: () => unknown): void;
  /** Stops everything, once, and waits for it. What cannot be stopped is told to `onError`, and the rest is stopped still. */
  stop(onError: (name: string, error: unknown) => void): Promise<void>;
}

/** How long one part may take to stop before the others need not wait for it. */
const longestMs = 5_000;

export function createRunning(): Running {
  const started: { readonly name: string; readonly stop: () => unknown }[] = [];
  let over = false;
  return {
    add(name, stop) {
      if (over) settled(stop).catch(() => undefined);
      else started.push({ name, stop });
    },
    async stop(onError) {
      over = true;
      for (let last = started.pop(); last !== undefined; last = started.pop()) {
        const { name, stop } = last;
        try {
          await within(settled(stop));
        } catch (error) {
          onError(name, error);
        }
      }
    },
  };
}

const settled = async (stop: () => unknown): Promise<unknown> => stop();

async function within(stopping: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`still not stopped after ${longestMs / 1000} s`)), longestMs);
  });
  try {
    await Promise.race([stopping, late]);
  } finally {
    clearTimeout(timer);
  }
}
