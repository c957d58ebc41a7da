import type { ClusterName } from "../model/ids.ts";
import type { Gateway } from "../model/objects.ts";
import { classNamed, type ClassName } from "../model/verdict.ts";
import { gatewayKey } from "./ask.ts";
import { listenersOf } from "./listeners.ts";
import type { View } from "./view.ts";

/**
 * Which of our classes a Gateway is of: `foreign` when it is somebody else's, `missing` when there is no such class (any more),
 * `unknown` while its class has not been heard of.
 */
export async function classOf(
  view: View,
  cluster: ClusterName,
  gateway: Gateway,
): Promise<ClassName | "foreign" | "missing" | "unknown"> {
  const name = gateway.spec.gatewayClassName;
  const seen = await view.object({ cluster, kind: "GatewayClass", namespace: "", name });
  if (seen.is !== "known") return seen.is;
  return classNamed(seen.object.spec.controllerName) ?? "foreign";
}

/**
 * Whether a Gateway whose class is missing was ours when this root looked last, and the root has something to lose: that stands still
 * until the class is back. Looking at the Gateway's listeners again remembers it.
 */
export async function wasOurs(view: View, cluster: ClusterName, gateway: Gateway): Promise<boolean> {
  const { exists, services, gateways } = view.own;
  if (!exists && services.length === 0) return false;
  if (!gateways.includes(gatewayKey(cluster, gateway))) return false;
  await listenersOf(view, cluster, gateway);
  return true;
}

/** Why something that depends on a Gateway stands still, in words. */
export const classLack = ({ spec }: Gateway, its: "missing" | "unknown"): string =>
  its === "unknown"
    ? `GatewayClass ${spec.gatewayClassName} is not known yet`
    : `there is no GatewayClass ${spec.gatewayClassName}: what is served stands still until there is one`;
