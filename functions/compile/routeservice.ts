import type { ClusterFacts, Registration } from "../model/cluster.ts";
import type { Trouble } from "../model/lattice.ts";
import type { Use } from "../model/limits.ts";
import type { Gateway, Listener } from "../model/objects.ts";
import { rootKey, type ServiceRoot } from "../model/roots.ts";
import { alone, gatewayKey, isNamesake, isOfFormerProfile, nameOverride, type Ask } from "./ask.ts";
import { waitToBeMended, waitToKnow, type Claim, type Compiled } from "./compiled.ts";
import { notAccepted } from "./gatewayrefusal.ts";
import { fit, tierOf } from "./hostname.ts";
import { serviceName } from "./names.ts";
import { isFound, isMissing, lackAtRoutes, mayBeIn, networkOf, waitForNetworks } from "./networks.ts";
import { isAskedAt, placesFor, type Place, type Places } from "./placesfor.ts";
import { candidatesFor, type Candidates } from "./candidates.ts";
import { rivalryOf, waitForRivals, type Rivalry } from "./rivals.ts";
import { latticeProtocol, routeText, serve, type ServedPort } from "./serving.ts";
import { routeServiceTags } from "./tags.ts";
import { crowded } from "./usage.ts";
import type { View } from "./view.ts";

/**
 * A service of class `amazon-vpc-lattice`, for the route that it is named after and for all others of its hostname on the same
 * Gateways. It stays while any of them remains, whichever that is. A root that names a Gateway is for that one alone.
 */
export async function compileRouteService(
  root: ServiceRoot,
  view: View,
  facts: ClusterFacts,
): Promise<Compiled> {
  const candidates = await candidatesFor(root, view, facts.registration);
  if ("unknown" in candidates) return waitToKnow(...candidates.unknown);
  const { asks } = candidates;
  const own = asks.find(({ route }) => isNamesake(root, route));
  if (facts.registration.profile === "incumbent" || root.hostname === "" || root.standalone === true)
    return serveOne(root, view, facts, own);
  if (own?.standalone !== true) return serveJointly(root, view, facts, candidates, own);
  // It is in no network; routes that have joined its service keep that one.
  const others = asks.filter((ask) => ask !== own);
  if (!others.some(({ route }) => view.own.serves.includes(routeText(route))))
    return serveOne(root, view, facts, own);
  const compiled = await serveJointly(root, view, facts, { ...candidates, asks: others }, undefined);
  return { ...compiled, declines: [...(compiled.declines ?? []), alone] };
}

/** A service for the route that it is named after alone. */
async function serveOne(
  root: ServiceRoot,
  view: View,
  facts: ClusterFacts,
  own: Ask | undefined,
): Promise<Compiled> {
  if (own === undefined || (root.standalone === true && !own.standalone))
    return waitToKnow("its route is served otherwise now");
  const gateways = own.standalone ? [] : own.at.map((one) => one.gateway);
  if (facts.registration.profile === "incumbent") {
    const { mistake, route } = own;
    // Nothing is made of it; what the in-cluster controller has made is found by its name.
    if (mistake !== undefined && !view.own.exists)
      return { ...waitToBeMended(mistake), name: nameFor(root, own) };
    const rivalry = await rivalryOf(view, root, facts, own);
    const compiled = await serveAll(view, root, facts, [own], gateways, rivalry.claims, rivalry);
    const serves = { [routeText(route)]: route.metadata.generation };
    return mistake === undefined ? compiled : { ...compiled, serves };
  }
  const open = await openTo(view, facts.registration, gateways);
  if (gateways.length > 0 && open.length === 0)
    return waitToBeMended(...gateways.flatMap((one) => notAccepted(one) ?? []));
  return serveAll(view, root, facts, [own], open, []);
}

/** A service for all routes of its hostname; `namesake` is the route that it is named after, if it asks still. */
async function serveJointly(
  root: ServiceRoot,
  view: View,
  facts: ClusterFacts,
  candidates: Candidates,
  namesake: Ask | undefined,
): Promise<Compiled> {
  const claims = await claimsOf(view, root, facts, candidates);
  if (claims.waits) return waitForNetworks(view, facts.registration, candidates.gateways);
  // Somebody else serves the hostname wherever it is asked for.
  if (claims.held.length === 0) return { want: { is: "absent" }, reports: [] };
  const { places, crowd } = await placesWithRoom(view, facts, candidates.asks, claims.held, namesake);
  const { taken, joined, refuses, declines } = places;
  if (joined.length === 0) return waitToKnow("no route asks for its hostname any more");
  const compiled = await serveAll(
    view,
    root,
    facts,
    joined,
    taken.flatMap((one) => one.gateways),
    taken.map((one) => one.claim),
  );
  // What it cannot give up now it is for still.
  const isFor = (gateway: string): boolean =>
    compiled.want.is !== "model" && view.own.claims.some((one) => one.gateway === gateway);
  const others = declines.filter((gateway) => !isFor(gateway));
  return {
    ...compiled,
    refuses: { ...compiled.refuses, ...refuses },
    troubles: [...(compiled.troubles ?? []), ...crowd],
    ...(crowd.length > 0 && { waitsForRoom: true }),
    ...(others.length === 0 ? {} : { declines: others }),
  };
}

/**
 * Whom a service is for. No Gateway is given up while a quota leaves no room for the service that is to take its place there: its routes
 * would be served by nobody.
 */
async function placesWithRoom(
  view: View,
  { registration: { account, region } }: ClusterFacts,
  asks: readonly Ask[],
  held: readonly Place[],
  namesake: Ask | undefined,
): Promise<{ readonly places: Places; readonly crowd: readonly Trouble[] }> {
  const places = placesFor(asks, held, view.own, namesake);
  if (places.leaves.length === 0) return { places, crowd: [] };
  // It needs groups of its own, as many as there are now.
  const wanted: readonly (readonly [Use, number])[] = [
    [{ account, region, quota: "servicesPerRegion" }, 1],
    [{ account, region, quota: "targetGroupsPerRegion" }, Math.max(1, view.own.groups.length)],
  ];
  const full = await crowded(view, wanted, await view.quotas(account, region));
  if (full === undefined) return { places, crowd: [] };
  const staying = held.map((one): Place => (places.leaves.includes(one) ? { ...one, stays: true } : one));
  const names = places.leaves.map(({ gateway: { metadata } }) => `${metadata.namespace}/${metadata.name}`);
  const message = `its requests at Gateway ${names.join(", ")} are answered by all routes of its service still, because a service for that Gateway alone ${full}`;
  return { places: placesFor(asks, staying, view.own, namesake), crowd: [{ is: "refused", message }] };
}

/** The Gateways whose networks a service that has no hostname may be in. It stays in that of one that is not accepted any more. */
async function openTo(
  view: View,
  registration: Registration,
  gateways: readonly Gateway[],
): Promise<readonly Gateway[]> {
  const open: Gateway[] = [];
  for (const one of gateways) {
    if (notAccepted(one) === undefined || (await mayBeIn(view, registration, one))) open.push(one);
  }
  return open;
}

/** The networks on which nobody else serves the hostname, with the claim on each. Nothing new comes into that of a refused Gateway. */
async function claimsOf(view: View, root: ServiceRoot, facts: ClusterFacts, { asks, gateways }: Candidates) {
  const { account, region } = facts.registration;
  const held: Place[] = [];
  const byNetwork = new Map<string, Gateway[]>();
  let waits = false;
  for (const gateway of gateways) {
    const network = await networkOf(view, facts.registration, gateway);
    if (isFound(network)) {
      byNetwork.set(network.id, [...(byNetwork.get(network.id) ?? []), gateway]);
      continue;
    }
    waits ||= notAccepted(gateway) === undefined;
    // Which network it is for is not known now: whatever is there stays.
    if (isMissing(network)) continue;
    const names = [gatewayKey(root.cluster, gateway)];
    const claims = view.own.claims.filter((one) => names.includes(one.gateway));
    const closed = lackAtRoutes(facts.registration, gateway, network);
    held.push(...claims.map((claim) => ({ gateway, gateways: [gateway], names, closed, claim })));
  }
  for (const [network, all] of byNetwork) {
    const on = { account, region, network, hostname: root.hostname };
    const holder = await view.holder(on);
    const claim = view.own.claims.find((one) => one.network === network);
    const open = all.filter((one) => notAccepted(one) === undefined);
    const its = claim === undefined ? open : all;
    const gateway = standsFor(root, its, asks, view.own.serves, claim?.gateway);
    const over = holder && isOfFormerProfile(root.cluster, holder.root) ? holder.root : undefined;
    if (gateway !== undefined && (holder === undefined || holder.root === (over ?? rootKey(root))))
      held.push({
        gateway,
        gateways: its,
        names: its.map((one) => gatewayKey(root.cluster, one)),
        closed: open.length === 0 ? notAccepted(gateway) : undefined,
        claim: { ...on, gateway: gatewayKey(root.cluster, gateway), ...(over && { over }) },
      });
  }
  return { held, waits: waits && held.length === 0 };
}

/**
 * Of Gateways on one network the one whose routes count: that of most routes that are served, of equals the one that they counted
 * of before.
 */
function standsFor(
  root: ServiceRoot,
  gateways: readonly Gateway[],
  asks: readonly Ask[],
  serves: readonly string[],
  before: string | undefined,
): Gateway | undefined {
  const isServed = ({ route }: Ask): boolean => serves.includes(routeText(route));
  const askingAt = (one: Gateway): readonly Ask[] => asks.filter((ask) => isAskedAt(ask, one));
  const weigh = (one: Gateway) => ({
    served: askingAt(one).filter(isServed).length,
    asked: Number(askingAt(one).length > 0),
    before: Number(gatewayKey(root.cluster, one) === before),
  });
  return gateways
    .map((gateway) => ({ gateway, ...weigh(gateway) }))
    .toSorted((a, b) => b.served - a.served || b.asked - a.asked || b.before - a.before)[0]?.gateway;
}

async function serveAll(
  view: View,
  root: ServiceRoot,
  facts: ClusterFacts,
  asks: readonly Ask[],
  gateways: readonly Gateway[],
  claims: readonly Claim[],
  rivalry?: Rivalry,
): Promise<Compiled> {
  const { registration } = facts;
  const [first] = asks;
  const own = asks.find(({ route }) => isNamesake(root, route)) ?? first;
  if (own === undefined) throw new TypeError(`${rootKey(root)} is asked for by no route`);
  return serve(view, {
    root,
    registration,
    name: nameFor(root, own),
    customDomainName: own.hostname === "" ? undefined : own.hostname,
    tags: routeServiceTags(root, registration, view.installation),
    gateways: rivalry?.open ?? gateways,
    asking: asks.filter(({ at }) => at.some(({ listeners }) => listeners.length > 0)).map((one) => one.route),
    ports: portsOf(own.hostname, asks, gateways),
    named: own.named,
    claims,
    mistakes: asks.flatMap(({ route, mistake }) => (mistake === undefined ? [] : [{ route, mistake }])),
    lenient: registration.profile === "incumbent",
    rivals: rivalry && { wait: waitForRivals(view, rivalry), taken: rivalry.taken },
  });
}

/** The name that a service is asked for under: its route may say it by annotation. */
function nameFor(root: ServiceRoot, { route }: Ask): string {
  const override = nameOverride(route);
  return override !== undefined && "name" in override ? override.name : serviceName(root);
}

/**
 * One Lattice listener for each port that takes a route, with all routes that it takes. Where listeners of two protocols share a
 * port, the one whose hostname fits best has it.
 */
function portsOf(
  hostname: string,
  asks: readonly Ask[],
  gateways: readonly Gateway[],
): readonly ServedPort[] {
  const offers = asks
    .flatMap(({ route, at, standalone }) =>
      at
        .filter(
          ({ gateway }) => standalone || gateways.some((one) => one.metadata.uid === gateway.metadata.uid),
        )
        .flatMap(({ listeners }) => listeners.map(({ listener }) => ({ route, listener }))),
    )
    .toSorted((a, b) => fitOf(a.listener, hostname) - fitOf(b.listener, hostname));
  const ports = new Map<number, { -readonly [K in keyof ServedPort]: ServedPort[K] }>();
  for (const { route, listener } of offers) {
    const { port } = listener;
    const protocol = latticeProtocol(listener);
    const entry = ports.get(port) ?? { port, protocol, listeners: [], attached: [] };
    if (entry.protocol !== protocol) continue;
    if (!entry.listeners.includes(listener)) entry.listeners = [...entry.listeners, listener];
    if (!entry.attached.some((one) => one.route === route))
      entry.attached = [...entry.attached, { route, tier: tierOf(route, hostname) ?? 0 }];
    ports.set(port, entry);
  }
  return [...ports.values()].toSorted((a, b) => a.port - b.port);
}

const fitOf = (listener: Listener, hostname: string): number =>
  fit(listener.hostname?.toLowerCase() ?? "", hostname) ?? Number.MAX_VALUE;
