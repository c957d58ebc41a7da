import type { ClusterFacts } from "../model/cluster.ts";
import type { Gateway } from "../model/objects.ts";
import type { Route } from "../model/routes.ts";
import { rootKey, type ServiceRoot } from "../model/roots.ts";
import type { AttachedListener } from "./attachment.ts";
import { classLack, classOf } from "./class.ts";
import { gatewayKey, mistakeIn } from "./ask.ts";
import { waitToBeMended, waitToKnow, type Claim, type Compiled } from "./compiled.ts";
import { fit, tierOf } from "./hostname.ts";
import { refusalOf } from "./gatewayrefusal.ts";
import { judge } from "./judge.ts";
import { carries, isOf, listenersOf, type GatewayListener } from "./listeners.ts";
import { gatewayServiceName } from "./names.ts";
import { isFound, networkOf, waitForNetworks } from "./networks.ts";
import { parentsOf } from "./parents.ts";
import { routesAt } from "./routesat.ts";
import type { Attached } from "./rules.ts";
import { latticeProtocol, routeText, serve, type ServedPort } from "./serving.ts";
import { gatewayServiceTags } from "./tags.ts";
import type { View } from "./view.ts";

/**
 * A service of class `espalier`: a Gateway at one hostname, or, without one, at the name that Lattice gives it, which is the
 * Gateway's address. All routes of the Gateway that have this hostname are in it.
 */
export async function compileGatewayService(
  root: ServiceRoot,
  view: View,
  facts: ClusterFacts,
): Promise<Compiled> {
  const { cluster, namespace, name } = root;
  const seen = await view.object({ cluster, kind: "Gateway", namespace, name });
  if (seen.is === "unknown") return waitToKnow(`Gateway ${namespace}/${name} is not known yet`);
  if (seen.is === "missing") return { want: { is: "absent" }, reports: [] };
  const gateway = seen.object;
  const its = await classOf(view, cluster, gateway);
  if (its === "unknown" || (its === "missing" && view.own.exists)) return waitToKnow(classLack(gateway, its));
  if (its !== "espalier") return { want: { is: "absent" }, reports: [] };
  const refusal = refusalOf(gateway);
  if (refusal !== undefined) return waitToBeMended(refusal.message);
  const claim = await claimOf(view, root, facts, gateway);
  if ("why" in claim) return waitToBeMended(claim.why);
  if (claim.claims === undefined) return waitForNetworks(view, facts.registration, [gateway]);
  const { all } = await listenersOf(view, cluster, gateway);
  const attached = await attachedTo(view, root, gateway);
  if ("unknown" in attached) return waitToKnow(...attached.unknown);
  const ports = portsOf(root.hostname, all, attached.routes);
  const asking = attached.routes.filter(({ listeners }) => hostnamesOf(listeners).includes(root.hostname));
  if (asking.length === 0 && root.hostname !== "")
    return waitToKnow(`no route of Gateway ${namespace}/${name} has hostname ${root.hostname} any more`);
  const isPart = (route: Route): boolean =>
    asking.some((one) => one.route === route) ||
    ports.some((port) => port.attached.some((one) => one.route === route));
  return serve(view, {
    root,
    registration: facts.registration,
    name: gatewayServiceName(root),
    customDomainName: root.hostname === "" ? undefined : root.hostname,
    tags: gatewayServiceTags(root, facts.registration, view.installation),
    gateways: [gateway],
    asking: asking.map((one) => one.route),
    ports,
    claims: claim.claims,
    mistakes: attached.routes.flatMap(({ route, mistake }) =>
      mistake !== undefined && isPart(route) ? [{ route, mistake }] : [],
    ),
    lenient: false,
  });
}

/** The claim on the hostname, if it has one; undefined while its network is not there, or why it cannot be had. */
async function claimOf(
  view: View,
  root: ServiceRoot,
  { registration }: ClusterFacts,
  gateway: Gateway,
): Promise<{ readonly claims: readonly Claim[] | undefined } | { readonly why: string }> {
  if (root.hostname === "") return { claims: [] };
  const { account, region } = registration;
  const network = await networkOf(view, registration, gateway);
  if (!isFound(network)) return { claims: undefined };
  const on = { account, region, network: network.id, hostname: root.hostname };
  const holder = await view.holder(on);
  if (holder !== undefined && holder.root !== rootKey(root))
    return {
      why: `hostname ${root.hostname} is served on service network ${network.name} for Gateway ${holder.gateway} already; give the routes another hostname here, or take it out of that Gateway`,
    };
  return { claims: [{ ...on, gateway: gatewayKey(root.cluster, gateway) }] };
}

interface AttachedRoute {
  readonly route: Route;
  readonly mistake: string | undefined;
  readonly listeners: readonly AttachedListener[];
}

/** The routes that the Gateway's listeners take, with these listeners. */
async function attachedTo(
  view: View,
  { cluster }: ServiceRoot,
  gateway: Gateway,
): Promise<{ readonly routes: readonly AttachedRoute[] } | { readonly unknown: readonly string[] }> {
  const routes: AttachedRoute[] = [];
  for (const route of await routesAt(view, cluster, gateway)) {
    const { parents, unknown } = await parentsOf(view, cluster, route, false);
    const here = parents.filter((one) => one.gateway.metadata.uid === gateway.metadata.uid);
    // What is not known of another parent does not matter here.
    const waits = here.flatMap(({ attachment }) => (attachment.is === "unknown" ? [attachment.why] : []));
    if (waits.length > 0 || (here.length === 0 && unknown.length > 0))
      return { unknown: waits.length > 0 ? waits : unknown };
    const judgement = await judge(view, { cluster, route, lenient: false });
    const mistake = mistakeIn(route, judgement, "espalier");
    if (judgement.unsupported !== undefined) continue;
    if (mistake !== undefined && !view.own.serves.includes(routeText(route))) continue;
    const listeners = here.flatMap(({ attachment }) =>
      attachment.is === "accepted" ? attachment.listeners : [],
    );
    routes.push({ route, mistake, listeners });
  }
  return { routes };
}

/**
 * The listeners that serve a hostname: on each port the one whose hostname fits best, and it alone, whatever its routes are
 * (gateway-api spec, listener isolation). Of its routes those whose own hostnames fit better go first.
 */
function portsOf(
  hostname: string,
  all: readonly GatewayListener[],
  routes: readonly AttachedRoute[],
): readonly ServedPort[] {
  const best = new Map<number, GatewayListener>();
  for (const one of all) {
    const its = fitOf(one, hostname);
    if (!carries(one) || its === undefined) continue;
    const other = best.get(one.listener.port);
    if (other === undefined || its < (fitOf(other, hostname) ?? Number.POSITIVE_INFINITY))
      best.set(one.listener.port, one);
  }
  return [...best.values()]
    .flatMap((one): readonly ServedPort[] => {
      const attached = routes.flatMap(({ route, listeners }): readonly Attached[] => {
        const here = listeners.some(
          (each) => each.listener.name === one.listener.name && isOf(each, one.owner),
        );
        const tier = tierOf(route, hostname);
        return here && tier !== undefined ? [{ route, tier }] : [];
      });
      if (attached.length === 0) return [];
      const { port } = one.listener;
      return [{ port, protocol: latticeProtocol(one.listener), listeners: [one.listener], attached }];
    })
    .toSorted((a, b) => a.port - b.port);
}

const fitOf = ({ listener }: GatewayListener, hostname: string): number | undefined =>
  fit(listener.hostname?.toLowerCase() ?? "", hostname);

/** The exact hostnames under which a route is served by its Gateway, "" among them for the Gateway's address. */
export const hostnamesOf = (listeners: readonly AttachedListener[]): readonly string[] => [
  ...new Set(listeners.filter(carries).flatMap((one) => one.hostnames)),
];
