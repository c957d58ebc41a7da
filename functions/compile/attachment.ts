import type { ClusterName } from "../model/ids.ts";
import type { Gateway, HTTPRoute, LabelSelector, Listener, ParentRef } from "../model/objects.ts";
import { intersection } from "./hostname.ts";
import type { View } from "./view.ts";

/** Which listeners of a Gateway take a route that names it in one parentRef, or the reason why none does. */
export type Attachment =
  | {
      readonly is: "accepted";
      readonly listeners: readonly { readonly listener: Listener; readonly hostnames: readonly string[] }[];
    }
  | {
      readonly is: "refused";
      readonly reason: "NoMatchingParent" | "NotAllowedByListeners" | "NoMatchingListenerHostname";
      readonly message: string;
    }
  /** A namespace whose labels decide has not been heard of. */
  | { readonly is: "unknown"; readonly why: string };

const gatewayApi = "gateway.networking.k8s.io";

/** Whether a parentRef names a Gateway. */
export const namesGateway = (ref: ParentRef): boolean => ref.group === gatewayApi && ref.kind === "Gateway";

/**
 * Attaches a route to a Gateway by one of its parentRefs, in the order of decisions that the standard's tests expect:
 * sectionName and port, then kind and namespace, then hostname.
 */
export async function attach(
  view: View,
  cluster: ClusterName,
  route: HTTPRoute,
  ref: ParentRef,
  gateway: Gateway,
): Promise<Attachment> {
  const named = gateway.spec.listeners.filter(
    (one) =>
      (ref.sectionName === undefined || one.name === ref.sectionName) &&
      (ref.port === undefined || one.port === ref.port),
  );
  if (named.length === 0) {
    const what = [
      ref.sectionName === undefined ? [] : [`named ${ref.sectionName}`],
      ref.port === undefined ? [] : [`on port ${ref.port}`],
    ].flat();
    return {
      is: "refused",
      reason: "NoMatchingParent",
      message: `Gateway ${gateway.metadata.name} has no listener ${what.join(" and ")}`,
    };
  }
  const allowed: Listener[] = [];
  for (const listener of named) {
    if (!supportedKinds(listener).some((kind) => kind.kind === "HTTPRoute")) continue;
    const answer = await admits(
      view,
      cluster,
      listener,
      gateway.metadata.namespace,
      route.metadata.namespace,
    );
    if (answer === "unknown")
      return { is: "unknown", why: `the labels of namespace ${route.metadata.namespace} are not known yet` };
    if (answer) allowed.push(listener);
  }
  if (allowed.length === 0) {
    return {
      is: "refused",
      reason: "NotAllowedByListeners",
      message: `no listener of Gateway ${gateway.metadata.name} that is named allows an HTTPRoute of namespace ${route.metadata.namespace}; see allowedRoutes`,
    };
  }
  const listeners = allowed.flatMap((listener) => {
    const hostnames = commonHostnames(listener, route);
    return hostnames.length === 0 ? [] : [{ listener, hostnames }];
  });
  if (listeners.length === 0) {
    const asked = route.spec.hostnames.join(", ");
    return {
      is: "refused",
      reason: "NoMatchingListenerHostname",
      message: `none of the hostnames ${asked} is one of a listener that allows the route`,
    };
  }
  return { is: "accepted", listeners };
}

/** The hostnames that a listener and a route have in common; "" stands for any. */
function commonHostnames(listener: Listener, route: HTTPRoute): readonly string[] {
  if (route.spec.hostnames.length === 0) return [listener.hostname?.toLowerCase() ?? ""];
  return route.spec.hostnames.flatMap((hostname) => intersection(listener.hostname, hostname) ?? []);
}

/** The route kinds that a listener can take now: those of its protocol, as far as allowedRoutes lists them. */
export function supportedKinds(
  listener: Listener,
): readonly { readonly group: string; readonly kind: string }[] {
  const ofProtocol = listener.protocol === "HTTP" || listener.protocol === "HTTPS" ? ["HTTPRoute"] : [];
  const listed = listener.allowedRoutes.kinds;
  const kinds =
    listed.length === 0
      ? ofProtocol
      : ofProtocol.filter((kind) => listed.some((one) => one.kind === kind && one.group === gatewayApi));
  return kinds.map((kind) => ({ group: gatewayApi, kind }));
}

async function admits(
  view: View,
  cluster: ClusterName,
  listener: Listener,
  gatewayNamespace: string,
  routeNamespace: string,
): Promise<boolean | "unknown"> {
  const { from, selector } = listener.allowedRoutes.namespaces;
  if (from === "All") return true;
  if (from !== "Selector") return from === "Same" && gatewayNamespace === routeNamespace;
  if (selector === undefined) return false;
  const seen = await view.object({ cluster, kind: "Namespace", namespace: "", name: routeNamespace });
  if (seen.is === "unknown") return "unknown";
  return seen.is === "known" && selects(selector, seen.object.metadata.labels);
}

/** Whether labels satisfy a selector (Kubernetes API, LabelSelector): all terms must hold, and an unknown operator holds for nothing. */
function selects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  const equal = Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    selector.matchExpressions.every(({ key, operator, values }) => {
      const value = labels[key];
      switch (operator) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
        default:
          return false;
      }
    })
  );
}
