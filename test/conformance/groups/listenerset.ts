import {
  attachedSets,
  gatewayReady,
  hasConditions,
  listenerIs,
  listenerSetReady,
  parentsAre,
  routeAccepted,
  routeAt,
} from "../checks.ts";
import type { ConformanceTest } from "../conformancetest.ts";
import type { Wanted } from "../status.ts";
import { answers } from "../traffic.ts";
import { listenerSetTrafficTests } from "./listenersettraffic.ts";

const notAllowed = (set: string) =>
  hasConditions("ListenerSet", set, "Accepted False NotAllowed", "Programmed False NotAllowed");
const conflict = (reason: string): readonly Wanted[] => [
  `Accepted False ${reason}`,
  "Programmed False",
  `Conflicted True ${reason}`,
];
const fine = ["Accepted True", "ResolvedRefs True", "Programmed True"] as const;

/** Tests of the group ListenerSet. */
export const listenerSetTests: readonly ConformanceTest[] = [
  {
    name: "ListenerSetDefaultNotAllowed",
    manifest: "manifests/listenerset-default-not-allowed.yaml",
    checks: [gatewayReady("ls-default"), notAllowed("ls-default"), attachedSets("ls-default", 0)],
  },
  {
    name: "ListenerSetAllowedNamespaceNone",
    manifest: "manifests/listenerset-allowed-namespace-none.yaml",
    checks: [gatewayReady("ls-none"), notAllowed("ls-none"), attachedSets("ls-none", 0)],
  },
  {
    name: "ListenerSetAllowedNamespaceSame",
    manifest: "manifests/listenerset-allowed-namespace-same.yaml",
    checks: [
      gatewayReady("ls-same"),
      listenerSetReady("ls-same"),
      notAllowed("gateway-conformance-web-backend/ls-same-elsewhere"),
      attachedSets("ls-same", 1),
    ],
  },
  {
    name: "ListenerSetAllowedNamespaceSelector",
    manifest: "manifests/listenerset-allowed-namespace-selector.yaml",
    checks: [
      gatewayReady("ls-selector"),
      listenerSetReady("ls-selected/selected"),
      notAllowed("ls-unselected/unselected"),
      attachedSets("ls-selector", 1),
    ],
  },
  {
    name: "ListenerSetAllowedRoutesSupportedKinds",
    manifest: "manifests/listenerset-allowed-routes-supported-kinds.yaml",
    checks: [
      listenerIs("ListenerSet", "ls-kinds", "http-default", { kinds: ["HTTPRoute"], conditions: fine }),
      listenerIs("ListenerSet", "ls-kinds", "http-invalid", {
        kinds: [],
        conditions: ["ResolvedRefs False InvalidRouteKinds"],
      }),
      listenerIs("ListenerSet", "ls-kinds", "http-both", {
        kinds: ["HTTPRoute"],
        conditions: ["ResolvedRefs False InvalidRouteKinds"],
      }),
      listenerIs("ListenerSet", "ls-kinds", "tls", { kinds: ["TLSRoute"], conditions: fine }),
    ],
  },
  {
    name: "ListenerSetHostnameConflict",
    manifest: "manifests/listenerset-hostname-conflict.yaml",
    checks: [
      gatewayReady("ls-hostname"),
      hasConditions("ListenerSet", "hostname-a-partly", "Accepted True ListenersNotValid"),
      listenerIs("ListenerSet", "hostname-a-partly", "taken", { conditions: conflict("HostnameConflict") }),
      listenerIs("ListenerSet", "hostname-a-partly", "free", { conditions: fine }),
      hasConditions("ListenerSet", "hostname-b-younger", "Accepted True ListenersNotValid"),
      listenerIs("ListenerSet", "hostname-b-younger", "free", { conditions: conflict("HostnameConflict") }),
      listenerIs("ListenerSet", "hostname-b-younger", "own", { conditions: fine }),
      hasConditions(
        "ListenerSet",
        "hostname-c-all-taken",
        "Accepted False ListenersNotValid",
        "Programmed False ListenersNotValid",
      ),
      attachedSets("ls-hostname", 2),
    ],
  },
  {
    name: "ListenerSetProtocolConflict",
    manifest: "manifests/listenerset-protocol-conflict.yaml",
    checks: [
      gatewayReady("ls-protocol"),
      hasConditions("ListenerSet", "protocol-a-partly", "Accepted True ListenersNotValid"),
      listenerIs("ListenerSet", "protocol-a-partly", "tcp", { conditions: conflict("ProtocolConflict") }),
      listenerIs("ListenerSet", "protocol-a-partly", "free", { conditions: fine }),
      hasConditions("ListenerSet", "protocol-b-all", "Accepted False ListenersNotValid"),
      listenerIs("ListenerSet", "protocol-b-all", "tcp", { conditions: conflict("ProtocolConflict") }),
      attachedSets("ls-protocol", 1),
    ],
  },
  {
    name: "ListenerSetReferenceGrant",
    manifest: "manifests/listenerset-reference-grant.yaml",
    shares: ["grants of Secret certificate"],
    checks: [
      listenerIs("ListenerSet", "ls-granted/granted", "https", { conditions: ["ResolvedRefs True"] }),
      listenerIs("ListenerSet", "ls-ungranted/ungranted", "https", {
        conditions: ["ResolvedRefs False RefNotPermitted"],
      }),
      // What a ListenerSet may use its Gateway may not for that.
      listenerIs("Gateway", "ls-grant", "https", { conditions: ["ResolvedRefs False RefNotPermitted"] }),
    ],
  },
  {
    name: "ListenerSetRouteStatusScopedToParentRef",
    manifest: "manifests/listenerset-route-status-scoped-to-parent-ref.yaml",
    checks: [
      gatewayReady("ls-scoped"),
      listenerSetReady("ls-scoped"),
      routeAccepted("HTTPRoute", "scoped-to-set", "ListenerSet ls-scoped"),
      routeAccepted("HTTPRoute", "scoped-to-gateway", "ls-scoped"),
    ],
  },
  {
    name: "ListenerSetDualParentRefIndependence",
    manifest: "manifests/listenerset-dual-parent-ref-independence.yaml",
    checks: [
      gatewayReady("ls-dual"),
      listenerSetReady("ls-dual"),
      routeAccepted("HTTPRoute", "dual-both", "ls-dual", "ListenerSet ls-dual"),
      routeAt("HTTPRoute", "dual-one", "ls-dual#gateway", "Accepted True Accepted"),
      routeAt("HTTPRoute", "dual-one", "ListenerSet ls-dual#another", "Accepted False NoMatchingParent"),
      parentsAre("HTTPRoute", "dual-one", 2),
      answers(
        "ls-dual",
        { host: "dual-gateway.example.com", backend: "infra-backend-v1" },
        { host: "dual-set.example.com", backend: "infra-backend-v1" },
        { host: "dual-gateway.example.com", path: "/one", backend: "infra-backend-v2" },
        { host: "dual-set.example.com", path: "/one", backend: "infra-backend-v1" },
      ),
    ],
  },
  {
    name: "ListenerSetGatewayParentSectionNameNotFound",
    manifest: "manifests/listenerset-gateway-parent-section-name-not-found.yaml",
    checks: [
      listenerSetReady("ls-section"),
      routeAt("HTTPRoute", "section-of-set-at-gateway", "ls-section#set", "Accepted False NoMatchingParent"),
      routeAccepted("HTTPRoute", "section-of-set-at-set", "ListenerSet ls-section#set"),
      answers(
        "ls-section",
        { host: "section-set.example.com", path: "/right", backend: "infra-backend-v2" },
        { host: "section-set.example.com", path: "/wrong", status: 404 },
      ),
    ],
  },
  ...listenerSetTrafficTests,
];
