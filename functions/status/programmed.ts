import type { Report, Verdict } from "../model/verdict.ts";

/** What stands between a route and Lattice after a round. */
export interface Standing {
  /** What time or another root will bring, in words. */
  readonly pending: readonly string[];
  /** What somebody must act on first, in words. */
  readonly refused: readonly string[];
  readonly failed: readonly {
    readonly operation: string;
    readonly code: string;
    readonly message: string;
    readonly requestId?: string | undefined;
  }[];
}

/**
 * The condition Programmed for each parent that takes a route: the truth about Lattice after an apply. A parent of which the
 * compile has said it already, or which does not take the route, gets none.
 */
export function programmedVerdicts(report: Report, standing: Standing): readonly Verdict[] {
  const said = new Set(
    report.verdicts.filter((one) => one.type === "Programmed").map((one) => JSON.stringify(one.subject)),
  );
  return report.verdicts
    .filter((one) => one.subject.at === "parent" && one.type === "Accepted" && one.status === "True")
    .filter((one) => !said.has(JSON.stringify(one.subject)))
    .map((one) => ({ subject: one.subject, type: "Programmed", ...judged(standing) }));
}

function judged(standing: Standing): Pick<Verdict, "status" | "reason" | "message"> {
  const { failed, refused, pending } = standing;
  if (failed.length > 0) {
    const message = failed
      .map(
        (one) =>
          `${one.operation}: ${one.code}: ${one.message}${one.requestId === undefined ? "" : ` (AWS request ${one.requestId})`}`,
      )
      .join("; ");
    return { status: "False", reason: "Failed", message };
  }
  if (refused.length > 0) return { status: "False", reason: "Invalid", message: refused.join("; ") };
  if (pending.length > 0) return { status: "False", reason: "Pending", message: pending.join("; ") };
  return { status: "True", reason: "Programmed", message: "" };
}
