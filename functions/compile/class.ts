import type { ClusterName } from "../model/ids.ts";
import type { Gateway } from "../model/objects.ts";
import { classNamed, type ClassName } from "../model/verdict.ts";
import type { View } from "./view.ts";

/** Which of our classes a Gateway is of: `foreign` when it is somebody else's or has no class, `unknown` while its class has not been heard of. */
export async function classOf(
  view: View,
  cluster: ClusterName,
  gateway: Gateway,
): Promise<ClassName | "foreign" | "unknown"> {
  const name = gateway.spec.gatewayClassName;
  const seen = await view.object({ cluster, kind: "GatewayClass", namespace: "", name });
  if (seen.is === "unknown") return "unknown";
  if (seen.is === "missing") return "foreign";
  return classNamed(seen.object.spec.controllerName) ?? "foreign";
}
