import type { ClusterName } from "../model/ids.ts";
import type { Listener } from "../model/objects.ts";
import type { ParentRef, Route } from "../model/routes.ts";
import { intersection } from "./hostname.ts";
import type { GatewayListener } from "./listeners.ts";
import { admits } from "./namespaces.ts";
import { carrierOf, kindsOfProtocol, protocolText, supportedKinds } from "./routekinds.ts";
import type { View } from "./view.ts";

/** A listener that takes a route, and the hostnames that both have in common; "" stands for any. */
export interface AttachedListener extends GatewayListener {
  readonly hostnames: readonly string[];
}

/** Which listeners of a parent take a route that names it in one parentRef, or the reason why none does. */
export type Attachment =
  | { readonly is: "accepted"; readonly listeners: readonly AttachedListener[] }
  | {
      readonly is: "refused";
      readonly reason: "NoMatchingParent" | "NotAllowedByListeners" | "NoMatchingListenerHostname";
      readonly message: string;
    }
  /** A namespace whose labels decide has not been heard of. */
  | { readonly is: "unknown"; readonly why: string };

/**
 * Attaches a route to the listeners of one of its parents, in the order of decisions that the standard's tests expect:
 * sectionName and port, then kind and namespace, then hostname.
 */
export async function attach(
  view: View,
  cluster: ClusterName,
  route: Route,
  ref: ParentRef,
  listeners: readonly GatewayListener[],
): Promise<Attachment> {
  const named = namedBy(ref, listeners);
  const what = `${ref.kind} ${ref.name}`;
  if (named.length === 0) {
    const asked = [
      ref.sectionName === undefined ? [] : [`named ${ref.sectionName}`],
      ref.port === undefined ? [] : [`on port ${ref.port}`],
    ].flat();
    const which = asked.length === 0 ? "" : ` ${asked.join(" and ")}`;
    return { is: "refused", reason: "NoMatchingParent", message: `${what} has no listener${which}` };
  }
  const carrying = named.filter(({ listener }) => kindsOfProtocol(listener).includes(route.kind));
  if (carrying.length === 0) {
    const message = `${what} offers it ${named.map(({ listener }) => `${listener.name} (${protocolText(listener)})`).join(", ")}; ${carrierOf[route.kind]}`;
    return { is: "refused", reason: "NotAllowedByListeners", message };
  }
  const allowed: GatewayListener[] = [];
  for (const one of carrying) {
    if (!supportedKinds(one.listener).some(({ kind }) => kind === route.kind)) continue;
    const { namespaces } = one.listener.allowedRoutes;
    const answer = await admits(view, cluster, namespaces, one.owner.namespace, route.metadata.namespace);
    if (answer === "unknown")
      return { is: "unknown", why: `the labels of namespace ${route.metadata.namespace} are not known yet` };
    if (answer) allowed.push(one);
  }
  if (allowed.length === 0) {
    const message = `no listener of ${what} that is named takes ${route.kind}s of namespace ${route.metadata.namespace}; see allowedRoutes of ${carrying.map(({ listener }) => listener.name).join(", ")}`;
    return { is: "refused", reason: "NotAllowedByListeners", message };
  }
  const attached = allowed.flatMap((one): readonly AttachedListener[] => {
    const hostnames = commonHostnames(one.listener, route);
    return hostnames.length === 0 ? [] : [{ ...one, hostnames }];
  });
  if (attached.length > 0) return { is: "accepted", listeners: attached };
  const message = `none of the hostnames ${route.spec.hostnames.join(", ")} is one of a listener that allows the route`;
  return { is: "refused", reason: "NoMatchingListenerHostname", message };
}

/** The listeners that a parentRef names, by section and port. */
export const namedBy = (ref: ParentRef, listeners: readonly GatewayListener[]): readonly GatewayListener[] =>
  listeners.filter(
    ({ listener }) =>
      (ref.sectionName === undefined || listener.name === ref.sectionName) &&
      (ref.port === undefined || listener.port === ref.port),
  );

/** The hostnames that a listener and a route have in common; "" stands for any. */
function commonHostnames(listener: Listener, route: Route): readonly string[] {
  if (route.spec.hostnames.length === 0) return [listener.hostname?.toLowerCase() ?? ""];
  return [
    ...new Set(route.spec.hostnames.flatMap((hostname) => intersection(listener.hostname, hostname) ?? [])),
  ];
}
