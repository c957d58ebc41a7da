import type { LatticeError } from "./lattice.ts";

/**
 * What happens after a failed call. `retry`: the same again soon. `observe`: the ledger is wrong or the outcome is unknown,
 * so look at Lattice first. `later`: time or somebody's deletion solves it. `stop`: the user or an operator must act, and
 * the next change wakes the root.
 */
export type Fate =
  | { readonly do: "retry"; readonly afterMs: number }
  | { readonly do: "observe" }
  | { readonly do: "later"; readonly afterMs: number }
  | { readonly do: "stop" };

type Kind = "soon" | "observe" | "later" | "stop";

/** Every error code that Lattice declares, and what none of them says: that there was no answer, or not even a call. */
const byCode: Readonly<Record<string, Kind>> = {
  ThrottlingException: "soon",
  InternalServerException: "soon",
  ConflictException: "observe",
  ResourceNotFoundException: "observe",
  ServiceQuotaExceededException: "later",
  ValidationException: "stop",
  AccessDeniedException: "stop",
  Unknown: "observe",
  NotSent: "soon",
};

/** Operations of which a conflict means that something is on its way, and passes. */
const passingConflicts: ReadonlySet<string> = new Set([
  "CreateServiceNetworkServiceAssociation",
  "DeleteServiceNetworkServiceAssociation",
  "DeleteService",
  "DeleteTargetGroup",
  "RegisterTargets",
  "DeregisterTargets",
]);

const soonFirstMs = 1_000;
const soonMostMs = 60_000;
const laterMs = 300_000;

/**
 * The fate of a failed call, after so many failures in a row (from 1), with a fraction from 0 to 1 that jitters the delay.
 * An unknown code is retried: the queue's receive count bounds it, and the dead-letter alarm names it.
 */
export function fateOf(
  error: Pick<LatticeError, "code" | "operation" | "retryAfterSeconds">,
  attempts: number,
  fraction: number,
): Fate {
  const passing = error.code === "ConflictException" && passingConflicts.has(error.operation);
  const kind = passing ? "soon" : (byCode[error.code] ?? "soon");
  switch (kind) {
    case "soon": {
      const grown = Math.min(soonMostMs, soonFirstMs * 2 ** Math.min(attempts - 1, 10));
      const jittered = grown * (0.75 + fraction / 2);
      return { do: "retry", afterMs: Math.ceil(Math.max(jittered, (error.retryAfterSeconds ?? 0) * 1000)) };
    }
    case "later":
      return { do: "later", afterMs: Math.ceil(laterMs * (0.75 + fraction / 2)) };
    case "observe":
    case "stop":
      return { do: kind };
  }
}
