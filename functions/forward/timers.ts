/** Calls a function once, so many milliseconds from now; answers how to call it off. As an argument, so that a test owns time. */
export type SetTimer = (ms: number, run: () => void) => Cancel;
export type Cancel = () => void;

/** Waits so long, or until the signal: then it returns early, and the caller looks at the signal. */
export function pause(setTimer: SetTimer, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const wake = (): void => {
      cancel();
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const cancel = setTimer(ms, wake);
    signal.addEventListener("abort", wake);
  });
}

/**
 * How long to wait after so many failures in a row: doubled each time up to a most, and between half and all of that at
 * random, so that forwarders that failed together do not come back together.
 */
export const backoff = (failures: number, firstMs: number, mostMs: number, fraction: number): number =>
  Math.min(mostMs, firstMs * 2 ** Math.min(30, Math.max(0, failures - 1))) * (0.5 + fraction / 2);
