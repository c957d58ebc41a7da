import type { Root } from "../model/roots.ts";
import type { Compiled } from "./compiled.ts";
import { compileGatewayClass } from "./gatewayclass.ts";
import { compileGateway } from "./gateway.ts";
import { compileListenerSet } from "./listenerset.ts";
import { compileRoute } from "./route.ts";
import { compileService } from "./service.ts";
import { compileServiceNetwork } from "./servicenetwork.ts";
import { compileTargetGroup } from "./targetgroup.ts";
import type { View } from "./view.ts";

/**
 * What Lattice should hold for one root, and what to tell the user. It looks at nothing but the view; equal views give
 * equal answers, to the byte.
 */
export function compile(root: Root, view: View): Promise<Compiled> {
  switch (root.kind) {
    case "gateway-class":
      return compileGatewayClass(root, view);
    case "gateway":
      return compileGateway(root, view);
    case "listener-set":
      return compileListenerSet(root, view);
    case "route":
      return compileRoute(root, view);
    case "service-network":
      return compileServiceNetwork(root, view);
    case "service":
      return compileService(root, view);
    case "target-group":
      return compileTargetGroup(root, view);
  }
}
