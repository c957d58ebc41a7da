import type { ClusterFacts } from "../model/cluster.ts";
import type { ClusterName, RootKey } from "../model/ids.ts";
import type { ServiceOutput, Standing } from "../model/lattice.ts";
import type { Route } from "../model/routes.ts";
import { parseRoot, rootKey, type ServiceRoot } from "../model/roots.ts";
import type { ClassName } from "../model/verdict.ts";
import { alone, serviceAlone, serviceOf, type Ask, type NoAsk } from "./ask.ts";
import { isWildcard } from "./hostname.ts";
import { hostnamesOf } from "./gatewayservice.ts";
import type { Parent } from "./parents.ts";
import type { Acceptance } from "./routeverdicts.ts";
import { lackAt, servedAt, type Unserved } from "./servedat.ts";
import { routeText } from "./serving.ts";
import { keepServices, type View } from "./view.ts";

/** A service that serves a route for some of its parents, and what it says of itself. */
export interface Served {
  readonly parents: readonly Parent[];
  readonly service?: RootKey | undefined;
  readonly output?: ServiceOutput | undefined;
  /** Why no service serves these parents, and what that is for the route. */
  readonly refused?: string | undefined;
  readonly reason?: Unserved["reason"];
}

/** The services that a route counts on. Looking at their outputs makes them wanted. */
export async function servicesFor(
  view: View,
  facts: ClusterFacts,
  route: Route,
  accepted: readonly Acceptance[],
  ask: Ask | NoAsk,
): Promise<readonly Served[]> {
  const taken = accepted.flatMap((one) =>
    one.refused === undefined || one.keepsPlace === true ? [one.parent] : [],
  );
  const served: Served[] = [];
  const own = taken.filter((one) => one.class === "amazon-vpc-lattice");
  if (own.length > 0 && !("why" in ask)) served.push(...(await ofRoute(view, facts, own, ask)));
  for (const parent of taken) {
    if (parent.class !== "espalier" || parent.attachment.is !== "accepted") continue;
    const { namespace, name } = parent.gateway.metadata;
    const hostnames = hostnamesOf(parent.attachment.listeners).filter((one) => !isWildcard(one));
    if (hostnames.length === 0) served.push(await inConflict(view, [parent]));
    for (const hostname of hostnames) {
      const cluster = facts.registration.cluster;
      const root: ServiceRoot = { kind: "service", cluster, of: "Gateway", namespace, name, hostname };
      served.push(await look(view, [parent], rootKey(root)));
    }
  }
  return served;
}

/** Whoever adds a listener by mistake must not cost its neighbours their services: what serves the route stays as it is. */
async function inConflict(view: View, parents: readonly Parent[]): Promise<Served> {
  await keepServices(view);
  const stays = view.own.services.length > 0 ? "; what serves it stays as it is until that is mended" : "";
  return { parents, refused: `every listener that takes it is in conflict or not supported${stays}` };
}

async function look(view: View, parents: readonly Parent[], service: RootKey): Promise<Served> {
  const output = await view.output(service);
  return output?.kind === "service" ? { parents, service, output } : { parents, service };
}

/**
 * The service of a standalone route: the plain one, or one beside it where that stays for routes that have joined it. Its DNS name is all
 * that its clients have, so what it has it keeps.
 */
async function standaloneFor(view: View, plain: ServiceRoot): Promise<RootKey> {
  const beside = rootKey(serviceAlone(plain));
  if (view.own.services.includes(beside)) return beside;
  const output = await view.output(rootKey(plain));
  return output?.kind === "service" && output.declines?.includes(alone) === true ? beside : rootKey(plain);
}

/** In class `amazon-vpc-lattice` a hostname on a Gateway may be served already: by the service of another route, which is joined. */
async function ofRoute(
  view: View,
  facts: ClusterFacts,
  parents: readonly Parent[],
  ask: Ask,
): Promise<readonly Served[]> {
  const { cluster, profile } = facts.registration;
  const incumbent = profile === "incumbent";
  if (ask.at.every((one) => one.listeners.length === 0)) return [await inConflict(view, parents)];
  if (ask.standalone)
    return [await look(view, parents, await standaloneFor(view, serviceOf(cluster, ask, incumbent)))];
  // Where no network is there its service says so.
  const lacks =
    ask.at.length > 1 ? await Promise.all(ask.at.map((at) => lackAt(view, facts, at.gateway))) : [];
  const isAnywhere = lacks.includes(undefined);
  const byService = new Map<RootKey, { readonly parents: Parent[] }>();
  const served: Served[] = [];
  for (const [index, at] of ask.at.entries()) {
    const its = parents.filter((one) => one.gateway.metadata.uid === at.gateway.metadata.uid);
    const found = (isAnywhere ? lacks[index] : undefined) ?? (await servedAt(view, facts, ask, at));
    if (typeof found !== "string") {
      served.push({ parents: its, refused: found.refused, reason: found.reason });
      if (found.keeps === true) await keepServices(view);
      continue;
    }
    const entry = byService.get(found) ?? { parents: [] };
    entry.parents.push(...its);
    byService.set(found, entry);
  }
  for (const [key, { parents: its }] of byService) served.push(await look(view, its, key));
  return served;
}

/** How a service stands to Lattice as far as a route is concerned: what its neighbours wait for is not its own. */
export const standingFor = (route: Route, { standing, behind }: ServiceOutput): Standing =>
  behind === undefined || behind.includes(routeText(route)) ? standing : { is: "programmed", message: "" };

/** Whether a service says that it serves the route as it is now. */
export const isServing = (route: Route, { output }: Served): boolean =>
  output !== undefined &&
  standingFor(route, output).is === "programmed" &&
  output.serves[routeText(route)] === route.metadata.generation;

/** Whether time will let a service serve the route as it is now. */
export function isComing(route: Route, one: Served): boolean {
  if (one.service === undefined || isServing(route, one)) return false;
  if (one.output === undefined) return true;
  const { is, working } = standingFor(route, one.output);
  if (is === "programmed") return one.output.refuses[routeText(route)] === undefined;
  return is === "pending" || working === true;
}

/**
 * What served the route before stays while something that is to serve it now is on its way: nobody is left without an answer.
 * Answers what stays.
 */
export async function keepUntilServed(
  view: View,
  route: Route,
  served: readonly Served[],
): Promise<readonly RootKey[]> {
  if (!served.some((one) => isComing(route, one))) return [];
  const wanted = new Set(served.flatMap((one) => one.service ?? []));
  const kept = view.own.services.filter((before) => !wanted.has(before));
  for (const before of kept) await view.output(before);
  return kept;
}

/**
 * What served a route before what it stands still for stays wanted, for the parents that refuse it for that; and so does a service
 * that was `made` of it before its cluster moved over, if there is one. What is of another class serves none of them.
 * Answers what is there, and what is looked for still.
 */
export async function keepDespiteMistake(
  view: View,
  accepted: readonly Acceptance[],
  made: RootKey | undefined,
): Promise<{ readonly kept: readonly Served[]; readonly sought: readonly RootKey[] }> {
  const refused = accepted.filter(({ stays }) => stays === true).map((one) => one.parent);
  const services = new Set([...view.own.services, ...(made === undefined ? [] : [made])]);
  const kept: Served[] = [];
  const sought: RootKey[] = [];
  for (const service of services) {
    const parents = refused.filter((one) => one.class === classServedBy(service));
    if (parents.length === 0) continue;
    const its = await look(view, parents, service);
    if (service !== made || its.output?.at !== undefined) kept.push(its);
    else if (its.output?.sought !== true) sought.push(service);
  }
  return { kept, sought };
}

/** The class whose Gateways a service is for. */
function classServedBy(service: RootKey): ClassName {
  const root = parseRoot(service);
  return root.kind === "service" && root.of === "Gateway" ? "espalier" : "amazon-vpc-lattice";
}

/** The service that the in-cluster controller may have made of a route. */
export const madeBefore = (cluster: ClusterName, ask: Ask | NoAsk): RootKey | undefined =>
  "why" in ask ? undefined : rootKey(serviceOf(cluster, ask, true));
