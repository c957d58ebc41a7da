import type { Model } from "../model/lattice.ts";
import type { ServiceRoot } from "../model/roots.ts";
import { waitToKnow, type Compiled } from "./compiled.ts";
import { forbiddenGroups } from "./forbidden.ts";
import { compileGatewayService } from "./gatewayservice.ts";
import { compileRouteService } from "./routeservice.ts";
import type { View } from "./view.ts";

/** A Lattice service, for as long as a route or a Gateway reads its output. */
export async function compileService(root: ServiceRoot, view: View): Promise<Compiled> {
  if (!view.own.wanted) return { want: { is: "absent" }, reports: [] };
  const facts = await view.cluster(root.cluster);
  if (facts === undefined) return waitToKnow(`cluster ${root.cluster} is not registered`);
  const compiled =
    root.of === "Gateway"
      ? await compileGatewayService(root, view, facts)
      : await compileRouteService(root, view, facts);
  // Whatever it forwards to itself it has looked at just now.
  const sent = compiled.want.is === "model" ? groupsOf(compiled.want.model) : [];
  const forbids = (await forbiddenGroups(root, view, facts.registration)).filter((id) => !sent.includes(id));
  return forbids.length === 0 ? compiled : { ...compiled, forbids };
}

/** The target groups that a service is to send to. */
const groupsOf = (model: Model): readonly string[] =>
  model.kind !== "service"
    ? []
    : model.listeners
        .flatMap(({ defaultAction, rules }) => [defaultAction, ...rules.map((rule) => rule.action)])
        .flatMap((action) => (action.do === "forward" ? action.groups.map(({ id }) => id) : []));
