import { nameKey, type Name } from "./cache.ts";
import type { Cancel, SetTimer } from "./timers.ts";

/** Gathers which objects changed, so that many changes of one within a short window travel as its last state. */
export interface Coalescer {
  touch(name: Name): void;
  /** Holds everything back until `release`: what is about to travel otherwise need not travel twice. */
  hold(): void;
  release(): void;
  stop(): void;
}

/** Nothing waits longer than the window, which begins with the first change that is gathered. */
export function createCoalescer(
  windowMs: number,
  setTimer: SetTimer,
  flush: (names: readonly Name[]) => void,
): Coalescer {
  const touched = new Map<string, Name>();
  let cancel: Cancel | undefined;
  let held = false;

  function run(): void {
    cancel = undefined;
    if (held || touched.size === 0) return;
    const names = [...touched.values()];
    touched.clear();
    flush(names);
  }

  return {
    touch(name) {
      touched.set(nameKey(name), name);
      if (!held) cancel ??= setTimer(windowMs, run);
    },
    hold() {
      held = true;
    },
    release() {
      held = false;
      cancel?.();
      run();
    },
    stop() {
      cancel?.();
      held = true;
      touched.clear();
    },
  };
}
