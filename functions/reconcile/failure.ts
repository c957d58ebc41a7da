import type { Fate } from "../apply/fate.ts";
import type { LatticeError } from "../apply/lattice.ts";
import type { Output, Standing } from "../model/lattice.ts";
import { parseRoot } from "../model/roots.ts";
import type { CompiledRoot } from "./compile.ts";

/** A call of Lattice that failed, in words for whoever must act on it: with the id by which AWS knows the call, if it was answered. */
export function failureText(
  error: Pick<LatticeError, "operation" | "code" | "message" | "requestId">,
): string {
  const { operation, code, message, requestId } = error;
  const text = `${operation}: ${code}: ${message}`;
  return requestId === undefined ? text : `${text} (AWS request ${requestId})`;
}

/** How many failures in a row are no bad moment any more: told to users then, whatever the fate of each. */
const lasting = 5;

/** Whether a failure to look at Lattice is told: at once when somebody must act, and what time may mend when it lasts. */
export const isTold = (fate: Fate, failures: number): boolean => fate.do === "stop" || failures >= lasting;

/**
 * What to say of a failure when something was said before: the same, while it is the same failure. Each attempt is another
 * request, and a condition that named the latest would change with every one.
 */
export function stillFailing(before: string | undefined, error: LatticeError): string {
  const { operation, code, message } = error;
  const text = failureText({ operation, code, message, requestId: undefined });
  const at = before?.indexOf(text) ?? -1;
  if (before === undefined || at < 0) return failureText(error);
  const request = /^ \(AWS request [^)]*\)/.exec(before.slice(at + text.length));
  return `${text}${request?.[0] ?? ""}`;
}

/**
 * What a root publishes when Lattice could not be looked at: all that it knows of itself, and what failed. Who is not wanted
 * any more has nobody to tell.
 */
export function outputUnseen({ held, compiled }: CompiledRoot, error: LatticeError): Output | undefined {
  const before = held.ledger.output;
  const { want, serves = {}, refuses = {} } = compiled;
  if (want.is === "absent") return before;
  if (parseRoot(held.root).kind === "service") {
    const was = before?.kind === "service" ? before : undefined;
    const said = was?.standing.is === "failed" ? was.standing.message : undefined;
    const standing: Standing = { is: "failed", message: stillFailing(said, error) };
    return { kind: "service", serves, refuses, ...was, standing };
  }
  const was = before?.kind === "target-group" || before?.kind === "failure" ? before : undefined;
  return {
    kind: "failure",
    ...was,
    trouble: { is: "failed", message: stillFailing(was?.trouble?.message, error) },
  };
}
