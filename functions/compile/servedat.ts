import type { ClusterFacts } from "../model/cluster.ts";
import type { RootKey } from "../model/ids.ts";
import type { Output } from "../model/lattice.ts";
import type { Gateway } from "../model/objects.ts";
import { parseRoot, rootKey, type ServiceRoot } from "../model/roots.ts";
import { gatewayKey, isOfFormerProfile, ownServices, serviceAt, serviceOf, type Ask } from "./ask.ts";
import { notAccepted } from "./gatewayrefusal.ts";
import { canBe, isFound, isMissing, lackAtRoutes, networkName, networkOf } from "./networks.ts";
import type { View } from "./view.ts";

/** Why no service serves a route at a Gateway. */
export interface Unserved {
  readonly refused: string;
  /** What that is for the route: for a person to mend (`Invalid`), unless it is said otherwise. */
  readonly reason?: "Pending" | "Failed" | undefined;
  /** What served the route before stays: nothing can take its place now. */
  readonly keeps?: true | undefined;
}

/** Which service of class `amazon-vpc-lattice` serves a route at one of its Gateways, or why none does. */
export async function servedAt(
  view: View,
  facts: ClusterFacts,
  ask: Ask,
  { gateway, listeners }: Ask["at"][number],
): Promise<RootKey | Unserved> {
  const { registration } = facts;
  const { namespace, name } = gateway.metadata;
  if (registration.profile === "incumbent") return rootKey(serviceOf(registration.cluster, ask, true));
  const own = serviceOf(registration.cluster, ask, false);
  const refused = notAccepted(gateway);
  if (ask.hostname === "") {
    const isOut =
      refused !== undefined && !(await isIn(view, own, await networkOf(view, registration, gateway)));
    return isOut ? { refused, keeps: true } : rootKey(own);
  }
  if (listeners.length === 0)
    return {
      refused: `no listener of Gateway ${namespace}/${name} that takes the route is for hostname ${ask.hostname}, the one of its service`,
    };
  const network = await networkOf(view, registration, gateway);
  const holder = isFound(network)
    ? await view.holder({
        account: registration.account,
        region: registration.region,
        network: network.id,
        hostname: ask.hostname,
      })
    : undefined;
  if (holder === undefined || isOfFormerProfile(registration.cluster, holder.root))
    return refused === undefined ? rootKey(await ownAt(view, own, gateway)) : { refused, keeps: true };
  const root = parseRoot(holder.root);
  const isFor = (one: Gateway): boolean => holder.gateway === gatewayKey(registration.cluster, one);
  // Gateways of one network cannot be told apart in Lattice: what serves the route at one of them serves it at all.
  const isIts =
    isFor(gateway) ||
    ask.at.some(
      (one) => isFor(one.gateway) && listeners.every(({ listener }) => hasPort(one, listener.port)),
    ) ||
    ownServices(registration.cluster, ask, gateway).includes(holder.root) ||
    // It sees the routes at all Gateways of its networks, and takes the route in or says why not.
    view.own.services.includes(holder.root);
  if (root.kind !== "service" || !isIts)
    return {
      refused: `hostname ${ask.hostname} is served on service network ${networkName(registration, gateway)} for Gateway ${holder.gateway} already; attach the route to that Gateway, or give it another hostname`,
    };
  return rootKey((await declines(view, root, gateway)) ? await ownAt(view, own, gateway) : root);
}

const hasPort = ({ listeners }: Ask["at"][number], port: number): boolean =>
  listeners.some(({ listener }) => listener.port === port);

/** What keeps a Gateway's network from being used; undefined when it is there. */
export async function lackAt(
  view: View,
  { registration }: ClusterFacts,
  gateway: Gateway,
): Promise<Unserved | undefined> {
  const network = await networkOf(view, registration, gateway);
  if (isFound(network)) return undefined;
  const name = networkName(registration, gateway);
  const refused = lackAtRoutes(registration, gateway, network);
  const keeps = isMissing(network) ? undefined : true;
  if (!canBe(name, network)) return { refused, keeps };
  const isFailed = network?.kind === "service-network" && network.state === "failed";
  return { refused, reason: isFailed ? "Failed" : "Pending", keeps };
}

/** Whether a service is in a network. */
async function isIn(view: View, service: ServiceRoot, network: Output | undefined): Promise<boolean> {
  const output = await view.output(rootKey(service));
  return isFound(network) && output?.kind === "service" && output.at?.networks.includes(network.id) === true;
}

/** The service named after a route that is to serve it on a Gateway: where the plain one is for other Gateways, one for this alone. */
const ownAt = async (view: View, plain: ServiceRoot, gateway: Gateway): Promise<ServiceRoot> =>
  (await declines(view, plain, gateway)) ? serviceAt(plain, gateway) : plain;

/** Whether a service says that it is not for a Gateway. */
async function declines(view: View, root: ServiceRoot, gateway: Gateway): Promise<boolean> {
  const output = await view.output(rootKey(root));
  return output?.kind === "service" && output.declines?.includes(gatewayKey(root.cluster, gateway)) === true;
}
