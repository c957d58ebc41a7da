import type { Registration } from "../model/cluster.ts";
import { isRouteKind, type Route, type RouteKind } from "../model/routes.ts";
import type { ServiceRoot } from "../model/roots.ts";
import { isGranted } from "./grants.ts";
import type { View } from "./view.ts";

/** A route that a service serves, and what it says now, if it is there. */
interface Served {
  readonly kind: RouteKind;
  readonly namespace: string;
  readonly route: Route | undefined;
}

/**
 * The target groups, by their ids, that no route of a service may send to any more because a ReferenceGrant was taken back. Whatever
 * else stands still, nothing is forwarded to them. Of a group that some route names now these decide, and of another
 * one all routes that are served.
 */
export async function forbiddenGroups(
  root: ServiceRoot,
  view: View,
  { profile }: Registration,
): Promise<readonly string[]> {
  // The in-cluster controller forwards without a grant.
  if ((profile === "incumbent" && root.of !== "Gateway") || view.own.groups.length === 0) return [];
  const served = await routesServed(root, view);
  const forbidden: string[] = [];
  for (const { id, backend } of view.own.groups) {
    const naming = served.filter((one) => one.route !== undefined && names(one.route, backend));
    if (!(await mayAny(view, root, naming.length > 0 ? naming : served, backend))) forbidden.push(id);
  }
  return forbidden;
}

async function routesServed({ cluster }: ServiceRoot, view: View): Promise<readonly Served[]> {
  const served: Served[] = [];
  for (const text of view.own.serves) {
    const [kind = "", namespace = "", name = ""] = text.split("/");
    if (!isRouteKind(kind)) throw new TypeError(`${text} is no route`);
    const seen = await view.object({ cluster, kind, namespace, name });
    served.push({ kind, namespace, route: seen.is === "known" ? seen.object : undefined });
  }
  return served;
}

interface Backend {
  readonly namespace: string;
  readonly name: string;
}

const names = ({ metadata, spec }: Route, { namespace, name }: Backend): boolean =>
  [...spec.rules]
    .flatMap((rule) => rule.backendRefs)
    .some(
      (ref) =>
        ref.group === "" &&
        ref.kind === "Service" &&
        ref.name === name &&
        (ref.namespace ?? metadata.namespace) === namespace,
    );

async function mayAny(
  view: View,
  { cluster }: ServiceRoot,
  routes: readonly Served[],
  backend: Backend,
): Promise<boolean> {
  for (const route of routes)
    if (await isGranted(view, cluster, route, { group: "", kind: "Service", ...backend })) return true;
  // Of whom it serves nothing is known yet.
  return routes.length === 0;
}
