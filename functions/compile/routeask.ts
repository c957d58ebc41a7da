import type { Registration } from "../model/cluster.ts";
import type { Route } from "../model/routes.ts";
import { askOf, ownServices, type Ask, type NoAsk } from "./ask.ts";
import { isFound, networkOf } from "./networks.ts";
import type { Parent } from "./parents.ts";
import type { View } from "./view.ts";

/**
 * What a route asks of class `amazon-vpc-lattice`, where it is known what it has. A hostname that its service has is kept while a
 * listener takes it: somebody who adds a listener to a Gateway must not give the route another address. Who has a hostname is
 * read from the claims, so that all who look at the route come to the same answer.
 */
export async function askKeeping(
  view: View,
  registration: Registration,
  route: Route,
  parents: readonly Parent[],
): Promise<Ask | NoAsk> {
  const incumbent = registration.profile === "incumbent";
  const first = askOf(route, parents, incumbent);
  if (incumbent || "why" in first || first.standalone || first.others.length === 0) return first;
  for (const hostname of [first.hostname, ...first.others])
    if (await has(view, registration, { ...first, hostname })) return askOf(route, parents, false, hostname);
  return first;
}

/** Whether the service that is named after a route has the hostname on the network of one of its Gateways. */
async function has(view: View, registration: Registration, ask: Ask): Promise<boolean> {
  const { account, region, cluster } = registration;
  for (const { gateway } of ask.at) {
    const network = await networkOf(view, registration, gateway);
    if (!isFound(network)) continue;
    const holder = await view.holder({ account, region, network: network.id, hostname: ask.hostname });
    if (holder !== undefined && ownServices(cluster, ask, gateway).includes(holder.root)) return true;
  }
  return false;
}
