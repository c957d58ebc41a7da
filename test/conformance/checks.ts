import type { ListedKind } from "../../infra/local/fleet/cluster.ts";
import { complaintOf, parentsIn, statusOf, type Wanted } from "./status.ts";
import { nameOf, until, type Check } from "./trial.ts";

/** A Gateway as routes name it, or `ListenerSet NAMESPACE/NAME`; `#NAME` and `:PORT` as far as the route names them. */
type ParentName = string;

type RouteKind = "HTTPRoute" | "GRPCRoute" | "TLSRoute";

/** Conditions on an object itself. */
export const hasConditions =
  (kind: ListedKind, name: string, ...wanted: readonly Wanted[]): Check =>
  (trial) =>
    until(async () => {
      const object = await trial.object(kind, name);
      const { conditions } = statusOf(object);
      return conditions.length === 0
        ? `${kind} ${name} has no conditions`
        : complaintOf(object, conditions, wanted, `${kind} ${name}`);
    });

interface ListenerWanted {
  readonly conditions?: readonly Wanted[] | undefined;
  /** These are among the supported ones; none are wanted when it is empty. */
  readonly kinds?: readonly string[] | undefined;
  readonly attached?: number | undefined;
}

/** The status of one listener of a Gateway or ListenerSet. */
export const listenerIs =
  (owner: "Gateway" | "ListenerSet", name: string, listener: string, wanted: ListenerWanted): Check =>
  (trial) =>
    until(async () => {
      const object = await trial.object(owner, name);
      const found = statusOf(object).listeners.find((one) => one.name === listener);
      const where = `listener ${listener} of ${owner} ${name}`;
      if (found === undefined) return `${where} has no status`;
      const kinds = found.supportedKinds.map((one) => one.kind);
      if (wanted.kinds?.length === 0 && kinds.length > 0) return `${where} supports ${kinds.join(", ")}`;
      const lacks = wanted.kinds?.find((one) => !kinds.includes(one));
      if (lacks !== undefined) return `${where} does not support ${lacks}`;
      if (wanted.attached !== undefined && found.attachedRoutes !== wanted.attached)
        return `${where} has ${found.attachedRoutes} routes attached, not ${wanted.attached}`;
      return complaintOf(object, found.conditions, wanted.conditions ?? [], where);
    });

/** An object has a status for exactly these listeners. */
export const listenersAre =
  (owner: "Gateway" | "ListenerSet", name: string, ...listeners: readonly string[]): Check =>
  (trial) =>
    until(async () => {
      const found = statusOf(await trial.object(owner, name)).listeners.map((one) => one.name);
      return found.toSorted().join() === listeners.toSorted().join()
        ? undefined
        : `${owner} ${name} has a status for listeners ${found.join(", ")}, not ${listeners.join(", ")}`;
    });

/** What a listener says that carries traffic. */
const fine = [
  "Accepted True Accepted",
  "ResolvedRefs True ResolvedRefs",
  "Programmed True Programmed",
] as const;

/** A Gateway is accepted and programmed, with an address, and all its listeners are fine. */
export const gatewayReady =
  (name: string): Check =>
  (trial) =>
    until(async () => {
      const object = await trial.object("Gateway", name);
      const { conditions, addresses, listeners } = statusOf(object);
      if (addresses.length === 0) return `Gateway ${name} has no address`;
      const wanted = ["Accepted True Accepted", "Programmed True Programmed"] as const;
      return [
        complaintOf(object, conditions, wanted, `Gateway ${name}`),
        ...listeners.map((one) =>
          complaintOf(object, one.conditions, fine, `listener ${one.name} of Gateway ${name}`),
        ),
      ].find((one) => one !== undefined);
    });

/** A ListenerSet is accepted and programmed, and all its listeners are fine. */
export const listenerSetReady =
  (name: string): Check =>
  (trial) =>
    until(async () => {
      const object = await trial.object("ListenerSet", name);
      const { conditions, listeners } = statusOf(object);
      const wanted = ["Accepted True Accepted", "Programmed True Programmed"] as const;
      return [
        complaintOf(object, conditions, wanted, `ListenerSet ${name}`),
        ...listeners.map((one) =>
          complaintOf(object, one.conditions, fine, `listener ${one.name} of ListenerSet ${name}`),
        ),
      ].find((one) => one !== undefined);
    });

/** How many accepted ListenerSets a Gateway says that it has. */
export const attachedSets =
  (name: string, count: number): Check =>
  (trial) =>
    until(async () => {
      const { attachedListenerSets } = statusOf(await trial.object("Gateway", name));
      return attachedListenerSets === count
        ? undefined
        : `Gateway ${name} has ${attachedListenerSets} ListenerSets attached, not ${count}`;
    });

/** What a route's entry for one of its parents says. */
export const routeAt =
  (kind: RouteKind, name: string, parent: ParentName, ...wanted: readonly Wanted[]): Check =>
  (trial) =>
    until(async () => {
      const route = await trial.object(kind, name);
      const where = `${kind} ${name} at ${parent}`;
      const entry = parentsIn(route).find((one) => isNamed(one.parentRef, parent, nameOf(name).namespace));
      return entry === undefined
        ? `${where}: there is no such entry among ${parentsIn(route).length}`
        : complaintOf(route, entry.conditions, wanted, where);
    });

/** A route has exactly these parents, and each has accepted it and its references. */
export const routeAccepted =
  (kind: RouteKind, name: string, ...parents: readonly ParentName[]): Check =>
  async (trial) => {
    for (const parent of parents)
      await routeAt(kind, name, parent, "Accepted True Accepted", "ResolvedRefs True ResolvedRefs")(trial);
    await parentsAre(kind, name, parents.length)(trial);
  };

/** How many entries of ours a route has. */
export const parentsAre =
  (kind: RouteKind, name: string, count: number): Check =>
  (trial) =>
    until(async () => {
      const found = parentsIn(await trial.object(kind, name)).length;
      return found === count ? undefined : `${kind} ${name} has ${found} entries of parents, not ${count}`;
    });

type ParentRef = ReturnType<typeof parentsIn>[number]["parentRef"];

/** Whether a reference in a status names a parent. Group, kind and name are written out; the namespace too where it is another. */
function isNamed(ref: ParentRef, parent: ParentName, routeNamespace: string): boolean {
  const [, kind = "Gateway", text = "", section, port] =
    /^(?:(\w+) )?([^#:]+)(?:#([^:]+))?(?::(\d+))?$/.exec(parent) ?? [];
  const { namespace, name } = nameOf(text);
  return (
    ref.group === "gateway.networking.k8s.io" &&
    ref.kind === kind &&
    ref.name === name &&
    (ref.namespace ?? routeNamespace) === namespace &&
    ref.sectionName === section &&
    String(ref.port ?? "") === (port ?? "")
  );
}

/** Every condition, also those of its listeners or parents, is of the object's latest generation, which is `generation`. */
export const isCurrent =
  (kind: ListedKind, name: string, generation: number): Check =>
  (trial) =>
    until(async () => {
      const object = await trial.object(kind, name);
      if (object.metadata.generation !== generation)
        return `${kind} ${name} is of generation ${object.metadata.generation}, not ${generation}`;
      const { conditions, listeners } = statusOf(object);
      const all = [conditions, ...[...listeners, ...parentsIn(object)].map((one) => one.conditions)];
      if (all.flat().length === 0) return `${kind} ${name} has no conditions`;
      return all
        .map((some) => complaintOf(object, some, [], `${kind} ${name}`))
        .find((one) => one !== undefined);
    });

/** Changes an object. */
export const change =
  (kind: ListedKind, name: string, patch: unknown): Check =>
  (trial) =>
    trial.patch(kind, name, patch);

/** Deletes an object. */
export const remove =
  (kind: ListedKind, name: string): Check =>
  (trial) =>
    trial.remove(kind, name);
