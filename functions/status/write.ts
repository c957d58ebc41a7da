import type { EpochMs } from "../model/ids.ts";
import type { ObjectRef } from "../model/objects.ts";
import type { Report } from "../model/verdict.ts";
import { ClusterError, type ClusterApi, type LiveObject } from "./cluster.ts";
import { annotationsOf, compose } from "./compose.ts";
import { finalizersLeft } from "./finalizers.ts";
import { propagate } from "./infrastructure.ts";

/** How often a status is composed anew because the object changed under it, before the message must come back. */
const attemptsMax = 5;

interface Means {
  /** What is said of the object, given how it is now. */
  readonly reports: (live: LiveObject) => Promise<readonly Report[]>;
  readonly api: ClusterApi;
  readonly now: EpochMs;
  /** Whether the in-cluster controller's finalizers are taken away: its cluster has moved over. */
  readonly moved: boolean;
}

/** Writes the status and the annotations of one object, if they differ from what it has, and frees it. Throws ClusterError. */
export async function writeStatus(ref: ObjectRef, means: Means): Promise<"written" | "unchanged" | "gone"> {
  let hasPropagated = false;
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const live = await means.api.get(ref);
    if (live === undefined) return "gone";
    const left = means.moved ? finalizersLeft(ref.kind, live.finalizers) : undefined;
    if (left !== undefined) {
      // The object is another version then, or is no more.
      if ((await means.api.setFinalizers(ref, live.resourceVersion, left)) === "gone") return "gone";
      continue;
    }
    // A report on an earlier object of this name says nothing of this one.
    const reports = (await means.reports(live)).filter((report) => report.uid === live.uid);
    const propagated = await propagate(ref, live, reports, means.api);
    // Who stood still before this has written what was said long ago, so it looks again; but not for ever, should others change it back.
    if (propagated.is === "overtaken" || (propagated.is === "written" && !hasPropagated)) {
      hasPropagated ||= propagated.is === "written";
      continue;
    }
    const { status, changed } = compose(
      live.status,
      ref,
      propagated.reports,
      new Date(means.now).toISOString().replace(/\.\d+Z$/, "Z"),
    );
    const answer = changed ? await means.api.putStatus(ref, live.resourceVersion, status) : "unchanged";
    if (answer === "gone") return "gone";
    if (answer === "conflict") continue;
    const annotated = await annotate(ref, live, reports, means.api);
    const pointed = await point(ref, live, reports, means.api);
    if (propagated.error !== undefined) throw propagated.error;
    return answer === "written" || annotated || pointed || hasPropagated ? "written" : "unchanged";
  }
  throw new ClusterError(
    `the object changed during each of ${attemptsMax} attempts to write its status`,
    409,
  );
}

async function annotate(
  ref: ObjectRef,
  live: LiveObject,
  reports: readonly Report[],
  api: ClusterApi,
): Promise<boolean> {
  const wanted = Object.entries(annotationsOf(reports)).filter(
    ([key, value]) => (live.annotations[key] ?? null) !== value,
  );
  if (wanted.length === 0) return false;
  await api.annotate(ref, Object.fromEntries(wanted));
  return true;
}

/** Where ExternalDNS is installed, the names that a report speaks of get their records. */
async function point(
  ref: ObjectRef,
  live: LiveObject,
  reports: readonly Report[],
  api: ClusterApi,
): Promise<boolean> {
  const said = reports.flatMap((report) => (report.endpoints === undefined ? [] : [report.endpoints]));
  const [endpoints] = said;
  return endpoints !== undefined && (await api.putEndpoints(ref, live.uid, endpoints)) === "written";
}
