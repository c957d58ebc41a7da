import type { ClusterFacts } from "../model/cluster.ts";
import { keyOf, type ObjectRef } from "../model/objects.ts";
import type { GatewayClassRoot } from "../model/roots.ts";
import { controllerName, type Report, type Verdict } from "../model/verdict.ts";
import type { Compiled } from "./compiled.ts";
import type { View } from "./view.ts";

/** Features of the Gateway API that hold, in ascending order. */
const supportedFeatures = [
  "Gateway",
  "GatewayPort8080",
  "HTTPRoute",
  "HTTPRouteMethodMatching",
  "HTTPRouteNamedRouteRule",
  "HTTPRouteParentRefPort",
  "ReferenceGrant",
];

/** A GatewayClass of ours is accepted, and tells how its cluster is seen. */
export async function compileGatewayClass(root: GatewayClassRoot, view: View): Promise<Compiled> {
  const ref: ObjectRef<"GatewayClass"> = {
    cluster: root.cluster,
    kind: "GatewayClass",
    namespace: "",
    name: root.name,
  };
  const seen = await view.object(ref);
  if (seen.is !== "known" || seen.object.spec.controllerName !== controllerName)
    return { want: { is: "nothing" }, reports: [] };
  const facts = await view.cluster(root.cluster);
  const { metadata, spec } = seen.object;
  const parameters = spec.parametersRef;
  const accepted: Verdict =
    parameters === undefined
      ? { subject: { at: "object" }, type: "Accepted", status: "True", reason: "Accepted", message: "" }
      : {
          subject: { at: "object" },
          type: "Accepted",
          status: "False",
          reason: "InvalidParameters",
          message: `parametersRef ${parameters.kind} ${parameters.name}: parameters are not supported; remove it`,
        };
  const report: Report = {
    on: keyOf(ref),
    uid: metadata.uid,
    generation: metadata.generation,
    controllerName,
    verdicts: [accepted, ...(facts === undefined ? [] : [clusterObserved(facts)])],
    supportedFeatures,
  };
  return { want: { is: "nothing" }, reports: [report] };
}

/** Whether the control plane sees the whole cluster; said on the class, and on every Gateway of it. */
export function clusterObserved(facts: ClusterFacts): Verdict {
  const say = (status: "True" | "False", reason: string, message: string): Verdict => ({
    subject: { at: "object" },
    type: "espalier.dev/ClusterObserved",
    status,
    reason,
    message,
  });
  if (facts.hold !== undefined) return say("False", "Hold", facts.hold);
  if (facts.failedWatches.length > 0) {
    const watches = facts.failedWatches.map((watch) => `${watch.kind}: ${watch.reason}`).join("; ");
    return say(
      "False",
      "WatchFailed",
      `the forwarder cannot watch ${watches}. What it saw before stays in force, and nothing is deleted for it`,
    );
  }
  if (!facts.applied)
    return say(
      "False",
      "NotInventoried",
      "the first complete inventory of the cluster has not arrived; until then changes are planned and not applied",
    );
  return say("True", "Observed", "");
}
