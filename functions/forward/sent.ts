/**
 * What the control plane has been told of each object, as content hashes: only what the bus accepted counts, but what is on
 * its way there need not be queued again.
 */
export interface Sent {
  /** The hash that was told last, or is about to be. */
  latest(key: string): string | undefined;
  queued(key: string, hash: string): void;
  /** That something is gone is worth remembering only while it is named. */
  accepted(key: string, hash: string, named: boolean): void;
  forget(key: string): void;
  /** Nothing counts as told any more. */
  clear(): void;
}

/** In place of a hash: the control plane has been told that the object does not exist. */
export const toldGone = "gone";

export function createSent(): Sent {
  const accepted = new Map<string, string>();
  const queued = new Map<string, string>();
  return {
    latest: (key) => queued.get(key) ?? accepted.get(key),
    queued(key, hash) {
      queued.set(key, hash);
    },
    accepted(key, hash, named) {
      if (queued.get(key) === hash) queued.delete(key);
      if (hash === toldGone && !named) accepted.delete(key);
      else accepted.set(key, hash);
    },
    forget(key) {
      queued.delete(key);
      accepted.delete(key);
    },
    clear() {
      queued.clear();
      accepted.clear();
    },
  };
}
