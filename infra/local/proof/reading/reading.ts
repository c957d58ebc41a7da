import { precedence, takes, type Match, type MatchedRequest } from "./matching.ts";
import type { Gateway } from "../../../../functions/model/objects.ts";
import type {
  BackendRef,
  GRPCRouteMatch,
  GRPCRouteRule,
  HTTPRouteRule,
  Route,
} from "../../../../functions/model/routes.ts";
import { api } from "../../../../functions/model/limits.ts";
import { countUsable, sharesOf, type Shares } from "./backends.ts";
import { isTaken, offersOf, routesOf, standsFor, type Offer, type World } from "./listeners.ts";

/** A direct reading of the Gateway API: who answers a request to a Gateway, without a line of the compiler. */

export interface Asked extends MatchedRequest {
  readonly port: number;
  /** As it is in the Host header; over TLS its name is what the client asked for before. */
  readonly host: string;
}

/** Whether the most specific listener alone counts for a hostname, or all that a route of it is attached to. */
export type Isolation = "isolated" | "falls through";

/** The rule of a route that a request or connection is for, whether that asks for what cannot be done, and who answers it. */
export interface Read {
  /** Undefined: there is none. */
  readonly rule: { readonly route: Route; readonly index: number; readonly beyond: boolean } | undefined;
  readonly shares: Shares;
  /** How many matches of other rules take the request too, and come after it. */
  readonly rivals: number;
}

const none = (shares: Shares): Read => ({ rule: undefined, shares, rivals: 0 });

/** Who answers, as shares: of the Gateway's listeners the one that fits best is asked, and of its routes' matches the first one. */
export const answerTo = (world: World, gateway: Gateway, asked: Asked, isolation: Isolation): Shares =>
  read(world, gateway, asked, isolation).shares;

/** As answerTo, with the rule that says so. */
export function read(world: World, gateway: Gateway, asked: Asked, isolation: Isolation): Read {
  const host = asked.host.toLowerCase().replace(/:\d+$/, "");
  const routes = routesOf(world).filter(
    ({ spec }) => spec.hostnames.length === 0 || spec.hostnames.some((one) => standsFor(one, host)),
  );
  const offers = offersOf(world, gateway)
    .filter(({ listener }) => listener.port === asked.port && standsFor(listener.hostname ?? "", host))
    .filter((one) => isolation === "isolated" || routes.some((route) => isTaken(world, one, route)))
    .toSorted((a, b) => longest(b.listener.hostname) - longest(a.listener.hostname));
  const [best] = offers;
  if (best === undefined) return none({ "404": 1 });
  const open =
    isolation === "isolated"
      ? [best]
      : offers.filter(({ listener }) => listener.protocol === best.listener.protocol);
  const attached = routes.filter((route) => open.some((one) => isTaken(world, one, route)));
  return best.listener.protocol === "TLS"
    ? passedThrough(world, attached, host)
    : ruled(world, attached, host, asked);
}

/** An exact hostname goes before any wildcard, and a longer one before a shorter one. */
const longest = (hostname = ""): number =>
  hostname === "" || hostname.startsWith("*") ? hostname.length : 1_000 + hostname.length;

/** How well a route's own hostnames fit a name; of two routes the better one goes first, whatever their matches are. */
const fitOf = ({ spec }: Route, host: string): number =>
  Math.max(0, ...spec.hostnames.filter((one) => standsFor(one, host)).map(longest));

/** Creation time, then `NAMESPACE/NAME` in alphabetical order. */
const seniority = ({ metadata }: Route): string =>
  `${metadata.creationTimestamp} ${metadata.namespace}/${metadata.name}`;
const elder = (a: Route, b: Route): number =>
  seniority(a) < seniority(b) ? -1 : seniority(a) > seniority(b) ? 1 : 0;

/** A TLS connection is for the oldest route of its name; it is refused where it cannot be passed on. */
function passedThrough(world: World, attached: readonly Route[], host: string): Read {
  const [route] = attached.toSorted((a, b) => fitOf(b, host) - fitOf(a, host) || elder(a, b));
  const [rule] = route?.spec.rules ?? [];
  if (route === undefined || rule === undefined) return none({ nobody: 1 });
  const { "500": refused, ...rest } = sharesOf(world, route, rule.backendRefs);
  return {
    rule: { route, index: 0, beyond: false },
    shares: refused === undefined ? rest : { ...rest, nobody: refused },
    rivals: 0,
  };
}

interface Candidate {
  readonly route: Route;
  readonly index: number;
  readonly match: Match;
  readonly backendRefs: readonly BackendRef[];
  /** It asks for what cannot be done, and must not be served as if it did not. */
  readonly beyond: boolean;
}

function ruled(world: World, attached: readonly Route[], host: string, asked: Asked): Read {
  const candidates = attached
    .flatMap((route) => matchesOf(route).map((one): Candidate => ({ route, ...one })))
    .filter(({ match }) => takes(match, asked));
  const [first] = candidates.toSorted(
    (a, b) =>
      fitOf(b.route, host) - fitOf(a.route, host) || precedence(a.match, b.match) || elder(a.route, b.route),
  );
  if (first === undefined) return none({ "404": 1 });
  const { route, index, backendRefs } = first;
  const beyond = first.beyond || countUsable(world, route, backendRefs) > api.groupsPerForward;
  const shares = beyond ? { "500": 1 } : sharesOf(world, route, backendRefs);
  const rivals = candidates.filter((one) => one.route !== route || one.index !== index);
  return { rule: { route, index, beyond }, shares, rivals: rivals.length };
}

/** The matches of a route's rules as those of requests; those that Lattice has no words for are left out. */
export function matchesOf(route: Route): readonly Omit<Candidate, "route">[] {
  switch (route.kind) {
    case "HTTPRoute":
      return route.spec.rules.flatMap((rule, index) =>
        rule.matches
          .filter(
            ({ path, headers, queryParams }) =>
              (path.type === "Exact" || path.type === "PathPrefix") &&
              headers.every(({ type }) => type === "Exact") &&
              queryParams.length === 0,
          )
          .map((match) => ({ index, match, backendRefs: rule.backendRefs, beyond: isBeyond(rule) })),
      );
    case "GRPCRoute":
      return route.spec.rules.flatMap((rule, index) =>
        rule.matches
          .filter(
            ({ method, headers }) =>
              (method === undefined || (method.type === "Exact" && method.service !== undefined)) &&
              headers.every(({ type }) => type === "Exact"),
          )
          .map((match) => ({
            index,
            match: callOf(match),
            backendRefs: rule.backendRefs,
            beyond: isBeyond(rule),
          })),
      );
    case "TLSRoute":
      return [];
  }
}

const isBeyond = (rule: HTTPRouteRule | GRPCRouteRule): boolean =>
  rule.filters.length > 0 ||
  rule.backendRefs.some((one) => one.filters.length > 0) ||
  rule.sessionPersistence !== undefined ||
  ("timeouts" in rule && rule.timeouts !== undefined) ||
  ("retry" in rule && rule.retry !== undefined);

/** A call is a POST to `/SERVICE/METHOD`; so a longer service and a method go first as a longer path does. */
const callOf = ({ method, headers }: GRPCRouteMatch): Match => ({
  path:
    method?.service !== undefined && method.method !== undefined
      ? { type: "Exact", value: `/${method.service}/${method.method}` }
      : { type: "PathPrefix", value: `/${method?.service ?? ""}` },
  method: "POST",
  headers,
});

/** The exact hostnames under which a Gateway has routes; "" among them for its own address. */
export function hostnamesAt(world: World, gateway: Gateway): ReadonlySet<string> {
  const common = (offer: Offer, route: Route): readonly string[] => {
    const hostname = offer.listener.hostname ?? "";
    const own = route.spec.hostnames.length === 0 ? [hostname] : route.spec.hostnames;
    return own.flatMap((one) =>
      standsFor(hostname, one) ? [one] : standsFor(one, hostname) ? [hostname] : [],
    );
  };
  const found = offersOf(world, gateway).flatMap((offer) =>
    routesOf(world).flatMap((route) => (isTaken(world, offer, route) ? common(offer, route) : [])),
  );
  return new Set(found.filter((one) => !one.startsWith("*")));
}
