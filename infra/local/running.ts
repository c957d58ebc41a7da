/** What has been started, so that all of it can be stopped: the last first. */
export interface Running {
  add(name: string, stop: () => unknown): void;
  /** Stops everything, once, and waits for it. What cannot be stopped is told to `onError`, and the rest is stopped still. */
  stop(onError: (name: string, error: unknown) => void): Promise<void>;
}

export function createRunning(): Running {
  const started: { readonly name: string; readonly stop: () => unknown }[] = [];
  return {
    add: (name, stop) => void started.push({ name, stop }),
    async stop(onError) {
      for (let last = started.pop(); last !== undefined; last = started.pop()) {
        const { name, stop } = last;
        try {
          await stop();
        } catch (error) {
          onError(name, error);
        }
      }
    },
  };
}
