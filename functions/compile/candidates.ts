import type { Registration } from "../model/cluster.ts";
import type { ClusterName } from "../model/ids.ts";
import type { Gateway } from "../model/objects.ts";
import type { Index } from "../model/reads.ts";
import type { Route } from "../model/routes.ts";
import { rootKey, type ServiceRoot } from "../model/roots.ts";
import { gatewayKey, isNamesake, type Ask } from "./ask.ts";
import { judge } from "./judge.ts";
import { classLack } from "./class.ts";
import { byAge } from "./listeners.ts";
import { mayBeIn } from "./networks.ts";
import { parentsOf } from "./parents.ts";
import { askKeeping } from "./routeask.ts";
import { routesAt } from "./routesat.ts";
import { routeText } from "./serving.ts";
import { standstillOf } from "./standstill.ts";
import type { View } from "./view.ts";

/** Who may be served by a service of class `amazon-vpc-lattice`, and where. */
export interface Candidates {
  readonly asks: readonly Ask[];
  readonly gateways: readonly Gateway[];
}

/** The routes that may be served by a service, and the Gateways that it may be for. */
export async function candidatesFor(
  root: ServiceRoot,
  view: View,
  registration: Registration,
): Promise<Candidates | { readonly unknown: readonly string[] }> {
  const { cluster, namespace, name, of } = root;
  const incumbent = registration.profile === "incumbent";
  if (of === "Gateway") throw new TypeError(`${rootKey(root)} is not the service of a route`);
  const seen = await view.object({ cluster, kind: of, namespace, name });
  if (seen.is === "unknown") return { unknown: [`${of} ${namespace}/${name} is not known yet`] };
  const own = seen.is === "known" ? await askFrom(view, root, seen.object, registration) : undefined;
  if (own !== undefined && "unknown" in own) return own;
  const gateways = new Map(
    (own?.at ?? [])
      .filter(({ listeners }) => listeners.length > 0)
      .filter(({ gateway }) => mayBeFor(root, gateway))
      .map(({ gateway }) => [gatewayKey(root.cluster, gateway), gateway]),
  );
  for (const { gateway } of view.own.claims) {
    if (gateways.has(gateway)) continue;
    const [, ns = "", gatewayName = ""] = gateway.split("/");
    const found = await view.object({ cluster, kind: "Gateway", namespace: ns, name: gatewayName });
    if (found.is === "known") gateways.set(gateway, found.object);
  }
  if (view.own.claims.length > 0)
    for (const gateway of await sharing(view, cluster, registration, [...gateways.values()]))
      gateways.set(gatewayKey(cluster, gateway), gateway);
  const asks = new Map(own === undefined ? [] : [[routeText(own.route), own]]);
  if (root.hostname !== "" && root.standalone === undefined && !incumbent) {
    for (const gateway of gateways.values()) {
      for (const route of await routesAt(view, root.cluster, gateway)) {
        if (asks.has(routeText(route))) continue;
        const ask = await askFrom(view, root, route, registration);
        if (ask !== undefined && "unknown" in ask) return ask;
        if (ask !== undefined && !ask.standalone) asks.set(routeText(route), ask);
      }
    }
  }
  return {
    asks: [...asks.values()].toSorted((a, b) => byAge(a.route, b.route)),
    gateways: [...gateways.values()],
  };
}

/**
 * The other Gateways that are for the service networks of some: they cannot be told apart in Lattice, and a route that moves from one
 * to another keeps its service.
 */
export async function sharing(
  view: View,
  cluster: ClusterName,
  { network }: Registration,
  gateways: readonly Gateway[],
): Promise<readonly Gateway[]> {
  const lists = new Map(
    gateways
      .map(({ spec, metadata }): Index & { kind: "Gateway" } =>
        network === undefined
          ? { kind: "Gateway", by: "name", value: metadata.name }
          : { kind: "Gateway", by: "class", value: spec.gatewayClassName },
      )
      .map((index) => [index.value, index]),
  );
  const classes = new Set(gateways.map(({ spec }) => spec.gatewayClassName));
  const found = await Promise.all([...lists.values()].map((index) => view.list(cluster, index)));
  return found.flat().filter(({ spec }) => classes.has(spec.gatewayClassName));
}

const mayBeFor = ({ gateway: only }: ServiceRoot, { metadata }: Gateway): boolean =>
  only === undefined || (only.namespace === metadata.namespace && only.name === metadata.name);

/** What a route asks, when it asks for the service's hostname; undefined when it asks for another, or for nothing. */
export async function askFrom(
  view: View,
  root: ServiceRoot,
  route: Route,
  registration: Registration,
): Promise<Ask | { readonly unknown: readonly string[] } | undefined> {
  const incumbent = registration.profile === "incumbent";
  const { parents, unknown, lost } = await parentsOf(view, root.cluster, route, incumbent);
  const isOwn = isNamesake(root, route) || view.own.serves.includes(routeText(route));
  const lacks = isOwn ? await lossOf(view, registration, lost) : [];
  if (unknown.length + lacks.length > 0) return { unknown: [...unknown, ...lacks] };
  const own = parents.filter((one) => one.class === "amazon-vpc-lattice");
  const judgement = await judge(view, { cluster: root.cluster, route, lenient: incumbent });
  if (judgement.unsupported !== undefined) return undefined;
  const mistake = standstillOf(route, own, judgement, incumbent);
  // What the in-cluster controller has made of it may be there, and is looked after.
  if (mistake !== undefined && !incumbent && !view.own.serves.includes(routeText(route))) return undefined;
  const ask = await askKeeping(view, registration, route, own);
  if ("why" in ask || ask.at.length === 0) return undefined;
  return incumbent || ask.hostname === root.hostname ? { ...ask, mistake } : undefined;
}

/** Why a service stands still for Gateways of a route that it serves, whose class is missing: it is there for one of them, or stands alone. */
async function lossOf(
  view: View,
  registration: Registration,
  lost: readonly Gateway[],
): Promise<readonly string[]> {
  const its: Gateway[] = [];
  for (const one of lost)
    if (view.own.networks.length === 0 || (await mayBeIn(view, registration, one))) its.push(one);
  return its.map((one) => classLack(one, "missing"));
}
