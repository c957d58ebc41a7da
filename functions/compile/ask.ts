import type { ClusterName, RootKey } from "../model/ids.ts";
import type { Gateway, Listener } from "../model/objects.ts";
import type { Route } from "../model/routes.ts";
import { parseRoot, rootKey, type ServiceRoot } from "../model/roots.ts";
import type { ClassName } from "../model/verdict.ts";
import { annotationDomain, nameAnnotation } from "./annotations.ts";
import type { AttachedListener } from "./attachment.ts";
import { fit, intersection, isWildcard } from "./hostname.ts";
import type { Judgement } from "./judge.ts";
import { carries, type GatewayListener } from "./listeners.ts";
import type { Parent } from "./parents.ts";

/** What a route asks of class `amazon-vpc-lattice`: one service, for one hostname, in the networks of its Gateways. */
export interface Ask {
  readonly route: Route;
  /** Empty: the name that Lattice gives the service. */
  readonly hostname: string;
  /** By Gateway, the listeners that take the route for this hostname. */
  readonly at: readonly { readonly gateway: Gateway; readonly listeners: readonly AttachedListener[] }[];
  /** In profile `incumbent`: the listeners of which the first that names a certificate gives it to the service. */
  readonly named: readonly Listener[];
  /** The service is in no network. */
  readonly standalone: boolean;
  /** Why whatever serves it stays as it is, such as a mistake in its annotations. */
  readonly mistake?: string | undefined;
  /** Hostnames of the route beyond the one that is served; wildcards only where one could be served. */
  readonly others: readonly string[];
}

/** Why a route asks for no service although its parents take it. */
export type NoAsk = { readonly why: string };

/**
 * What a route asks of its accepted parents of class `amazon-vpc-lattice`. Of the hostnames that route and listeners have in common
 * `kept` is served, or else the first in the order of the route; Lattice has no wildcard domains. In profile `incumbent` it is the
 * route's own first one.
 */
export function askOf(
  route: Route,
  parents: readonly Parent[],
  incumbent: boolean,
  kept?: string,
): Ask | NoAsk {
  const accepted = parents.filter((one) => one.attachment.is === "accepted");
  // No listener takes it, and what the in-cluster controller has made of it is in their networks.
  const isLeft = incumbent && accepted.length === 0;
  const at = byGateway(isLeft ? parents : accepted, incumbent);
  const common = inCommon(route, at);
  const exact = [...new Set(common)].filter((hostname) => hostname !== "" && !isWildcard(hostname));
  const hostname = incumbent ? (route.spec.hostnames[0] ?? "") : (kept ?? exact[0] ?? "");
  if (!incumbent && hostname === "" && common.length > 0 && common.every(isWildcard))
    return { why: onlyWildcards };
  const standalone = standaloneOf(
    route,
    parents.map((one) => one.gateway),
  );
  const serves = (one: AttachedListener): boolean =>
    incumbent || one.hostnames.some((each) => fit(each, hostname) !== undefined);
  return {
    route,
    hostname,
    at: at.map(({ gateway, listeners }) => ({ gateway, listeners: listeners.filter(serves) })),
    named: parents.flatMap(({ named = [] }) => named),
    standalone,
    others:
      hostname === "" ? [] : (incumbent ? [...new Set(common)] : exact).filter((one) => one !== hostname),
  };
}

/** The hostnames that a route has in common with its listeners, in its own order, which no listener that comes or goes changes. */
function inCommon({ spec: { hostnames } }: Route, at: Ask["at"]): readonly string[] {
  const listeners = at.flatMap((one) => one.listeners);
  return (hostnames.length === 0 ? [undefined] : hostnames).flatMap((hostname) =>
    listeners.flatMap(({ listener }) => intersection(listener.hostname, hostname) ?? []),
  );
}

export const onlyWildcards =
  "all hostnames that the route and its listeners have in common are wildcards, and a Lattice service has one exact domain; name exact hostnames";

/** The service that a route asks for, if nobody else serves its hostname. */
export const serviceOf = (
  cluster: ClusterName,
  { route, hostname }: Ask,
  incumbent: boolean,
): ServiceRoot => ({
  kind: "service",
  cluster,
  of: route.kind,
  namespace: route.metadata.namespace,
  name: route.metadata.name,
  // The in-cluster controller never changes a service for another hostname.
  hostname: incumbent ? "" : hostname,
});

/** The same for one of its Gateways alone. */
export const serviceAt = (root: ServiceRoot, { metadata: { namespace, name } }: Gateway): ServiceRoot => ({
  ...root,
  gateway: { namespace, name },
});

/** The same for no network, and how the service that it stands beside declines to be that one. */
export const serviceAlone = (root: ServiceRoot): ServiceRoot => ({ ...root, standalone: true });
export const alone = "standalone";

/** How a Gateway is named in claims and by what declines it: `CLUSTER/NAMESPACE/NAME`. */
export const gatewayKey = (cluster: ClusterName, { metadata: { namespace, name } }: Gateway): string =>
  `${cluster}/${namespace}/${name}`;

/** The services named after a route that may have its hostname on one of its Gateways. */
export const ownServices = (cluster: ClusterName, ask: Ask, gateway: Gateway): readonly RootKey[] => {
  const own = serviceOf(cluster, ask, false);
  return [rootKey(own), rootKey(serviceAt(own, gateway))];
};

/**
 * Whether a service is what is left of a cluster's time in profile `incumbent`: in profile `standard` those of routes that have a hostname
 * name it in their keys. It goes once another is to have its hostname.
 */
export function isOfFormerProfile(cluster: ClusterName, service: RootKey): boolean {
  const root = parseRoot(service);
  return root.kind === "service" && root.cluster === cluster && root.of !== "Gateway" && root.hostname === "";
}

/** What is wrong with the annotations of a route, where its class goes by them. */
export function mistakeIn(route: Route, { mistake }: Judgement, its: ClassName): string | undefined {
  const override = its === "espalier" ? undefined : nameOverride(route);
  const all = [mistake ?? [], override !== undefined && "why" in override ? override.why : []].flat();
  return all.length > 0 ? all.join("; ") : undefined;
}

/** Whether a service is named after a route; others may have joined it. */
export const isNamesake = (root: ServiceRoot, route: Route): boolean =>
  route.kind === root.of && route.metadata.namespace === root.namespace && route.metadata.name === root.name;

/** In profile `incumbent` a listener that is in conflict with another of its Gateway carries all the same: each route has a service of its own. */
function byGateway(parents: readonly Parent[], incumbent: boolean): Ask["at"] {
  const isOpen = (one: GatewayListener): boolean =>
    carries(incumbent && one.owner.kind === "Gateway" ? { ...one, conflict: undefined } : one);
  const found = new Map<string, { readonly gateway: Gateway; readonly listeners: AttachedListener[] }>();
  for (const { gateway, attachment } of parents) {
    const key = `${gateway.metadata.namespace}/${gateway.metadata.name}`;
    const entry = found.get(key) ?? { gateway, listeners: [] };
    for (const one of attachment.is === "accepted" ? attachment.listeners : [])
      if (isOpen(one) && !entry.listeners.some((other) => sameListener(other, one)))
        entry.listeners.push(one);
    found.set(key, entry);
  }
  return [...found.values()];
}

const sameListener = (a: GatewayListener, b: GatewayListener): boolean =>
  a.listener.name === b.listener.name &&
  a.owner.kind === b.owner.kind &&
  a.owner.namespace === b.owner.namespace &&
  a.owner.name === b.owner.name;

/**
 * The route's own annotation decides, whatever its value; without one, any of its Gateways that says `true`, also one that does not
 * take the route (the in-cluster controller's rule).
 */
function standaloneOf(route: Route, gateways: readonly Gateway[]): boolean {
  const says = (annotations: Readonly<Record<string, string>>): string | undefined =>
    annotations[`${annotationDomain}standalone`]?.trim().toLowerCase();
  const own = says(route.metadata.annotations);
  return own === undefined
    ? gateways.some((one) => says(one.metadata.annotations) === "true")
    : own === "true";
}

/** What class `espalier` does not look at in the annotations of a route or a Gateway, in words. */
export function notOfEspalier(annotations: Readonly<Record<string, string>>): string | undefined {
  const why = {
    standalone: "a Gateway is one address in its service network, and its services are in it too",
    "service-name-override": "its services are the Gateway's, and named after it",
  };
  const found = Object.entries(why).flatMap(([name, because]) =>
    annotations[`${annotationDomain}${name}`]?.trim()
      ? [`annotation ${annotationDomain}${name} is ignored: ${because}`]
      : [],
  );
  return found.length === 0
    ? undefined
    : `${found.join("; ")}. Class espalier has no such annotation; class amazon-vpc-lattice has`;
}

const namePattern = /^(?!svc-)(?![-])(?!.*[-]$)(?!.*[-]{2})[a-z0-9-]{3,40}$/;

/** The name that a route wants for its service by annotation: undefined without one, a text in `why` when Lattice would refuse it. */
export function nameOverride(route: Route): { readonly name: string } | NoAsk | undefined {
  const name = route.metadata.annotations[nameAnnotation];
  if (name === undefined || name === "") return undefined;
  return namePattern.test(name)
    ? { name }
    : {
        why: `annotation ${nameAnnotation}: "${name}" is not a name of a Lattice service (3 to 40 lower-case letters, digits and single hyphens, none at either end, not svc- at the start)`,
      };
}
