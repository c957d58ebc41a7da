import {
  change,
  gatewayReady,
  isCurrent,
  listenerIs,
  parentsAre,
  routeAccepted,
  routeAt,
} from "../checks.ts";
import type { ConformanceTest } from "../conformancetest.ts";
import { answers } from "../traffic.ts";

const refused = (route: string, parent: string, reason: string) => [
  routeAt("HTTPRoute", route, parent, `Accepted False ${reason}`, "ResolvedRefs True ResolvedRefs"),
  parentsAre("HTTPRoute", route, 1),
];
const nothingAttached = (gateway: string, listener = "http") =>
  listenerIs("Gateway", gateway, listener, { attached: 0 });

/** Tests of which parents take an HTTPRoute. */
export const httpRouteParentTests: readonly ConformanceTest[] = [
  {
    name: "HTTPRouteInvalidCrossNamespaceParentRef",
    manifest: "manifests/httproute-invalid-cross-namespace-parent-ref.yaml",
    checks: [
      ...refused(
        "gateway-conformance-web-backend/cross-namespace-parent",
        "same-namespace",
        "NotAllowedByListeners",
      ),
      nothingAttached("same-namespace"),
      answers("same-namespace", { status: 404 }),
    ],
  },
  {
    name: "HTTPRouteInvalidParentRefNotMatchingSectionName",
    manifest: "manifests/httproute-invalid-parent-ref-not-matching-section-name.yaml",
    checks: [
      ...refused("other-section-name", "same-namespace#another", "NoMatchingParent"),
      nothingAttached("same-namespace"),
      answers("same-namespace", { status: 404 }),
    ],
  },
  {
    name: "HTTPRouteInvalidParentRefNotMatchingListenerPort",
    manifest: "manifests/httproute-invalid-parent-ref-not-matching-listener-port.yaml",
    checks: [
      ...refused("other-port", "same-namespace:81", "NoMatchingParent"),
      nothingAttached("same-namespace"),
    ],
  },
  {
    name: "HTTPRouteInvalidParentRefSectionNameNotMatchingPort",
    manifest: "manifests/httproute-invalid-parent-ref-section-name-not-matching-port.yaml",
    checks: [
      gatewayReady("section-name-and-port"),
      ...refused("section-name-of-another-port", "section-name-and-port#one:8080", "NoMatchingParent"),
      nothingAttached("section-name-and-port", "one"),
      nothingAttached("section-name-and-port", "two"),
    ],
  },
  {
    name: "HTTPRouteObservedGenerationBump",
    manifest: "manifests/httproute-observed-generation-bump.yaml",
    checks: [
      routeAccepted("HTTPRoute", "observed-generation-bump", "same-namespace"),
      change("HTTPRoute", "observed-generation-bump", [
        { op: "replace", path: "/spec/rules/0/backendRefs/0/name", value: "infra-backend-v2" },
      ]),
      isCurrent("HTTPRoute", "observed-generation-bump", 2),
      routeAccepted("HTTPRoute", "observed-generation-bump", "same-namespace"),
      answers("same-namespace", { backend: "infra-backend-v2" }),
    ],
  },
];
