import {
  change,
  gatewayReady,
  hasConditions,
  isCurrent,
  listenerIs,
  listenersAre,
  routeAccepted,
  routeAt,
} from "../checks.ts";
import type { ConformanceTest } from "../conformancetest.ts";
import { propagated } from "../infrastructure.ts";

/** Grants on one Secret, which would help each other's tests. */
const secretGrants = ["grants of Secret certificate"];
const badCertificate = {
  conditions: ["ResolvedRefs False InvalidCertificateRef", "Programmed False"],
  kinds: ["HTTPRoute"],
  attached: 0,
} as const;
const notPermitted = { ...badCertificate, conditions: ["ResolvedRefs False RefNotPermitted"] } as const;
const programmed = {
  conditions: ["Programmed True", "ResolvedRefs True"],
  kinds: ["HTTPRoute"],
  attached: 0,
} as const;
const withCertificate = { kinds: ["HTTPRoute"], attached: 1, conditions: ["ResolvedRefs True"] } as const;
const plainListener = {
  name: "http",
  port: 80,
  protocol: "HTTP",
  allowedRoutes: { namespaces: { from: "All" } },
};

/** Tests of the group Gateway. */
export const gatewayTests: readonly ConformanceTest[] = [
  {
    name: "GatewayClassObservedGenerationBump",
    manifest: "manifests/gatewayclass-observed-generation-bump.yaml",
    checks: [
      hasConditions("GatewayClass", "observed-generation-bump", "Accepted True Accepted"),
      change("GatewayClass", "observed-generation-bump", { spec: { description: "after" } }),
      isCurrent("GatewayClass", "observed-generation-bump", 2),
    ],
  },
  {
    name: "GatewayObservedGenerationBump",
    manifest: "manifests/gateway-observed-generation-bump.yaml",
    checks: [
      gatewayReady("gateway-observed-generation-bump"),
      change("Gateway", "gateway-observed-generation-bump", [
        {
          op: "add",
          path: "/spec/listeners/-",
          value: { ...plainListener, name: "alternate", hostname: "foo.com" },
        },
      ]),
      isCurrent("Gateway", "gateway-observed-generation-bump", 2),
      gatewayReady("gateway-observed-generation-bump"),
      listenersAre("Gateway", "gateway-observed-generation-bump", "http", "alternate"),
    ],
  },
  {
    name: "GatewayListenerUnsupportedProtocol",
    manifest: "manifests/gateway-listener-unsupported-protocol.yaml",
    checks: [
      ...["unsupported-protocol-alone", "unsupported-protocol-beside-http"].map((gateway) =>
        listenerIs("Gateway", gateway, "unsupported", {
          conditions: ["Accepted False UnsupportedProtocol"],
          kinds: [],
          attached: 0,
        }),
      ),
      hasConditions("Gateway", "unsupported-protocol-alone", "Accepted False ListenersNotValid"),
      hasConditions("Gateway", "unsupported-protocol-beside-http", "Accepted True ListenersNotValid"),
      listenerIs("Gateway", "unsupported-protocol-beside-http", "http", {
        conditions: ["Accepted True Accepted"],
        kinds: ["HTTPRoute"],
      }),
    ],
  },
  {
    name: "GatewayInvalidParametersRef",
    manifest: "manifests/gateway-invalid-parameters-ref.yaml",
    checks: [hasConditions("Gateway", "invalid-parameters-ref", "Accepted False InvalidParameters")],
  },
  {
    name: "GatewayInvalidRouteKind",
    manifest: "manifests/gateway-invalid-route-kind.yaml",
    checks: [
      listenerIs("Gateway", "only-invalid-route-kind", "http", {
        conditions: ["ResolvedRefs False InvalidRouteKinds"],
        kinds: [],
        attached: 0,
      }),
      listenerIs("Gateway", "valid-and-invalid-route-kind", "http", {
        conditions: ["ResolvedRefs False InvalidRouteKinds"],
        kinds: ["HTTPRoute"],
        attached: 0,
      }),
    ],
  },
  {
    name: "GatewayInvalidTLSConfiguration",
    manifest: "manifests/gateway-invalid-tls-configuration.yaml",
    checks: ["nonexistent", "other-group", "other-kind", "malformed"].map((which) =>
      listenerIs("Gateway", `certificate-${which}`, "https", badCertificate),
    ),
  },
  {
    name: "GatewayModifyListeners",
    manifest: "upstream/tests/gateway-modify-listeners.yaml",
    checks: [
      listenerIs("Gateway", "gateway-add-listener", "https", withCertificate),
      change("Gateway", "gateway-add-listener", [
        { op: "add", path: "/spec/listeners/-", value: plainListener },
      ]),
      listenersAre("Gateway", "gateway-add-listener", "https", "http"),
      listenerIs("Gateway", "gateway-add-listener", "https", withCertificate),
      listenerIs("Gateway", "gateway-add-listener", "http", { kinds: ["HTTPRoute"], attached: 1 }),
      isCurrent("Gateway", "gateway-add-listener", 2),
      listenerIs("Gateway", "gateway-remove-listener", "https", withCertificate),
      listenerIs("Gateway", "gateway-remove-listener", "http", { kinds: ["HTTPRoute"], attached: 1 }),
      change("Gateway", "gateway-remove-listener", [{ op: "remove", path: "/spec/listeners/1" }]),
      listenersAre("Gateway", "gateway-remove-listener", "https"),
      listenerIs("Gateway", "gateway-remove-listener", "https", withCertificate),
      isCurrent("Gateway", "gateway-remove-listener", 2),
    ],
  },
  {
    name: "GatewaySecretInvalidReferenceGrant",
    manifest: "manifests/gateway-secret-invalid-reference-grant.yaml",
    shares: secretGrants,
    checks: [listenerIs("Gateway", "secret-invalid-grant", "https", notPermitted)],
  },
  {
    name: "GatewaySecretMissingReferenceGrant",
    manifest: "manifests/gateway-secret-missing-reference-grant.yaml",
    shares: secretGrants,
    checks: [listenerIs("Gateway", "secret-missing-grant", "https", notPermitted)],
  },
  {
    name: "GatewaySecretReferenceGrantAllInNamespace",
    manifest: "manifests/gateway-secret-reference-grant-all-in-namespace.yaml",
    shares: secretGrants,
    checks: [listenerIs("Gateway", "secret-grant-for-all", "https", programmed)],
  },
  {
    name: "GatewaySecretReferenceGrantSpecific",
    manifest: "manifests/gateway-secret-reference-grant-specific.yaml",
    shares: secretGrants,
    checks: [listenerIs("Gateway", "secret-grant-for-one", "https", programmed)],
  },
  {
    name: "GatewayWithAttachedRoutes",
    manifest: "upstream/tests/gateway-with-attached-routes.yaml",
    checks: [
      listenerIs("Gateway", "gateway-with-one-attached-route", "http", { attached: 1, kinds: ["HTTPRoute"] }),
      listenerIs("Gateway", "gateway-with-two-attached-routes", "http", {
        attached: 2,
        kinds: ["HTTPRoute"],
      }),
      routeAt(
        "HTTPRoute",
        "http-route-not-accepted",
        "gateway-with-two-attached-routes",
        "Accepted False NoMatchingListenerHostname",
      ),
      listenerIs("Gateway", "unresolved-gateway-with-one-attached-unresolved-route", "tls", {
        conditions: ["Programmed False", "ResolvedRefs False"],
        kinds: ["HTTPRoute"],
        attached: 1,
      }),
    ],
  },
  {
    name: "GatewayWithAttachedRoutesWithPort8080",
    manifest: "manifests/gateway-with-attached-routes-with-port-8080.yaml",
    checks: [
      routeAccepted("HTTPRoute", "attached-to-one-port", "attached-routes-with-port-8080#attached"),
      listenerIs("Gateway", "attached-routes-with-port-8080", "attached", { attached: 1 }),
      listenerIs("Gateway", "attached-routes-with-port-8080", "unattached", { attached: 0 }),
    ],
  },
  {
    name: "GatewayInfrastructure",
    manifest: "manifests/gateway-infrastructure.yaml",
    checks: [gatewayReady("gateway-infrastructure"), propagated("gateway-infrastructure")],
  },
];
