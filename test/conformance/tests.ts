import type { ConformanceTest } from "./conformancetest.ts";
import { gatewayTests } from "./groups/gateway.ts";
import { grpcRouteTests } from "./groups/grpcroute.ts";
import { httpRouteTests } from "./groups/httproute.ts";
import { listenerSetTests } from "./groups/listenerset.ts";
import { tlsRouteTests } from "./groups/tlsroute.ts";

/** Every test of the suite that is run here. */
export const allTests: readonly ConformanceTest[] = [
  ...httpRouteTests,
  ...gatewayTests,
  ...grpcRouteTests,
  ...tlsRouteTests,
  ...listenerSetTests,
];
