import { remove, routeAccepted, routeAt } from "../checks.ts";
import type { Wanted } from "../status.ts";
import type { ConformanceTest } from "../conformancetest.ts";
import { endpointsOf } from "../endpoints.ts";
import { answers } from "../traffic.ts";

/** Grants on Services would help each other's tests. */
const grants = ["grants of Services"];
const at = (route: string, ...wanted: readonly Wanted[]) =>
  routeAt("HTTPRoute", route, "same-namespace", "Accepted True Accepted", ...wanted);
const failing = answers("same-namespace", { status: 500 });
const app = { ns: "gateway-conformance-app-backend" };
const web = { backend: "web-backend", ns: "gateway-conformance-web-backend" };
const v1 = { backend: "infra-backend-v1" };

/** Tests of where an HTTPRoute sends requests to. */
export const httpRouteBackendTests: readonly ConformanceTest[] = [
  {
    name: "HTTPRouteServiceTypes",
    manifest: "manifests/httproute-service-types.yaml",
    checks: [
      endpointsOf("infra-backend-v1", "manual-slices", "headless-manual-slices"),
      routeAccepted("HTTPRoute", "service-types", "same-namespace"),
      answers(
        "same-namespace",
        { path: "/headless", ...v1 },
        { path: "/manual", ...v1 },
        { path: "/headless-manual", ...v1 },
      ),
    ],
  },
  {
    name: "HTTPRouteNoBackendRefs",
    manifest: "manifests/httproute-no-backend-refs.yaml",
    checks: [
      at("no-backend-refs", "ResolvedRefs True"),
      answers(
        "same-namespace",
        { path: "/omitted", status: 500 },
        { path: "/empty", status: 500 },
        { path: "/valid", ...v1 },
      ),
    ],
  },
  {
    name: "HTTPRouteInvalidNonExistentBackendRef",
    manifest: "manifests/httproute-invalid-nonexistent-backendref.yaml",
    checks: [at("nonexistent-backend", "ResolvedRefs False BackendNotFound"), failing],
  },
  {
    name: "HTTPRouteInvalidBackendRefUnknownKind",
    manifest: "manifests/httproute-invalid-backendref-unknown-kind.yaml",
    checks: [at("unknown-kind", "ResolvedRefs False InvalidKind"), failing],
  },
  {
    name: "HTTPRouteInvalidCrossNamespaceBackendRef",
    manifest: "manifests/httproute-invalid-cross-namespace-backend-ref.yaml",
    shares: grants,
    checks: [at("cross-namespace-backend", "ResolvedRefs False RefNotPermitted"), failing],
  },
  {
    name: "HTTPRouteInvalidReferenceGrant",
    manifest: "manifests/httproute-invalid-reference-grant.yaml",
    shares: grants,
    checks: [at("invalid-grants", "ResolvedRefs False RefNotPermitted"), failing],
  },
  {
    name: "HTTPRoutePartiallyInvalidViaInvalidReferenceGrant",
    manifest: "manifests/httproute-partially-invalid-via-invalid-reference-grant.yaml",
    shares: grants,
    checks: [
      at("partly-granted", "ResolvedRefs False RefNotPermitted"),
      answers(
        "same-namespace",
        { path: "/v2", status: 500 },
        { path: "/", backend: "app-backend-v1", ...app },
      ),
    ],
  },
  {
    name: "HTTPRouteReferenceGrant",
    manifest: "manifests/httproute-reference-grant.yaml",
    shares: grants,
    checks: [
      routeAccepted("HTTPRoute", "granted", "same-namespace"),
      answers("same-namespace", web),
      remove("ReferenceGrant", "gateway-conformance-web-backend/granted"),
      at("granted", "ResolvedRefs False RefNotPermitted"),
      failing,
    ],
  },
];
