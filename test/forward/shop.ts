import { clusterScoped, endpointSlice, gateway, service } from "../bus/raw.ts";

import { World } from "./world.ts";

export const front = gateway("front");
const namespace = { metadata: clusterScoped("shop") };
const gatewayClass = {
  metadata: clusterScoped("amazon-vpc-lattice"),
  spec: { controllerName: "application-networking.k8s.aws/gateway-api-controller" },
};

/** A world whose cluster has a Gateway with all that it names, and a Service that nothing names. */
export function shop(settings = {}): World {
  const world = new World(settings);
  world.cluster.put("GatewayClass", gatewayClass);
  world.cluster.put("Namespace", namespace);
  world.cluster.put("Gateway", front);
  world.cluster.put("Service", service("cart"));
  world.cluster.put("EndpointSlice", endpointSlice("cart-1", "cart"));
  return world;
}
