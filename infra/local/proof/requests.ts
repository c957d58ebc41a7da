import type { ClusterObject, Gateway } from "../../../functions/model/objects.ts";
import type { Route } from "../../../functions/model/routes.ts";
import { classNamed, type ClassName } from "../../../functions/model/verdict.ts";
import type { DataPlaneUrls } from "../lattice/dataplanes.ts";
import type { SeenService } from "./look.sdk.ts";
import { refusedAsOne, type Shares } from "./reading/backends.ts";
import { all, type World } from "./reading/listeners.ts";
import type { Match, MatchedRequest } from "./reading/matching.ts";
import { matchesOf, read, type Isolation, type Read } from "./reading/reading.ts";
import { reachesOf, type Reach } from "./reach.ts";

/** A request that is for one rule of a route by the text of the standard, where it is sent, and who must answer it. */
export interface Trial {
  readonly route: Route;
  readonly reach: Reach;
  /** The Host header, or the server name of TLS. */
  readonly host: string;
  readonly request: MatchedRequest;
  /** `NAMESPACE/SERVICE` -> share; a status where that is what the standard says. */
  readonly shares: Shares;
}

/** How the rules of a route can be tried. */
export interface Trials {
  readonly trials: readonly Trial[];
  /** Rules that no request proves, with the reason. */
  readonly unproven: readonly string[];
  /** Why a route that says that it is served is not there at all. */
  readonly problem?: string | undefined;
}

/** What a cluster holds, and what came of it in Lattice. */
export interface Scene {
  readonly world: World;
  /** The ARN of the service that a route says it is served by, by `KIND/NAMESPACE/NAME`. */
  readonly arns: ReadonlyMap<string, string>;
  readonly services: readonly SeenService[];
  readonly dataPlanes: DataPlaneUrls;
  /** In class `amazon-vpc-lattice` the order of rules is not the standard's: then only what a single rule takes is proven. */
  readonly lenient: boolean;
}

/** Whose routes a service has, and how they are read. */
interface Place {
  readonly service: SeenService;
  readonly gateway: Gateway;
  readonly world: World;
  readonly isolation: Isolation;
  readonly lenient: boolean;
}

/** Chooses a request for each rule of a route at each service that it is reached by. */
export function trialsFor(route: Route, scene: Scene): Trials {
  const places = gatewaysOf(route, scene.world).flatMap((gateway) => placesOf(route, gateway, scene));
  const reaches = places.flatMap((place) =>
    reachesOf(place.service, scene.dataPlanes).map((reach) => ({ place, reach })),
  );
  if (reaches.length === 0) {
    if (places.some(({ service }) => service.networks.length === 0))
      return { trials: [], unproven: ["its service is in no network"] };
    const problem =
      "its conditions say that it is served, and Lattice has no service of it that can be reached";
    return { trials: [], unproven: [], problem };
  }
  const spoken = reaches.filter(({ reach }) => speaks[route.kind].includes(reach.protocol));
  if (spoken.length === 0)
    return {
      trials: [],
      unproven: [`no listener that speaks ${speaks[route.kind].join(" or ")} is reached`],
    };
  const trials: Trial[] = [];
  const unproven: string[] = [];
  for (const service of new Set(spoken.map(({ place }) => place.service))) {
    const here = spoken.filter(({ place }) => place.service === service);
    for (const index of route.spec.rules.keys()) {
      const tries = here.flatMap(({ place, reach }) =>
        requestsFor(route, index).map((request) => tried(route, place, reach, request)),
      );
      const good = tries.find(({ found, lenient }) => isFor(route, index, found, lenient));
      if (good !== undefined) trials.push(good.trial);
      else if (isAskedFor(route, service)) {
        const at = service.hostname === "" ? "" : ` at ${service.hostname}`;
        const found = tries.map((one) => one.found);
        unproven.push(`rule ${index}${at}: ${whyNot(route, index, found)}`);
      }
    }
  }
  return { trials, unproven };
}

/** Whether a route counts on a service: others of its Gateway have only what their own routes leave to it. */
const isAskedFor = ({ spec: { hostnames } }: Route, { of, hostname }: SeenService): boolean =>
  of !== "Gateway" || (hostnames.length === 0 ? hostname === "" : hostnames.includes(hostname));

const speaks: Readonly<Record<Route["kind"], readonly Reach["protocol"][]>> = {
  HTTPRoute: ["HTTP", "HTTPS"],
  GRPCRoute: ["HTTPS"],
  TLSRoute: ["TLS_PASSTHROUGH"],
};

/** What the standard says to one request at one place. */
function tried(
  route: Route,
  { service, gateway, world, isolation, lenient }: Place,
  reach: Reach,
  request: MatchedRequest,
): { readonly trial: Trial; readonly found: Read; readonly lenient: boolean } {
  const { hostname, dnsName } = service;
  // In profile `incumbent` a service does not say which hostname it has.
  const named = hostname !== "" || service.of === "Gateway" ? hostname : (route.spec.hostnames[0] ?? "");
  const host = reach.protocol === "TLS_PASSTHROUGH" ? named : hostname === "" ? dnsName : hostname;
  const asked = { ...request, host: named === "" ? dnsName : named, port: reach.port };
  const found = read(world, gateway, asked, isolation);
  const shares = byService(refusedAsOne(found.shares));
  return { trial: { route, reach, host, request, shares }, found, lenient };
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

const isFor = (route: Route, index: number, { rule, rivals, shares }: Read, lenient: boolean): boolean =>
  rule?.route === route && rule.index === index && !(lenient && (rivals > 0 || "500" in shares));

/** Why no request proves a rule, in words. */
function whyNot(route: Route, index: number, found: readonly Read[]): string {
  const [first] = found;
  if (first === undefined) return "Lattice has no words for its matches";
  if (found.some((one) => one.rule?.route === route && one.rule.index === index))
    return "its requests are taken by other rules too, or it asks for more than Lattice does or than is there";
  if (first.rule === undefined) return "no listener takes its requests";
  return `its requests are for rule ${first.rule.index} of ${titleOf(first.rule.route)}`;
}

/** `KIND NAMESPACE/NAME`. */
export const titleOf = ({ kind, metadata: { namespace, name } }: Route): string =>
  `${kind} ${namespace}/${name}`;

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

/** The Gateways that a route names as its parents, itself or by a ListenerSet. */
function gatewaysOf(route: Route, world: World): readonly Gateway[] {
  const keys = new Set(
    route.spec.parentRefs.flatMap(({ kind, name, namespace = route.metadata.namespace }) => {
      if (kind === "Gateway") return [`${namespace}/${name}`];
      const set = all(world, "ListenerSet").find(
        ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
      );
      const ref = set?.spec.parentRef;
      return ref === undefined ? [] : [`${ref.namespace ?? namespace}/${ref.name}`];
    }),
  );
  return all(world, "Gateway").filter(({ metadata }) => keys.has(`${metadata.namespace}/${metadata.name}`));
}

/** The services by which a route is reached for one of its Gateways. */
function placesOf(
  route: Route,
  gateway: Gateway,
  { world, services, arns, lenient }: Scene,
): readonly Place[] {
  switch (classOf(gateway, world)) {
    case "espalier": {
      const name = `${gateway.metadata.namespace}/${gateway.metadata.name}`;
      return services
        .filter((one) => one.of === "Gateway" && one.route === name)
        .map((service) => ({ service, gateway, world, isolation: "isolated", lenient: false }));
    }
    case "amazon-vpc-lattice": {
      const service = services.find((one) => one.arn === arns.get(titleOf(route)));
      if (service === undefined) return [];
      // A service has the routes that say so, and knows of no other.
      const isItsOwn = (one: ClusterObject): boolean =>
        !isRoute(one) || arns.get(titleOf(one)) === service.arn;
      return [{ service, gateway, world: world.filter(isItsOwn), isolation: "falls through", lenient }];
    }
    case undefined:
      return [];
  }
}

const isRoute = (one: ClusterObject): one is Route =>
  one.kind === "HTTPRoute" || one.kind === "GRPCRoute" || one.kind === "TLSRoute";

function classOf({ spec }: Gateway, world: World): ClassName | undefined {
  const its = all(world, "GatewayClass").find(({ metadata }) => metadata.name === spec.gatewayClassName);
  return its === undefined ? undefined : classNamed(its.spec.controllerName);
}
