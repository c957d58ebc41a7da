import type { ClusterName } from "../model/ids.ts";
import type { Gateway, HTTPRoute, ParentRef } from "../model/objects.ts";
import { attach, namesGateway, type Attachment } from "./attachment.ts";
import { isOurs } from "./gateway.ts";
import type { View } from "./view.ts";

/** A parentRef whose Gateway is of our class, and how the route is attached to it. */
export interface Parent {
  readonly ref: ParentRef;
  readonly gateway: Gateway;
  readonly attachment: Attachment;
}

/** The parents of a route that are ours, in the order in which they are named; or what is not known of them yet. */
export async function parentsOf(
  view: View,
  cluster: ClusterName,
  route: HTTPRoute,
): Promise<{ readonly parents: readonly Parent[]; readonly unknown: readonly string[] }> {
  const parents: Parent[] = [];
  const unknown: string[] = [];
  for (const ref of route.spec.parentRefs) {
    if (!namesGateway(ref)) continue;
    const namespace = ref.namespace ?? route.metadata.namespace;
    const seen = await view.object({ cluster, kind: "Gateway", namespace, name: ref.name });
    if (seen.is === "unknown") unknown.push(`Gateway ${namespace}/${ref.name} is not known yet`);
    if (seen.is !== "known") continue;
    const ours = await isOurs(view, cluster, seen.object);
    if (ours === undefined)
      unknown.push(`GatewayClass ${seen.object.spec.gatewayClassName} is not known yet`);
    if (ours !== true) continue;
    const attachment = await attach(view, cluster, route, ref, seen.object);
    if (attachment.is === "unknown") unknown.push(attachment.why);
    parents.push({ ref, gateway: seen.object, attachment });
  }
  return { parents, unknown };
}
