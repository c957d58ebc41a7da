import type { LatticeError } from "../apply/lattice.ts";

/** A call of Lattice that failed, in words for whoever must act on it: with the id by which AWS knows the call, if it was answered. */
export function failureText(
  error: Pick<LatticeError, "operation" | "code" | "message" | "requestId">,
): string {
  const { operation, code, message, requestId } = error;
  const text = `${operation}: ${code}: ${message}`;
  return requestId === undefined ? text : `${text} (AWS request ${requestId})`;
}
