import { infrastructureCondition } from "../model/infrastructure.ts";
import type { ObjectRef } from "../model/objects.ts";
import type { Report, Verdict } from "../model/verdict.ts";
import { ClusterError, type Borne, type ClusterApi, type LiveObject } from "./cluster.ts";
import { conditions } from "./conditions.ts";

/** What came of a Gateway's infrastructure. */
export interface Propagation {
  readonly is: Borne["is"] | "failed";
  /** The reports, with what is to be said of it besides. */
  readonly reports: readonly Report[];
  /** Why it must be tried again, once all else is done: nothing else waits for it. */
  readonly error?: ClusterError;
}

/** Has an object in the cluster bear the labels and annotations that a report speaks of, if one does. */
export async function propagate(
  ref: ObjectRef,
  live: LiveObject,
  reports: readonly Report[],
  api: ClusterApi,
): Promise<Propagation> {
  const wanted = reports.find((report) => report.infrastructure !== undefined)?.infrastructure;
  if (wanted === undefined) return { is: "unchanged", reports };
  try {
    const borne = await api.putInfrastructure(ref, live.uid, wanted);
    switch (borne.is) {
      case "written":
      case "unchanged":
      case "overtaken":
        return { is: borne.is, reports };
      case "foreign":
        return { is: borne.is, reports: saying(reports, "Foreign", `${borne.why}${instead}`) };
      case "refused":
        return { is: borne.is, reports: saying(reports, "Refused", `${borne.why}${instead}${allow}`) };
    }
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    return { is: "failed", error, reports: keeping(reports, live) };
  }
}

const instead =
  ". So no object bears what spec.infrastructure says, and all else goes on. It is tried again when the Gateway's spec changes";
const allow =
  ". If it is RBAC that forbids it, allow group espalier:status to get, create and patch serviceaccounts (infra/cluster/status-rbac.yaml)";

const verdict = (reason: string, message: string): Verdict => ({
  subject: { at: "object" },
  type: infrastructureCondition,
  status: "False",
  reason,
  message,
});

/** The reports, of which the one that speaks of infrastructure says this too. */
const saying = (reports: readonly Report[], reason: string, message: string): readonly Report[] =>
  reports.map((report) =>
    report.infrastructure === undefined
      ? report
      : { ...report, verdicts: [...report.verdicts, verdict(reason, message)] },
  );

/**
 * The reports with what the Gateway was told before: who fails may be a worker that stood still, after whom nobody comes to take back
 * what it says. A failure that lasts ends as a dead letter, which has an alarm.
 */
function keeping(reports: readonly Report[], live: LiveObject): readonly Report[] {
  const told = conditions
    .parse(live.status["conditions"])
    .find(({ type }) => type === infrastructureCondition);
  if (told === undefined) return reports;
  return reports.map((report) =>
    report.infrastructure === undefined
      ? report
      : {
          ...report,
          verdicts: [
            ...report.verdicts.filter(({ type }) => type !== infrastructureCondition),
            verdict(told.reason, told.message),
          ],
        },
  );
}
