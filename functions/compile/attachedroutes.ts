import type { ClusterName } from "../model/ids.ts";
import type { Gateway } from "../model/objects.ts";
import { parentOf } from "../model/reads.ts";
import { acceptance } from "./routeverdicts.ts";
import { askOf } from "./ask.ts";
import { judgeEach } from "./judge.ts";
import type { Owner } from "./listeners.ts";
import { parentsOf } from "./parents.ts";
import { routesAt } from "./routesat.ts";
import type { View } from "./view.ts";

/**
 * How many routes each listener of a Gateway or ListenerSet has taken: those that are accepted there, whatever is the matter
 * with the listener. A route counts once per listener.
 */
export async function attachedRoutes(
  view: View,
  cluster: ClusterName,
  gateway: Gateway,
  owner: Owner,
  incumbent: boolean,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const route of await routesAt(view, cluster, gateway)) {
    const { parents } = await parentsOf(view, cluster, route, incumbent);
    const judgements = await judgeEach(view, cluster, route, incumbent);
    const own = parents.filter((one) => one.class === "amazon-vpc-lattice");
    const taken = new Set<string>();
    const ask = askOf(route, own, incumbent);
    for (const { parent, refused } of acceptance(route, parents, judgements, ask, incumbent)) {
      const names = parentOf(route, parent.ref);
      if (refused !== undefined || parent.attachment.is !== "accepted") continue;
      if (names?.kind !== owner.kind || names.namespace !== owner.namespace || names.name !== owner.name)
        continue;
      for (const { listener } of parent.attachment.listeners) taken.add(listener.name);
    }
    for (const name of taken) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
