import type { Claim } from "./compiled.ts";
import type { Ask } from "./ask.ts";
import type { Gateway } from "../model/objects.ts";
import { textOf } from "./rules.ts";
import { routeText } from "./serving.ts";

/** A network on which nobody else serves a hostname. */
export interface Place {
  /** The Gateway for which the hostname is held or asked there: the routes of others on the network do not count. */
  readonly gateway: Gateway;
  /** All Gateways of the network whose routes may ask for it, and as `CLUSTER/NAMESPACE/NAME`. */
  readonly gateways: readonly Gateway[];
  readonly names: readonly string[];
  /**
   * Why nothing new comes in, so that nobody else could take its place there now: the Gateway is not accepted, or nobody can tell which
   * network it is for. Undefined where it is open.
   */
  readonly closed: string | undefined;
  /** Who comes may come in, but nobody else could take its place there now. */
  readonly stays?: true | undefined;
  /** The claim that a service has there or may take. */
  readonly claim: Claim;
}

/** Whom a service is for. */
export interface Places {
  /** The Gateways that it is for. */
  readonly taken: readonly Place[];
  /** The routes that it serves there: those that are attached to all of these. */
  readonly joined: readonly Ask[];
  /** Why a route is not served that is attached to some of these, by `KIND/NAMESPACE/NAME`. */
  readonly refuses: Readonly<Record<string, string>>;
  /** The other Gateways, as `CLUSTER/NAMESPACE/NAME`. */
  readonly declines: readonly string[];
  /** Those of them where it serves a route that another service is to serve. */
  readonly leaves: readonly Place[];
}

/** What a service has now. */
interface Has {
  readonly claims: readonly { readonly network: string }[];
  /** The routes that it serves, as `KIND/NAMESPACE/NAME`. */
  readonly serves: readonly string[];
  /** The Gateways that it has given up, as `CLUSTER/NAMESPACE/NAME`. */
  readonly declines: readonly string[];
}

/** Gateways at which the same routes ask for the hostname. */
interface Group {
  readonly places: readonly Place[];
  readonly asks: readonly Ask[];
}

/**
 * A service has one set of rules for all networks that it is in, so it is for Gateways at which the same routes ask for its hostname:
 * no request is answered by a route that is not attached where it comes from. Where a service is, it stays, for as many of the routes
 * that it serves as there are at one of its Gateways; a Gateway is added where the same routes ask, and given up where one of them
 * asks no more and another service can take its place there. `namesake` is the route that the service is named after, if it asks still.
 */
export function placesFor(
  asks: readonly Ask[],
  held: readonly Place[],
  has: Has,
  namesake: Ask | undefined,
): Places {
  const claimed = new Set(has.claims.map(({ network }) => network));
  const served = asks.filter(({ route }) => has.serves.includes(routeText(route)));
  const live = groupsOf(
    served,
    held.filter(
      ({ claim, names }) => claimed.has(claim.network) && !names.some((name) => has.declines.includes(name)),
    ),
  );
  const kept = most(live, namesake) ?? most(groupsOf(asks, held), namesake);
  if (kept === undefined) return { taken: [], joined: [], refuses: {}, declines: [], leaves: [] };
  const closed = kept.places.find((place) => place.closed !== undefined)?.closed;
  const mayJoin = (ask: Ask): boolean => closed === undefined || served.length === 0 || served.includes(ask);
  const joined = asks.filter((ask) => kept.places.every((place) => isAt(ask, place)) && mayJoin(ask));
  const same = (place: Place): boolean => asks.every((ask) => isAt(ask, place) === joined.includes(ask));
  const isNeeded = (place: Place): boolean =>
    claimed.has(place.claim.network) && served.some((ask) => joined.includes(ask) && isAt(ask, place));
  const mustStay = (place: Place): boolean => place.closed !== undefined || place.stays === true;
  const taken = held.filter(
    (place) => kept.places.includes(place) || same(place) || (mustStay(place) && isNeeded(place)),
  );
  const others = held.filter((place) => !taken.includes(place));
  return {
    taken,
    joined,
    refuses: refusals(asks, joined, kept.places, closed),
    declines: others.flatMap(({ names }) => names),
    leaves: others.filter(isNeeded),
  };
}

/** The places at which routes ask, by who does. */
function groupsOf(asks: readonly Ask[], places: readonly Place[]): readonly Group[] {
  const groups = new Map<string, { readonly places: Place[]; readonly asks: readonly Ask[] }>();
  for (const place of places) {
    const its = asks.filter((ask) => isAt(ask, place));
    if (its.length === 0) continue;
    const key = its.map(({ route }) => routeText(route)).join(" ");
    const group = groups.get(key) ?? { places: [], asks: its };
    group.places.push(place);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The group of most routes; of equals that of the namesake, then the first. */
const most = (groups: readonly Group[], namesake: Ask | undefined): Group | undefined =>
  groups.toSorted(
    (a, b) => b.asks.length - a.asks.length || Number(hasRoute(b, namesake)) - Number(hasRoute(a, namesake)),
  )[0];

const hasRoute = ({ asks }: Group, ask: Ask | undefined): boolean => ask !== undefined && asks.includes(ask);

const isAt = (ask: Ask, { gateway }: Place): boolean => isAskedAt(ask, gateway);

/** Whether a listener of a Gateway takes a route for its hostname. */
export const isAskedAt = ({ at }: Ask, { metadata: { uid } }: Gateway): boolean =>
  at.some(({ gateway, listeners }) => gateway.metadata.uid === uid && listeners.length > 0);

/**
 * What to tell routes that came later and are attached to some of a service's Gateways, or to all of them where nothing new comes in:
 * the others are not bothered.
 */
function refusals(
  asks: readonly Ask[],
  joined: readonly Ask[],
  places: readonly Place[],
  closed: string | undefined,
): Readonly<Record<string, string>> {
  const its = (ask: Ask): string => {
    const without = places.filter((place) => !isAt(ask, place));
    const served = `its hostname ${ask.hostname} is served by the service of ${joined.map(({ route }) => textOf(route)).join(", ")}`;
    if (without.length === 0) return `${served}, which takes in nothing new: ${closed ?? ""}`;
    const names = without.map(
      ({ gateway: { metadata } }) => `Gateway ${metadata.namespace}/${metadata.name}`,
    );
    return `${served}, which is also in ${names.join(", ")}, to which this route is not attached; attach it there too, give it a hostname of its own, or use class espalier, where each Gateway has services of its own`;
  };
  return Object.fromEntries(
    asks
      .filter(
        (ask) =>
          !joined.includes(ask) && places.some((place) => place.gateways.some((one) => isAskedAt(ask, one))),
      )
      .map((ask) => [routeText(ask.route), its(ask)]),
  );
}
