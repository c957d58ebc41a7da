import type { ServiceRoot } from "../model/roots.ts";
import { waitToKnow, type Compiled } from "./compiled.ts";
import { compileGatewayService } from "./gatewayservice.ts";
import { compileRouteService } from "./routeservice.ts";
import type { View } from "./view.ts";

/** A Lattice service, for as long as a route or a Gateway reads its output. */
export async function compileService(root: ServiceRoot, view: View): Promise<Compiled> {
  if (!view.own.wanted) return { want: { is: "absent" }, reports: [] };
  const facts = await view.cluster(root.cluster);
  if (facts === undefined) return waitToKnow(`cluster ${root.cluster} is not registered`);
  return root.of === "Gateway"
    ? compileGatewayService(root, view, facts)
    : compileRouteService(root, view, facts);
}
