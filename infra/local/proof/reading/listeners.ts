import type {
  ClusterObject,
  Gateway,
  Kind,
  LabelSelector,
  Listener,
  ObjectOf,
} from "../../../../functions/model/objects.ts";
import type { ParentRef, Route } from "../../../../functions/model/routes.ts";

/**
 * Which listeners take a route, read from the text of the Gateway API (Listener, AllowedRoutes, ListenerSet, ParentReference),
 * without a line of the compiler.
 */
export interface Offer {
  readonly from: {
    readonly kind: "Gateway" | "ListenerSet";
    readonly namespace: string;
    readonly name: string;
  };
  readonly listener: Listener;
}

export type World = readonly ClusterObject[];

export const all = <K extends Kind>(world: World, kind: K): readonly ObjectOf<K>[] =>
  world.filter((one): one is ObjectOf<K> => one.kind === kind);

export const routesOf = (world: World): readonly Route[] => [
  ...all(world, "HTTPRoute"),
  ...all(world, "GRPCRoute"),
  ...all(world, "TLSRoute"),
];

/** The listeners of a Gateway, and those that ListenerSets add to it from namespaces that it allows. */
export function offersOf(world: World, gateway: Gateway): readonly Offer[] {
  const { namespace, name } = gateway.metadata;
  const sets = all(world, "ListenerSet").filter(
    (set) =>
      set.spec.parentRef.name === name &&
      (set.spec.parentRef.namespace ?? set.metadata.namespace) === namespace &&
      isOpen(world, gateway.spec.allowedListeners.namespaces, namespace, set.metadata.namespace),
  );
  return [gateway, ...sets].flatMap(({ kind, metadata, spec }) =>
    spec.listeners.map((listener) => ({
      from: { kind, namespace: metadata.namespace, name: metadata.name },
      listener,
    })),
  );
}

/** A route as if its parents were these. */
export function withParents(route: Route, parentRefs: readonly ParentRef[]): Route {
  switch (route.kind) {
    case "HTTPRoute":
      return { ...route, spec: { ...route.spec, parentRefs } };
    case "GRPCRoute":
      return { ...route, spec: { ...route.spec, parentRefs } };
    case "TLSRoute":
      return { ...route, spec: { ...route.spec, parentRefs } };
  }
}

/** Whether a listener takes a route: it is named, allows kind and namespace, and has a hostname in common. */
export function isTaken(world: World, { from, listener }: Offer, route: Route): boolean {
  const named = route.spec.parentRefs.some(
    (ref) =>
      ref.kind === from.kind &&
      ref.name === from.name &&
      (ref.namespace ?? route.metadata.namespace) === from.namespace &&
      (ref.sectionName === undefined || ref.sectionName === listener.name) &&
      (ref.port === undefined || ref.port === listener.port),
  );
  const { kinds, namespaces } = listener.allowedRoutes;
  const hostname = listener.hostname ?? "";
  return (
    named &&
    (carried[listener.protocol] ?? []).includes(route.kind) &&
    (kinds.length === 0 || kinds.some((one) => one.kind === route.kind)) &&
    isOpen(world, namespaces, from.namespace, route.metadata.namespace) &&
    (route.spec.hostnames.length === 0 ||
      route.spec.hostnames.some((one) => standsFor(one, hostname) || standsFor(hostname, one)))
  );
}

/** Kinds of routes by protocol; gRPC in clear text needs HTTP/2 without TLS, which Lattice has not. */
const carried: Readonly<Record<string, readonly string[]>> = {
  HTTP: ["HTTPRoute"],
  HTTPS: ["HTTPRoute", "GRPCRoute"],
  TLS: ["TLSRoute"],
};

/** Whether a hostname of a listener or route stands for another: none for any, a wildcard for one label or more. */
export const standsFor = (hostname: string, other: string): boolean =>
  hostname === "" || hostname === other || (hostname.startsWith("*.") && other.endsWith(hostname.slice(1)));

function isOpen(
  world: World,
  { from, selector }: { readonly from: string; readonly selector?: LabelSelector | undefined },
  own: string,
  theirs: string,
): boolean {
  if (from === "All") return true;
  if (from === "Same") return own === theirs;
  const labels = all(world, "Namespace").find((one) => one.metadata.name === theirs)?.metadata.labels ?? {};
  const wanted = Object.entries(selector?.matchLabels ?? {});
  return (
    from === "Selector" && selector !== undefined && wanted.every(([key, value]) => labels[key] === value)
  );
}
