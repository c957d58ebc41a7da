import type { Route } from "../../../functions/model/routes.ts";
import type { SeenService } from "./look.sdk.ts";
import { seatOf, titleOf, type Place, type Scene, type Seat } from "./places.ts";
import { reachesOf, type Reach } from "./reach.ts";
import { refusedAsOne, type Shares } from "./reading/backends.ts";
import { standsFor } from "./reading/listeners.ts";
import type { Match, MatchedRequest } from "./reading/matching.ts";
import { matchesOf, read, type Read } from "./reading/reading.ts";
import { whatIs, type SeenCondition, type SeenParent } from "./settled.ts";

/** A request that is for one rule of a route by the text of the standard, where it is sent, and who must answer it. */
export interface Trial {
  readonly route: Route;
  readonly rule: number;
  /** The parent of the route that it is tried at, in words. */
  readonly parent: string;
  readonly reach: Reach;
  /** The Host header, or the server name of TLS. */
  readonly host: string;
  readonly request: MatchedRequest;
  /** `NAMESPACE/SERVICE` -> share; a status where that is what the standard says. */
  readonly shares: Shares;
  /** Why somebody else may answer all the same, and the rule is not proven then; undefined when nobody else may. */
  readonly excuse?: string | undefined;
}

/** How the rules of a route can be tried at one parent. */
export interface Trials {
  readonly trials: readonly Trial[];
  /** What no request proves, with the reason. */
  readonly unproven: readonly string[];
  /** Why a route that says that it is served is not there at all. */
  readonly problem?: string | undefined;
}

/** What a route is told of its standing at a parent. */
type Standing =
  | { readonly is: "served" }
  /** It is taken and not served as it is written, or nothing is said of that yet. */
  | { readonly is: "lacking"; readonly why: string }
  | { readonly is: "refused"; readonly why: string };

function standingOf(conditions: readonly SeenCondition[]): Standing {
  const its = (type: string): SeenCondition | undefined => conditions.find((one) => one.type === type);
  const [accepted, programmed] = [its("Accepted"), its("Programmed")];
  if (accepted === undefined) return { is: "lacking", why: "nothing is said of it yet" };
  if (accepted.status !== "True") return { is: "refused", why: whatIs(accepted) };
  if (programmed === undefined) return { is: "lacking", why: "no condition Programmed yet" };
  return programmed.status === "True" ? { is: "served" } : { is: "lacking", why: whatIs(programmed) };
}

interface Reached {
  readonly place: Place;
  readonly reach: Reach;
}

/**
 * Chooses a request for each rule of a route at each service that it is reached by from one of its parents. A rule is tried, or
 * named with the reason.
 */
export function trialsFor(route: Route, parent: SeenParent, scene: Scene): Trials {
  const seat = seatOf(route, parent, scene);
  if (seat === undefined) return none("its Gateway cannot be read");
  const standing = standingOf(parent.conditions);
  const ports = new Set(seat.offers.map(({ listener }) => listener.port));
  const reached = seat.places.flatMap((place) =>
    reachesOf(place.service, scene.dataPlanes)
      .filter(({ network, port }) => network === seat.network && ports.has(port))
      .map((reach): Reached => ({ place, reach })),
  );
  if (reached.length === 0) return unreached(seat, standing);
  const spoken = reached.filter(({ reach }) => speaks[route.kind].includes(reach.protocol));
  if (spoken.length === 0)
    return none(`no listener that speaks ${speaks[route.kind].join(" or ")} is reached`);
  const unserved = [...ports].filter((port) => !spoken.some(({ reach }) => reach.port === port));
  const tried = [...new Set(spoken.map(({ place }) => place))].map((place) =>
    triedAt(seat, place, spoken, standing, parent.text),
  );
  const missed = [...route.spec.rules.keys()].filter((index) => !tried.some((one) => one.named.has(index)));
  const tries = tried.flatMap((one) => one.tries);
  return {
    trials: tried.flatMap((one) => one.trials),
    unproven: [
      ...tried.flatMap((one) => one.unproven),
      ...missed.map((index) => `rule ${index}: ${whyNot(seat.route, index, tries, standing)}`),
      ...unserved.map(
        (port) => `port ${port}: ${standing.is === "served" ? "nothing of it listens there" : standing.why}`,
      ),
    ],
  };
}

const none = (why: string): Trials => ({ trials: [], unproven: [why] });

function unreached({ offers, places, network }: Seat, standing: Standing): Trials {
  if (standing.is !== "served") return none(`${standing.why}, and nothing of it is reached`);
  if (offers.length === 0) return none("no listener takes its requests");
  if (places.length > 0 && !places.some(({ service }) => service.networks.includes(network)))
    return none(`its service is not in network ${network}`);
  if (places.some(({ lenient }) => lenient)) return none("its service has no listener of this parent");
  const problem =
    "its conditions say that it is served, and Lattice has no service of it that can be reached";
  return { trials: [], unproven: [], problem };
}

interface Tried {
  readonly index: number;
  readonly trial: Trial;
  readonly found: Read;
  readonly lenient: boolean;
}

/** What there is to try at one service. */
function triedAt(seat: Seat, place: Place, reached: readonly Reached[], standing: Standing, parent: string) {
  const { route } = seat;
  const trials: Trial[] = [];
  const unproven: string[] = [];
  const named = new Set<number>();
  const all = reached
    .filter((one) => one.place === place)
    .flatMap(({ reach }) =>
      [...route.spec.rules.keys()].flatMap((index) =>
        requestsFor(route, index).map((request) => triedBy(seat, place, reach, { index, request, parent })),
      ),
    );
  for (const index of route.spec.rules.keys()) {
    const tries = all.filter((one) => one.index === index);
    const good = tries.find(({ found, lenient }) => isFor(route, index, found, { lenient, standing }));
    if (good !== undefined)
      trials.push(standing.is === "lacking" ? { ...good.trial, excuse: standing.why } : good.trial);
    else if (isAskedFor(seat, place.service)) {
      const at = place.service.hostname === "" ? "" : ` at ${place.service.hostname}`;
      unproven.push(`rule ${index}${at}: ${whyNot(route, index, tries, standing)}`);
    } else continue;
    named.add(index);
  }
  return { trials, unproven, named, tries: all };
}

/** Whether a route counts on a service: others of its Gateway have only what their own routes leave to it. */
const isAskedFor = ({ route, offers }: Seat, { of, hostname }: SeenService): boolean => {
  if (of !== "Gateway") return true;
  const { hostnames } = route.spec;
  if (hostnames.length === 0) return hostname === "";
  return (
    hostnames.includes(hostname) &&
    offers.some(({ listener }) => standsFor(listener.hostname ?? "", hostname))
  );
};

const speaks: Readonly<Record<Route["kind"], readonly Reach["protocol"][]>> = {
  HTTPRoute: ["HTTP", "HTTPS"],
  GRPCRoute: ["HTTPS"],
  TLSRoute: ["TLS_PASSTHROUGH"],
};

/** What the standard says to one request at one place. */
function triedBy(
  { route, gateway }: Seat,
  { service, world, isolation, lenient }: Place,
  reach: Reach,
  {
    index,
    request,
    parent,
  }: { readonly index: number; readonly request: MatchedRequest; readonly parent: string },
): Tried {
  const { hostname, dnsName } = service;
  // In profile `incumbent` a service does not say which hostname it has.
  const named = hostname !== "" || service.of === "Gateway" ? hostname : (route.spec.hostnames[0] ?? "");
  const host = reach.protocol === "TLS_PASSTHROUGH" ? named : hostname === "" ? dnsName : hostname;
  const asked = { ...request, host: named === "" ? dnsName : named, port: reach.port };
  const found = read(world, gateway, asked, isolation);
  const shares = byService(refusedAsOne(found.shares));
  return { index, trial: { route, rule: index, parent, reach, host, request, shares }, found, lenient };
}

/** Shares of Services: a pod does not say by which port of its Service it was meant. */
function byService(shares: Shares): Shares {
  const sums: Record<string, number> = {};
  for (const [who, share] of Object.entries(shares)) {
    const name = who.replace(/:\d+$/, "");
    sums[name] = (sums[name] ?? 0) + share;
  }
  return sums;
}

/** Whether a request proves a rule. Of a refused route only what cannot be done is known to be answered: with 500. */
const isFor = (
  route: Route,
  index: number,
  { rule, rivals, shares }: Read,
  d: { readonly lenient: boolean; readonly standing: Standing },
): boolean =>
  rule?.route === route &&
  rule.index === index &&
  (rule.beyond || d.standing.is !== "refused") &&
  !(d.lenient && (rivals > 0 || "500" in shares));

/** Why no request proves a rule, in words. */
function whyNot(route: Route, index: number, tries: readonly Tried[], standing: Standing): string {
  if (standing.is === "refused") return standing.why;
  const found = tries.filter((one) => one.index === index).map((one) => one.found);
  const [first] = found;
  if (first === undefined) return "Lattice has no words for its matches";
  if (found.some((one) => one.rule?.route === route && one.rule.index === index))
    return "its requests are taken by other rules too, or it asks for more than Lattice does or than is there";
  if (first.rule === undefined) return "no listener takes its requests";
  return `its requests are for rule ${first.rule.index} of ${titleOf(first.rule.route)}`;
}

/** Requests that a rule takes: for each match as it is, and a little more where that is left open. */
function requestsFor(route: Route, index: number): readonly MatchedRequest[] {
  if (route.kind === "TLSRoute") return [{ method: "", path: "", headers: {} }];
  return matchesOf(route)
    .filter((one) => one.index === index)
    .flatMap(({ match }) => pathsFor(match, route.kind).flatMap((path) => withMethods(match, path)));
}

const withMethods = ({ method, headers }: Match, path: string): readonly MatchedRequest[] =>
  (method === undefined ? ["GET", "POST", "PUT"] : [method]).map((one) => ({
    method: one,
    path,
    headers: Object.fromEntries(
      headers.toReversed().map(({ name, value }) => [name.toLowerCase(), value] as const),
    ),
  }));

/** A path of its own is in nobody else's way; a call always names a service and a method. */
function pathsFor({ path: { type, value } }: Match, kind: "HTTPRoute" | "GRPCRoute"): readonly string[] {
  if (type === "Exact") return [value];
  const plain = value.replace(/\/$/, "");
  if (kind === "GRPCRoute") return [plain === "" ? "/espalier.Proof/Try" : `${plain}/Try`];
  return [value, `${plain}/espalier-proof`];
}
