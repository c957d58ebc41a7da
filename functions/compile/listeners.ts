import { byText } from "../model/canonical.ts";
import type { ClusterName } from "../model/ids.ts";
import type { Gateway, Listener, ListenerSet } from "../model/objects.ts";
import { conflictOf, supportOf, type Problem } from "./listenerproblems.ts";
import { admits } from "./namespaces.ts";
import type { View } from "./view.ts";

/** Whose listener it is. */
export interface Owner {
  readonly kind: "Gateway" | "ListenerSet";
  readonly namespace: string;
  readonly name: string;
}

/** A listener of a Gateway, its own or of a ListenerSet, and what is the matter with it. */
export interface GatewayListener {
  readonly owner: Owner;
  readonly listener: Listener;
  /** Why it is in the way of another; then it carries nothing. */
  readonly conflict?: Problem | undefined;
  /** Why Lattice cannot have it. */
  readonly unsupported?: Problem | undefined;
}

/** Every listener of a Gateway in order of precedence, and the ListenerSets that ask to add to it. */
export interface Listeners {
  readonly all: readonly GatewayListener[];
  readonly sets: readonly { readonly set: ListenerSet; readonly admitted: boolean | "unknown" }[];
}

/** Whether a listener can carry traffic. */
export const carries = (one: GatewayListener): boolean =>
  one.conflict === undefined && one.unsupported === undefined;

/**
 * The listeners of a Gateway: its own, then those of the ListenerSets that it admits, the oldest first (GEP-1713). Clashing
 * listeners of the Gateway itself are all in conflict; of others the first one holds.
 */
export async function listenersOf(view: View, cluster: ClusterName, gateway: Gateway): Promise<Listeners> {
  const { namespace, name } = gateway.metadata;
  const value = `${namespace}/${name}`;
  const found = await view.list(cluster, { kind: "ListenerSet", by: "gateway", value });
  const open = gateway.spec.allowedListeners.namespaces;
  const sets = await Promise.all(
    found.toSorted(byAge).map(async (set) => ({
      set,
      admitted: await admits(view, cluster, open, namespace, set.metadata.namespace),
    })),
  );
  const all: { readonly owner: Owner; readonly listener: Listener }[] = gateway.spec.listeners.map(
    (listener) => ({
      owner: { kind: "Gateway", namespace, name },
      listener,
    }),
  );
  for (const { set, admitted } of sets) {
    if (admitted !== true) continue;
    const owner: Owner = { kind: "ListenerSet", namespace: set.metadata.namespace, name: set.metadata.name };
    all.push(...set.spec.listeners.map((listener) => ({ owner, listener })));
  }
  return { all: judged(all), sets };
}

function judged(
  all: readonly { readonly owner: Owner; readonly listener: Listener }[],
): readonly GatewayListener[] {
  const done: GatewayListener[] = [];
  for (const { owner, listener } of all) {
    const others =
      owner.kind === "Gateway"
        ? all.filter((one) => one.owner.kind === "Gateway" && one.listener.name !== listener.name)
        : done.filter((one) => one.conflict === undefined);
    const conflict = conflictOf(
      listener,
      others.map((one) => ({ ...one.listener, name: nameFor(owner, one) })),
    );
    const unsupported = supportOf(listener);
    done.push({
      owner,
      listener,
      ...(conflict === undefined ? {} : { conflict }),
      ...(unsupported === undefined ? {} : { unsupported }),
    });
  }
  return done;
}

/** How a listener is named to the owner of another. */
export const nameFor = (owner: Owner, one: { readonly owner: Owner; readonly listener: Listener }): string =>
  isOf(one, owner)
    ? one.listener.name
    : `${one.listener.name} of ${one.owner.kind} ${one.owner.namespace}/${one.owner.name}`;

/** Whether a listener is one of an object's own. */
export const isOf = (one: { readonly owner: Owner }, owner: Owner): boolean =>
  one.owner.kind === owner.kind && one.owner.namespace === owner.namespace && one.owner.name === owner.name;

/** The order of objects that compete: the older one first, then by namespace and name (gateway-api spec, conflict resolution). */
export const byAge = (a: Aged, b: Aged): number =>
  byText(a.metadata.creationTimestamp, b.metadata.creationTimestamp) || byText(placeOf(a), placeOf(b));

interface Aged {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly creationTimestamp: string;
  };
}

const placeOf = ({ metadata: { namespace, name } }: Aged): string => `${namespace}/${name}`;
