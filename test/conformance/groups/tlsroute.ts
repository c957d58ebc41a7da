import { gatewayReady, hasConditions, listenerIs, parentsAre, routeAccepted, routeAt } from "../checks.ts";
import type { ConformanceTest } from "../conformancetest.ts";
import { answers, breaksOff } from "../traffic.ts";

const host = "abc.example.com";
const answered = (gateway: string, name: string) =>
  answers(gateway, { host: name, tls: "passthrough", backend: "tls-backend" });

/** A reference that leads nowhere is named, and connections for its hostname are broken off while those for another one are not. */
const invalidRef = (name: string, reason: string) => [
  gatewayReady(name),
  routeAt("TLSRoute", name, name, "Accepted True Accepted", `ResolvedRefs False ${reason}`),
  routeAccepted("TLSRoute", `${name}-beside`, name),
  answered(name, "other.example.com"),
  breaksOff(name, host),
];
const refused = (route: string, parent: string, reason: string) => [
  routeAt("TLSRoute", route, parent, `Accepted False ${reason}`, "ResolvedRefs True ResolvedRefs"),
  parentsAre("TLSRoute", route, 1),
];

/** Tests of the group TLSRoute. */
export const tlsRouteTests: readonly ConformanceTest[] = [
  {
    name: "TLSRouteSimpleSameNamespace",
    manifest: "manifests/tlsroute-simple-same-namespace.yaml",
    checks: [
      gatewayReady("tls-simple"),
      routeAccepted("TLSRoute", "tls-simple", "tls-simple"),
      answered("tls-simple", host),
    ],
  },
  {
    name: "TLSRouteInvalidBackendRefNonexistent",
    manifest: "manifests/tlsroute-invalid-backend-ref-nonexistent.yaml",
    checks: invalidRef("tls-nonexistent", "BackendNotFound"),
  },
  {
    name: "TLSRouteInvalidBackendRefUnknownKind",
    manifest: "manifests/tlsroute-invalid-backend-ref-unknown-kind.yaml",
    checks: invalidRef("tls-unknown-kind", "InvalidKind"),
  },
  {
    name: "TLSRouteInvalidReferenceGrant",
    manifest: "manifests/tlsroute-invalid-reference-grant.yaml",
    checks: [
      routeAt(
        "TLSRoute",
        "tls-invalid-grant",
        "tls-invalid-grant",
        "Accepted True Accepted",
        "ResolvedRefs False RefNotPermitted",
      ),
    ],
  },
  {
    name: "TLSRouteInvalidNoMatchingListener",
    manifest: "manifests/tlsroute-invalid-no-matching-listener.yaml",
    checks: [
      ...refused("tls-at-http", "same-namespace", "NotAllowedByListeners"),
      ...refused("tls-at-https", "same-namespace-with-https-listener", "NotAllowedByListeners"),
      ...refused("tls-at-other-section", "tls-no-listener#another", "NoMatchingParent"),
    ],
  },
  {
    name: "TLSRouteInvalidNoMatchingListenerHostname",
    manifest: "manifests/tlsroute-invalid-no-matching-listener-hostname.yaml",
    checks: refused("tls-no-hostname", "tls-no-hostname", "NoMatchingListenerHostname"),
  },
  {
    name: "TLSRouteListenerPassthroughSupportedKinds",
    manifest: "manifests/tlsroute-listener-passthrough-supported-kinds.yaml",
    checks: [
      listenerIs("Gateway", "tls-kinds-by-default", "tls", {
        kinds: ["TLSRoute"],
        conditions: [
          "Accepted True Accepted",
          "ResolvedRefs True ResolvedRefs",
          "Programmed True Programmed",
        ],
      }),
      listenerIs("Gateway", "tls-kinds-tcp", "tls", {
        kinds: [],
        conditions: ["ResolvedRefs False InvalidRouteKinds"],
      }),
      listenerIs("Gateway", "tls-kinds-both", "tls", {
        kinds: ["TLSRoute"],
        conditions: ["ResolvedRefs False InvalidRouteKinds"],
      }),
    ],
  },
  {
    name: "TLSRouteListenerTerminateNotSupported",
    manifest: "manifests/tlsroute-listener-terminate-not-supported.yaml",
    checks: [
      listenerIs("Gateway", "tls-terminate", "tls", {
        kinds: [],
        conditions: ["Accepted False UnsupportedValue"],
      }),
      hasConditions("Gateway", "tls-terminate", "Accepted False ListenersNotValid"),
    ],
  },
  {
    name: "TLSRouteListenerMixedTerminationNotSupported",
    manifest: "manifests/tlsroute-listener-mixed-termination-not-supported.yaml",
    note: "the status holds; the feature TLSRouteModeTerminate, which upstream asks for here, is not claimed",
    checks: ["terminate", "passthrough"].map((listener) =>
      listenerIs("Gateway", "tls-mixed", listener, { conditions: ["Accepted False ProtocolConflict"] }),
    ),
  },
];
