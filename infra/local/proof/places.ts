import type { ClusterObject, Gateway } from "../../../functions/model/objects.ts";
import { isRouteKind, type ParentRef, type Route } from "../../../functions/model/routes.ts";
import { classNamed, type ClassName } from "../../../functions/model/verdict.ts";
import type { DataPlaneUrls } from "../lattice/dataplanes.ts";
import type { SeenService } from "./look.sdk.ts";
import { all, isTaken, offersOf, withParents, type Offer, type World } from "./reading/listeners.ts";
import type { Isolation } from "./reading/reading.ts";
import { parentText, type SeenParent } from "./settled.ts";
import { networkText } from "../place.ts";

/** What a cluster holds, and what came of it in Lattice. */
export interface Scene {
  readonly world: World;
  /** By `KIND NAMESPACE/NAME`. */
  readonly tales: ReadonlyMap<string, Tale>;
  readonly services: readonly SeenService[];
  readonly dataPlanes: DataPlaneUrls;
  /** In profile `incumbent` the order of rules is not the standard's: then only what a single rule takes is proven. */
  readonly lenient: boolean;
  /** The account of the cluster and its networks. */
  readonly account: string;
  /** The service network of all Gateways; absent: each has one of its own name. */
  readonly network?: string | undefined;
}

/** What a route says of where it is served. */
export interface Tale {
  /** The ARN of its first service. */
  readonly arn?: string | undefined;
  readonly parents: readonly SeenParent[];
}

/** A route at one of its parents. */
export interface Seat {
  /** As if it had no other parent: by another one it may be reached where it must not be by this one. */
  readonly route: Route;
  readonly gateway: Gateway;
  /** The Gateway's service network, as `networkText` has it. */
  readonly network: string;
  /** The listeners that take the route. */
  readonly offers: readonly Offer[];
  readonly places: readonly Place[];
}

/** A service by which a route may be reached, and how its routes are read. */
export interface Place {
  readonly service: SeenService;
  readonly world: World;
  readonly isolation: Isolation;
  readonly lenient: boolean;
}

/** `KIND NAMESPACE/NAME`. */
export const titleOf = ({ kind, metadata: { namespace, name } }: Route): string =>
  `${kind} ${namespace}/${name}`;

/** A route as one of its parents has it; undefined when its Gateway cannot be read. */
export function seatOf(route: Route, parent: SeenParent, scene: Scene): Seat | undefined {
  const ref = route.spec.parentRefs.find((one) => parentText(one, route.metadata.namespace) === parent.text);
  const gateway = ref && gatewayOf(ref, route, scene.world);
  if (ref === undefined || gateway === undefined) return undefined;
  const its = withParents(route, [ref]);
  const world = scene.world.map((one) => (one === route ? its : one));
  return {
    route: its,
    gateway,
    network: networkText(scene.account, scene.network ?? gateway.metadata.name),
    offers: offersOf(world, gateway).filter((one) => isTaken(world, one, its)),
    places: placesOf(its, gateway, parent, { ...scene, world }),
  };
}

/** The Gateway that a parent is, itself or by a ListenerSet. */
function gatewayOf(
  { kind, name, namespace }: ParentRef,
  { metadata }: Route,
  world: World,
): Gateway | undefined {
  const own = namespace ?? metadata.namespace;
  const named = (one: ClusterObject): boolean => one.metadata.namespace === own && one.metadata.name === name;
  if (kind !== "ListenerSet") return all(world, "Gateway").find(named);
  const ref = all(world, "ListenerSet").find(named)?.spec.parentRef;
  return all(world, "Gateway").find(
    (one) => one.metadata.namespace === (ref?.namespace ?? own) && one.metadata.name === ref?.name,
  );
}

/** The services by which a route is reached for one of its Gateways. */
function placesOf(route: Route, gateway: Gateway, parent: SeenParent, scene: Scene): readonly Place[] {
  const { world, services, lenient } = scene;
  switch (classOf(gateway, world)) {
    case "espalier": {
      const name = `${gateway.metadata.namespace}/${gateway.metadata.name}`;
      return services
        .filter((one) => one.of === "Gateway" && one.route === name)
        .map((service) => ({ service, world, isolation: "isolated", lenient: false }));
    }
    case "amazon-vpc-lattice":
      return servicesAt(route, parent, scene).map((service) => ({
        service,
        // A service has the routes that say so, and knows of no other.
        world: world.filter((one) => !isRoute(one) || one === route || isServedBy(one, service, scene)),
        isolation: "falls through",
        lenient,
      }));
    case undefined:
      return [];
  }
}

/** The services that a route says that it has at one parent; while it does not say, all that may be. */
function servicesAt(route: Route, { conditions }: SeenParent, scene: Scene): readonly SeenService[] {
  const named = scene.services.filter((one) => isNamed(one, conditions));
  return named.length > 0 ? named : scene.services.filter((one) => isServedBy(route, one, scene));
}

/** Whether a route says that a service has it. One that says nothing of any, such as a refused one, may be in that of its name. */
function isServedBy(route: Route, service: SeenService, { tales, services }: Scene): boolean {
  const tale = tales.get(titleOf(route));
  const isSaid = (one: SeenService): boolean =>
    one.arn === tale?.arn || tale?.parents.some(({ conditions }) => isNamed(one, conditions)) === true;
  const isItsOwn = service.of === route.kind && titleOf(route) === `${service.of} ${service.route}`;
  return isSaid(service) || (isItsOwn && !services.some(isSaid));
}

const isNamed = ({ dnsName }: SeenService, conditions: SeenParent["conditions"]): boolean =>
  conditions.some(
    ({ type, status, message }) => type === "Programmed" && status === "True" && message.includes(dnsName),
  );

const isRoute = (one: ClusterObject): one is Route => isRouteKind(one.kind);

function classOf({ spec }: Gateway, world: World): ClassName | undefined {
  const its = all(world, "GatewayClass").find(({ metadata }) => metadata.name === spec.gatewayClassName);
  return its === undefined ? undefined : classNamed(its.spec.controllerName);
}
