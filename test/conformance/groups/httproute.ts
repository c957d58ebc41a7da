import { gatewayReady, listenerIs, parentsAre, routeAccepted, routeAt } from "../checks.ts";
import type { ConformanceTest } from "../conformancetest.ts";
import { answers } from "../traffic.ts";
import { fromUpstream } from "../upstream.ts";
import { httpRouteBackendTests } from "./httproutebackends.ts";
import { httpRouteParentTests } from "./httprouteparents.ts";

const v1 = { backend: "infra-backend-v1" };
const v2 = { backend: "infra-backend-v2" };
const v3 = { backend: "infra-backend-v3" };
const one = { headers: { version: "one" } };
const two = { headers: { version: "two" } };
const atSame = (route: string) => routeAccepted("HTTPRoute", route, "same-namespace");

/** Tests of what a request is matched by. */
const matchingTests: readonly ConformanceTest[] = [
  fromUpstream("HTTPRouteSimpleSameNamespace", atSame("gateway-conformance-infra-test")),
  fromUpstream(
    "HTTPRouteCrossNamespace",
    routeAccepted("HTTPRoute", "gateway-conformance-web-backend/cross-namespace", "backend-namespaces"),
  ),
  fromUpstream("HTTPRouteExactPathMatching", atSame("exact-matching")),
  fromUpstream("HTTPRouteHeaderMatching", atSame("header-matching")),
  fromUpstream("HTTPRouteMatching", atSame("matching")),
  fromUpstream("HTTPRouteWeight", atSame("weighted-backends")),
  {
    name: "HTTPRouteMatchingAcrossRoutes",
    manifest: "manifests/httproute-matching-across-routes.yaml",
    checks: [
      atSame("across-routes-part-1"),
      atSame("across-routes-part-2"),
      answers(
        "same-namespace",
        { host: "example.com", ...v1 },
        { host: "example.com", path: "/example", ...v1 },
        { host: "example.net", path: "/example", ...v1 },
        { host: "example.com", path: "/example", ...one, ...v1 },
        { host: "example.com", path: "/v2", ...v2 },
        { host: "example.net", path: "/v2", ...v1 },
        { host: "example.com", path: "/v2/example", ...v2 },
        { host: "example.com", ...two, ...v2 },
      ),
    ],
  },
  {
    name: "HTTPRoutePathMatchOrder",
    manifest: "manifests/httproute-path-match-order.yaml",
    checks: [
      atSame("path-match-order"),
      answers(
        "same-namespace",
        { path: "/match/exact/one", ...v2 },
        { path: "/match/exact", ...v3 },
        { path: "/match", ...v1 },
        { path: "/match/prefix/one/any", ...v3 },
        { path: "/match/prefix/any", ...v2 },
        { path: "/match/any", ...v1 },
      ),
    ],
  },
  {
    name: "HTTPRouteMethodMatching",
    manifest: "manifests/httproute-method-matching.yaml",
    quotas: ["rules-per-listener=20"],
    checks: [
      atSame("method-matching"),
      answers(
        "same-namespace",
        { method: "POST", ...v1 },
        { method: "GET", ...v2 },
        { method: "HEAD", status: 404 },
        { method: "GET", path: "/path1", ...v1 },
        { method: "PUT", ...one, ...v2 },
        { method: "POST", path: "/path2", ...two, ...v3 },
        { method: "PATCH", path: "/path3", ...v1 },
        { method: "DELETE", path: "/path4", headers: { version: "three" }, ...v1 },
        { method: "PUT", status: 404 },
        { method: "DELETE", path: "/path4", status: 404 },
        // Of two rules for one path the one with a method is first, then the one with a header.
        { method: "PATCH", path: "/path5", headers: { version: "four" }, ...v2 },
        { method: "DELETE", path: "/path5", headers: { version: "four" }, ...v3 },
      ),
    ],
  },
  {
    name: "HTTPRouteNamedRule",
    manifest: "manifests/httproute-named-rule.yaml",
    checks: [
      atSame("named-rules"),
      answers("same-namespace", { path: "/named", ...v1 }, { path: "/unnamed", ...v2 }),
    ],
  },
  {
    name: "HTTPRouteMultipleGateways",
    manifest: "manifests/httproute-multiple-gateways.yaml",
    checks: [
      gatewayReady("multiple-gateways-1"),
      gatewayReady("multiple-gateways-2"),
      routeAccepted("HTTPRoute", "shared-by-gateways", "multiple-gateways-1", "multiple-gateways-2"),
      answers(
        "multiple-gateways-1",
        { path: "/shared", ...v1 },
        { path: "/dedicated", ...v2 },
        { path: "/other", status: 404 },
      ),
      answers(
        "multiple-gateways-2",
        { path: "/shared", ...v1 },
        { path: "/dedicated", ...v3 },
        { path: "/other", status: 404 },
      ),
    ],
  },
  {
    name: "HTTPRouteListenerPortMatching",
    manifest: "manifests/httproute-listener-port-matching.yaml",
    quotas: ["listeners-per-service=3"],
    checks: [
      gatewayReady("listener-ports"),
      ...[80, 8080, 8090].map((port) =>
        routeAccepted("HTTPRoute", `at-port-${port}`, `listener-ports:${port}`),
      ),
      answers(
        "listener-ports",
        { host: "foo.com", port: 80, ...v1 },
        { host: "foo.com", port: 8080, ...v2 },
        { host: "foo.com", port: 8090, ...v3 },
        { host: "foo.com", port: 8080, path: "/any", ...v2 },
        { host: "bar.com", port: 8090, status: 404 },
      ),
    ],
  },
  {
    name: "HTTPRouteDisallowedKind",
    manifest: "manifests/httproute-disallowed-kind.yaml",
    checks: [
      gatewayReady("only-tls-routes"),
      routeAt(
        "HTTPRoute",
        "disallowed-kind",
        "only-tls-routes",
        "Accepted False NotAllowedByListeners",
        "ResolvedRefs True ResolvedRefs",
      ),
      parentsAre("HTTPRoute", "disallowed-kind", 1),
      listenerIs("Gateway", "only-tls-routes", "tls", { kinds: ["TLSRoute"], attached: 0 }),
    ],
  },
];

/** Tests of the group HTTPRoute. */
export const httpRouteTests: readonly ConformanceTest[] = [
  ...matchingTests,
  ...httpRouteBackendTests,
  ...httpRouteParentTests,
];
