/** The steps of the flow, in the words of the README's flow line, and what happens before and after it. */
export type Step =
  | "start"
  | "cluster"
  | "forward"
  | "ingest"
  | "reconcile"
  | "lattice"
  | "status"
  | "drift"
  | "proof"
  | "stop"
  | "trouble";

/** Tells what happens as it happens, one line for each step. */
export interface Narrator {
  tell(step: Step, text: string): void;
}

/** A narrator that writes lines with the seconds since `startedAt` (epoch milliseconds). */
export function createNarrator(
  write: (line: string) => void,
  now: () => number,
  startedAt: number,
): Narrator {
  return {
    tell(step, text) {
      const seconds = ((now() - startedAt) / 1000).toFixed(2).padStart(7);
      write(`${seconds} s  ${step.padEnd(9)}  ${text}`);
    },
  };
}
