import type { ClusterName } from "../model/ids.ts";
import { type Gateway } from "../model/objects.ts";
import { routeKinds, type Route } from "../model/routes.ts";
import { byAge } from "./listeners.ts";
import { routeText } from "./serving.ts";
import type { View } from "./view.ts";

/** Every route that names a Gateway, or a ListenerSet that adds to it, as a parent; the oldest first. */
export async function routesAt(
  view: View,
  cluster: ClusterName,
  gateway: Gateway,
): Promise<readonly Route[]> {
  const { namespace, name } = gateway.metadata;
  const sets = await view.list(cluster, {
    kind: "ListenerSet",
    by: "gateway",
    value: `${namespace}/${name}`,
  });
  const values = [
    `Gateway/${namespace}/${name}`,
    ...sets.map(({ metadata }) => `ListenerSet/${metadata.namespace}/${metadata.name}`),
  ];
  const found: Route[] = [];
  for (const kind of routeKinds)
    for (const value of values) found.push(...(await view.list(cluster, { kind, by: "parent", value })));
  return [...new Map(found.map((route) => [routeText(route), route])).values()].toSorted(byAge);
}
