import type { ClusterFacts } from "../model/cluster.ts";
import { keyOf, type ObjectRef } from "../model/objects.ts";
import type { GatewayClassRoot } from "../model/roots.ts";
import { gatewayClassCrd } from "../model/reads.ts";
import { classNamed, type ClassName, type Report, type Verdict } from "../model/verdict.ts";
import type { Compiled } from "./compiled.ts";
import type { View } from "./view.ts";

/** Features of the Gateway API that hold, in ascending order, by class: one service per route cannot have several hostnames. */
const supportedFeatures: Readonly<Record<ClassName, readonly string[]>> = {
  "amazon-vpc-lattice": [
    "Gateway",
    "GatewayPort8080",
    "HTTPRoute",
    "HTTPRouteMethodMatching",
    "HTTPRouteNamedRouteRule",
    "HTTPRouteParentRefPort",
    "ReferenceGrant",
    "TLSRoute",
  ],
  espalier: [
    "Gateway",
    "GatewayInfrastructurePropagation",
    "GatewayPort8080",
    "HTTPRoute",
    "HTTPRouteMethodMatching",
    "HTTPRouteNamedRouteRule",
    "HTTPRouteParentRefPort",
    "ListenerSet",
    "ReferenceGrant",
    "TLSRoute",
  ],
};

/** Features that do not hold where a cluster has moved over: a missing grant is allowed there, and named. */
const notOfIncumbent: ReadonlySet<string> = new Set(["ReferenceGrant"]);

/** A GatewayClass of ours is accepted, and tells how its cluster is seen and whether its version of the Gateway API is known. */
export async function compileGatewayClass(root: GatewayClassRoot, view: View): Promise<Compiled> {
  const ref: ObjectRef<"GatewayClass"> = {
    cluster: root.cluster,
    kind: "GatewayClass",
    namespace: "",
    name: root.name,
  };
  const seen = await view.object(ref);
  const its = seen.is === "known" ? classNamed(seen.object.spec.controllerName) : undefined;
  if (seen.is !== "known" || its === undefined) return { want: { is: "nothing" }, reports: [] };
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
    verdicts: [
      accepted,
      ...(await supportedVersion(root, view)),
      ...(facts === undefined ? [] : [clusterObserved(facts)]),
    ],
    supportedFeatures: supportedFeatures[its].filter(
      (one) => facts?.registration.profile !== "incumbent" || !notOfIncumbent.has(one),
    ),
  };
  return { want: { is: "nothing" }, reports: [report] };
}

/** Bundles of the Gateway API whose fields are the ones that are read here. */
const knownVersions = /^v1\.[0-6]\./;

/** Whether the CRDs of the cluster are of a version that is known: nothing is refused for it, but it is said (gateway-api spec, SupportedVersion). */
async function supportedVersion(root: GatewayClassRoot, view: View): Promise<readonly Verdict[]> {
  const crd = await view.object({
    cluster: root.cluster,
    kind: "CustomResourceDefinition",
    namespace: "",
    name: gatewayClassCrd,
  });
  if (crd.is !== "known") return [];
  const version = crd.object.metadata.annotations["gateway.networking.k8s.io/bundle-version"] ?? "unknown";
  const known = knownVersions.test(version);
  return [
    {
      subject: { at: "object" },
      type: "SupportedVersion",
      status: known ? "True" : "False",
      reason: known ? "SupportedVersion" : "UnsupportedVersion",
      message: known
        ? ""
        : `the CRDs are of bundle ${version}; v1.0 to v1.6 are known, what is newer is ignored`,
    },
  ];
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
