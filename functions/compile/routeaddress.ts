import type { ClusterFacts } from "../model/cluster.ts";
import type { Output, ServiceOutput } from "../model/lattice.ts";
import type { Gateway } from "../model/objects.ts";
import type { Route } from "../model/routes.ts";
import type { Report } from "../model/verdict.ts";
import { judgeEach } from "./judge.ts";
import { isFound, isMissing } from "./networks.ts";
import { parentsOf } from "./parents.ts";
import { askKeeping } from "./routeask.ts";
import { routesAt } from "./routesat.ts";
import { isComing, servicesFor } from "./routeservices.ts";
import { acceptance } from "./routeverdicts.ts";
import { routeText } from "./serving.ts";
import type { View } from "./view.ts";

/**
 * The addresses of a Gateway of class `amazon-vpc-lattice`, which has no service of its own: the name of the oldest route's service, as
 * the in-cluster controller publishes that of one route. Only what is in the Gateway's own network answers there. Undefined while such
 * a service is on its way, or the network is not known yet: what was published before stays.
 */
export async function routeAddresses(
  view: View,
  facts: ClusterFacts,
  gateway: Gateway,
  network: Output | undefined,
): Promise<Report["addresses"]> {
  if (isMissing(network)) return [];
  if (!isFound(network)) return undefined;
  const { cluster, profile } = facts.registration;
  const incumbent = profile === "incumbent";
  let coming = false;
  for (const route of await routesAt(view, cluster, gateway)) {
    const { parents, unknown, lost } = await parentsOf(view, cluster, route, incumbent);
    const own = parents.filter((one) => one.class === "amazon-vpc-lattice");
    const ask = await askKeeping(view, facts.registration, route, own);
    // A service that stands alone is not reached by the Gateway's network.
    if ("standalone" in ask && ask.standalone) continue;
    const judgements = await judgeEach(view, cluster, route, incumbent);
    const here = acceptance(route, own, judgements, ask).filter(
      ({ parent }) => parent.gateway.metadata.uid === gateway.metadata.uid,
    );
    const served = await servicesFor(view, facts, route, here, ask);
    const stays = here.some((one) => one.stays === true) ? await stillServing(view, route) : [];
    const at = [...served.map((one) => one.output), ...stays]
      .map((output) => output?.at)
      .find((one) => one?.networks.includes(network.id));
    if (at !== undefined) return [{ type: "Hostname", value: at.dnsName }];
    coming ||= unknown.length > 0 || lost.length > 0 || served.some((one) => isComing(route, one));
  }
  return coming ? undefined : [];
}

/** What serves a route still that has a mistake in its annotations, of the services that the Gateway has shown before. */
async function stillServing(view: View, route: Route): Promise<readonly ServiceOutput[]> {
  const outputs = await Promise.all(view.own.services.map((service) => view.output(service)));
  return outputs.filter((one) => one?.kind === "service").filter(({ serves }) => routeText(route) in serves);
}
