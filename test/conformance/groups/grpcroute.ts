import { gatewayReady, routeAccepted } from "../checks.ts";
import type { ConformanceTest } from "../conformancetest.ts";
import { calls, splitsCalls } from "../grpc.ts";

const v1 = { backend: "grpc-infra-backend-v1" };
const v2 = { backend: "grpc-infra-backend-v2" };
const note = "over HTTPS: no listener of Lattice speaks HTTP/2 without TLS";
const ready = (name: string) => [gatewayReady(name), routeAccepted("GRPCRoute", name, name)];

/** Tests of the group GRPCRoute. */
export const grpcRouteTests: readonly ConformanceTest[] = [
  {
    name: "GRPCExactMethodMatching",
    manifest: "manifests/grpcroute-exact-method-matching.yaml",
    note,
    checks: [
      ...ready("grpc-exact-method"),
      calls(
        "grpc-exact-method",
        { method: "Echo", ...v1 },
        { method: "EchoTwo", ...v2 },
        { method: "EchoThree" },
      ),
    ],
  },
  {
    name: "GRPCRouteHeaderMatching",
    manifest: "manifests/grpcroute-header-matching.yaml",
    note,
    checks: [
      ...ready("grpc-headers"),
      calls(
        "grpc-headers",
        { metadata: { version: "one" }, ...v1 },
        { metadata: { version: "two" }, ...v2 },
        { metadata: { version: "two", color: "orange" }, ...v1 },
        { metadata: { version: "two", color: "blue" }, ...v2 },
        { metadata: { color: "orange" } },
        { metadata: { "some-other-header": "one" } },
        { metadata: { color: "blue" }, ...v1 },
        { metadata: { color: "green" }, ...v1 },
        { metadata: { color: "red" }, ...v2 },
        { metadata: { color: "yellow" }, ...v2 },
        { metadata: { color: "purple" } },
      ),
    ],
  },
  {
    name: "GRPCRouteWeight",
    manifest: "manifests/grpcroute-weight.yaml",
    note,
    checks: [
      ...ready("grpc-weight"),
      calls("grpc-weight", { backend: "grpc-infra-backend-v" }),
      splitsCalls("grpc-weight", {
        path: "/",
        requests: 500,
        concurrency: 10,
        tolerance: 0.05,
        retries: 10,
        weights: { "grpc-infra-backend-v1": 0.7, "grpc-infra-backend-v2": 0.3, "grpc-infra-backend-v3": 0 },
      }),
    ],
  },
  {
    name: "GRPCRouteNamedRule",
    manifest: "manifests/grpcroute-named-rule.yaml",
    note,
    checks: [
      ...ready("grpc-named-rule"),
      calls("grpc-named-rule", { method: "Echo", ...v1 }, { method: "EchoTwo", ...v2 }),
    ],
  },
];
