import type { ClusterFacts } from "../model/cluster.ts";
import type { Output } from "../model/lattice.ts";
import type { Gateway } from "../model/objects.ts";
import type { Report } from "../model/verdict.ts";
import { judgeEach } from "./judge.ts";
import { isFound, isMissing } from "./networks.ts";
import { parentsOf } from "./parents.ts";
import { askKeeping } from "./routeask.ts";
import { routesAt } from "./routesat.ts";
import { isComing, keepDespiteMistake, madeBefore, servicesFor } from "./routeservices.ts";
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
    const here = acceptance(route, own, judgements, ask, incumbent).filter(
      ({ parent }) => parent.gateway.metadata.uid === gateway.metadata.uid,
    );
    const served = await servicesFor(view, facts, route, here, ask);
    const despite = await keepDespiteMistake(view, here, incumbent ? madeBefore(cluster, ask) : undefined);
    const still = despite.kept.filter(
      ({ output }) => output !== undefined && routeText(route) in output.serves,
    );
    const at = [...served, ...still]
      .map((one) => one.output)
      .map((output) => output?.at)
      .find((one) => one?.networks.includes(network.id));
    if (at !== undefined) return [{ type: "Hostname", value: at.dnsName }];
    coming ||= unknown.length > 0 || lost.length > 0 || despite.sought.length > 0;
    coming ||= served.some((one) => isComing(route, one));
  }
  return coming ? undefined : [];
}
