import type { ClusterFacts, Registration } from "../model/cluster.ts";
import type { ClusterName, RootKey } from "../model/ids.ts";
import type { ServiceOutput } from "../model/lattice.ts";
import type { Gateway } from "../model/objects.ts";
import type { Route } from "../model/routes.ts";
import { parseRoot, rootKey, type ServiceRoot } from "../model/roots.ts";
import { serviceAt, serviceOf, type Ask, type NoAsk } from "./ask.ts";
import { notAccepted } from "./gatewayrefusal.ts";
import { isWildcard } from "./hostname.ts";
import { hostnamesOf } from "./gatewayservice.ts";
import { networkOf } from "./networks.ts";
import type { Parent } from "./parents.ts";
import type { Acceptance } from "./routeverdicts.ts";
import { routeText } from "./serving.ts";
import type { View } from "./view.ts";

/** A service that serves a route for some of its parents, and what it says of itself. */
export interface Served {
  readonly parents: readonly Parent[];
  readonly service?: RootKey | undefined;
  readonly output?: ServiceOutput | undefined;
  /** Why no service serves these parents. */
  readonly refused?: string | undefined;
}

/** The services that a route counts on. Looking at their outputs makes them wanted. */
export async function servicesFor(
  view: View,
  facts: ClusterFacts,
  route: Route,
  accepted: readonly Acceptance[],
  ask: Ask | NoAsk,
): Promise<readonly Served[]> {
  const taken = accepted.flatMap((one) =>
    one.refused === undefined || one.keepsPlace === true ? [one.parent] : [],
  );
  const served: Served[] = [];
  const own = taken.filter((one) => one.class === "amazon-vpc-lattice");
  if (own.length > 0 && !("why" in ask)) served.push(...(await ofRoute(view, facts, own, ask)));
  for (const parent of taken) {
    if (parent.class !== "espalier" || parent.attachment.is !== "accepted") continue;
    const { namespace, name } = parent.gateway.metadata;
    const hostnames = hostnamesOf(parent.attachment.listeners).filter((one) => !isWildcard(one));
    if (hostnames.length === 0)
      served.push({
        parents: [parent],
        refused: "every listener that takes it is in conflict or not supported",
      });
    for (const hostname of hostnames) {
      const cluster = facts.registration.cluster;
      const root: ServiceRoot = { kind: "service", cluster, of: "Gateway", namespace, name, hostname };
      served.push(await look(view, [parent], rootKey(root)));
    }
  }
  return served;
}

async function look(view: View, parents: readonly Parent[], service: RootKey): Promise<Served> {
  const output = await view.output(service);
  return output?.kind === "service" ? { parents, service, output } : { parents, service };
}

/** In class `amazon-vpc-lattice` a hostname on a Gateway may be served already: by the service of another route, which is joined. */
async function ofRoute(
  view: View,
  facts: ClusterFacts,
  parents: readonly Parent[],
  ask: Ask,
): Promise<readonly Served[]> {
  const { cluster, profile } = facts.registration;
  const incumbent = profile === "incumbent";
  const own = serviceOf(cluster, ask, incumbent);
  if (ask.at.every((one) => one.listeners.length === 0))
    return [{ parents, refused: "every listener that takes it is in conflict or not supported" }];
  if (incumbent || ask.standalone) return [await look(view, parents, rootKey(own))];
  if (ask.hostname === "") return ofRouteAlone(view, facts, await look(view, parents, rootKey(own)));
  const byService = new Map<RootKey, { readonly parents: Parent[] }>();
  const served: Served[] = [];
  for (const { gateway } of ask.at) {
    const its = parents.filter((one) => one.gateway.metadata.uid === gateway.metadata.uid);
    const holder = await holderOf(view, facts, gateway, ask.hostname);
    if (typeof holder === "string") {
      served.push({ parents: its, refused: holder });
      continue;
    }
    const refused = notAccepted(gateway);
    if (refused !== undefined && holder === undefined) {
      served.push({ parents: its, refused });
      continue;
    }
    const stays = holder !== undefined && !(await declines(view, holder, gateway));
    const key = rootKey(stays ? holder : await ownAt(view, own, gateway));
    const entry = byService.get(key) ?? { parents: [] };
    entry.parents.push(...its);
    byService.set(key, entry);
  }
  for (const [key, { parents: its }] of byService) served.push(await look(view, its, key));
  return served;
}

/** A service without a hostname is in the networks of all Gateways of its route; a refused one takes none that is not there already. */
async function ofRouteAlone(
  view: View,
  { registration }: ClusterFacts,
  one: Served,
): Promise<readonly Served[]> {
  const taken: Parent[] = [];
  const served: Served[] = [];
  for (const parent of one.parents) {
    const refused = notAccepted(parent.gateway);
    if (refused === undefined || (await isIn(view, registration, one, parent.gateway))) taken.push(parent);
    else served.push({ parents: [parent], refused });
  }
  return [...(taken.length > 0 ? [{ ...one, parents: taken }] : []), ...served];
}

/** Whether a service is in a Gateway's network. */
async function isIn(
  view: View,
  registration: Registration,
  { output }: Served,
  gateway: Gateway,
): Promise<boolean> {
  const network = await networkOf(view, registration, gateway);
  return (
    network?.kind === "service-network" &&
    network.state === "found" &&
    output?.at?.networks.includes(network.id) === true
  );
}

/** The service named after a route that is to serve it on a Gateway: where the plain one is for other Gateways, one for this alone. */
const ownAt = async (view: View, plain: ServiceRoot, gateway: Gateway): Promise<ServiceRoot> =>
  (await declines(view, plain, gateway)) ? serviceAt(plain, gateway) : plain;

/** Whether a service says that it is not for a Gateway. */
async function declines(view: View, root: ServiceRoot, gateway: Gateway): Promise<boolean> {
  const { namespace, name } = gateway.metadata;
  const output = await view.output(rootKey(root));
  return (
    output?.kind === "service" && output.declines?.includes(`${root.cluster}/${namespace}/${name}`) === true
  );
}

/** The service that has a hostname on a Gateway's network; a text when it is not for this Gateway. */
async function holderOf(
  view: View,
  { registration }: ClusterFacts,
  gateway: Gateway,
  hostname: string,
): Promise<ServiceRoot | string | undefined> {
  const network = await networkOf(view, registration, gateway);
  if (network?.kind !== "service-network" || network.state !== "found") return undefined;
  const { account, region } = registration;
  const on = { account, region, network: network.id, hostname };
  const holder = await view.holder(on);
  if (holder === undefined) return undefined;
  const { namespace, name } = gateway.metadata;
  const root = parseRoot(holder.root);
  if (holder.gateway === `${registration.cluster}/${namespace}/${name}` && root.kind === "service")
    return root;
  return `hostname ${hostname} is served on service network ${network.name} for Gateway ${holder.gateway} already; attach the route to that Gateway, or give it another hostname`;
}

/** Whether a service says that it serves the route as it is now. */
export const isServing = (route: Route, { output }: Served): boolean =>
  output?.standing.is === "programmed" && output.serves[routeText(route)] === route.metadata.generation;

/** Whether time will let a service serve the route as it is now. */
export const isComing = (route: Route, one: Served): boolean =>
  one.service !== undefined &&
  !isServing(route, one) &&
  (one.output === undefined ||
    one.output.standing.is === "pending" ||
    (one.output.standing.is === "programmed" && one.output.refuses[routeText(route)] === undefined));

/**
 * What served the route before stays while something that is to serve it now is on its way: nobody is left without an answer.
 * Answers what stays.
 */
export async function keepUntilServed(
  view: View,
  route: Route,
  served: readonly Served[],
): Promise<readonly RootKey[]> {
  if (!served.some((one) => isComing(route, one))) return [];
  const wanted = new Set(served.flatMap((one) => one.service ?? []));
  const kept = view.own.services.filter((before) => !wanted.has(before));
  for (const before of kept) await view.output(before);
  return kept;
}

/**
 * What served a route before a mistake in its annotations stays wanted, for the parents that refuse it for that; and so does a service
 * that was `made` of it before its cluster moved over, if there is one.
 */
export async function keepDespiteMistake(
  view: View,
  accepted: readonly Acceptance[],
  made: RootKey | undefined,
): Promise<readonly Served[]> {
  const parents = accepted.filter(({ stays }) => stays === true).map((one) => one.parent);
  if (parents.length === 0) return [];
  const services = new Set([...view.own.services, ...(made === undefined ? [] : [made])]);
  const looked = await Promise.all([...services].map((service) => look(view, parents, service)));
  return looked.filter(({ service, output }) => service !== made || output?.at !== undefined);
}

/** The service that the in-cluster controller may have made of a route. */
export const madeBefore = (cluster: ClusterName, ask: Ask | NoAsk): RootKey | undefined =>
  "why" in ask ? undefined : rootKey(serviceOf(cluster, ask, true));
