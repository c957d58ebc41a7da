import type { Registration } from "../model/cluster.ts";
import type { Route } from "../model/routes.ts";
import { mistakeIn } from "./ask.ts";
import { judge, type Judgement } from "./judge.ts";
import { parentsOf, type Parent } from "./parents.ts";
import type { View } from "./view.ts";

/**
 * Why a route of class `amazon-vpc-lattice` stands still: nothing new is made of it, and what serves it stays as it is. In profile
 * `incumbent` that is everything for which the in-cluster controller builds nothing, and takes nothing away (reference-controller.md 4.1,
 * 4.3): no listener takes the route, or a part of it cannot be said. `parents` are those of the class.
 */
export function standstillOf(
  route: Route,
  parents: readonly Parent[],
  judgement: Judgement,
  incumbent: boolean,
): string | undefined {
  const mistake = mistakeIn(route, judgement, "amazon-vpc-lattice");
  if (!incumbent) return mistake;
  const [first] = parents;
  return first?.attachment.is === "refused" && isTakenByNone(parents)
    ? first.attachment.message
    : (mistake ?? twoProtocols(parents));
}

/** Whether a route has parents, and no listener of theirs takes it. */
export const isTakenByNone = (parents: readonly Parent[]): boolean =>
  parents.length > 0 && parents.every(({ attachment }) => attachment.is === "refused");

/** The same for the route of a target group: while it stands still, no group is made for it. */
export async function standstillAt(
  view: View,
  { cluster, profile }: Registration,
  route: Route,
): Promise<string | undefined> {
  const incumbent = profile === "incumbent";
  const { parents } = await parentsOf(view, cluster, route, incumbent);
  const own = parents.filter((one) => one.class === "amazon-vpc-lattice");
  const judgement = await judge(view, { cluster, route, lenient: incumbent });
  return standstillOf(route, own, judgement, incumbent);
}

/** Listeners that give a service two protocols on one port: which of them the in-cluster controller has made is chance. */
function twoProtocols(parents: readonly Parent[]): string | undefined {
  const all = parents.flatMap(({ attachment }) =>
    attachment.is === "accepted" ? attachment.listeners.map((one) => one.listener) : [],
  );
  const clash = all.find((one) =>
    all.some((other) => other.port === one.port && other.protocol !== one.protocol),
  );
  return clash === undefined
    ? undefined
    : `its listeners have port ${clash.port} with several protocols, and a Lattice service has one; name one listener by sectionName`;
}
