import type { RootKey } from "../model/ids.ts";
import { keyOf } from "../model/objects.ts";
import type { Route } from "../model/routes.ts";
import type { RouteRoot } from "../model/roots.ts";
import type { Report, Verdict } from "../model/verdict.ts";
import { annotationDomain } from "./annotations.ts";
import { classLack } from "./class.ts";
import { waitToKnow, type Compiled } from "./compiled.ts";
import { endpointsOf } from "./endpoints.ts";
import { judgeEach } from "./judge.ts";
import { parentsOf } from "./parents.ts";
import { askKeeping } from "./routeask.ts";
import {
  isComing,
  keepDespiteMistake,
  keepUntilServed,
  madeBefore,
  servicesFor,
  type Served,
} from "./routeservices.ts";
import { nameVerdicts } from "./routename.ts";
import { portVerdicts } from "./routeports.ts";
import { acceptance, missingParents, programmed, routeVerdicts } from "./routeverdicts.ts";
import { certificateVerdicts } from "./servedcertificate.ts";
import { endpointVerdicts } from "./unready.ts";
import { keepServices, type View } from "./view.ts";

/** A route asks for the services that serve it, and says what became of it on each of its parents. */
export async function compileRoute(root: RouteRoot, view: View): Promise<Compiled> {
  const { cluster, route: kind, namespace, name } = root;
  const seen = await view.object({ cluster, kind, namespace, name });
  if (seen.is === "missing") return nothing([]);
  if (seen.is === "unknown") return hold(view, [`${kind} ${namespace}/${name} is not known yet`]);
  const route = seen.object;
  const facts = await view.cluster(cluster);
  if (facts === undefined) return hold(view, [`cluster ${cluster} is not registered`]);
  const incumbent = facts.registration.profile === "incumbent";
  const { parents, unknown, missing, lost } = await parentsOf(view, cluster, route, incumbent);
  const lacks = [...unknown, ...lost.map((one) => classLack(one, "missing"))];
  if (lacks.length > 0) return hold(view, lacks);
  const judgements = await judgeEach(view, cluster, route, incumbent);
  const own = parents.filter((one) => one.class === "amazon-vpc-lattice");
  const ask = await askKeeping(view, facts.registration, route, own);
  const accepted = acceptance(route, parents, judgements, ask, incumbent);
  const taken = await servicesFor(view, facts, route, accepted, ask);
  const before = await keepUntilServed(view, route, taken);
  const despite = await keepDespiteMistake(view, accepted, incumbent ? madeBefore(cluster, ask) : undefined);
  const served = [...taken, ...despite.kept];
  const kept = [...before, ...despite.sought];
  const verdicts = [
    ...routeVerdicts(route, accepted, judgements, ask, incumbent),
    ...programmed(route, accepted, served),
    ...endpointVerdicts(route, accepted, served, judgements, incumbent),
    ...certificateVerdicts(route, accepted, served),
    ...nameVerdicts(route, served),
    ...(incumbent ? [] : portVerdicts(ask, taken)),
    ...missingParents(parents, missing),
  ];
  const endpoints = await endpointsOf(view, root, route, served, kept, incumbent);
  return nothing([
    { ...report(root, route, verdicts, served, kept, incumbent), ...(endpoints && { endpoints }) },
  ]);
}

const nothing = (reports: readonly Report[]): Compiled => ({ want: { is: "nothing" }, reports });

/** What it is served by stays wanted until more is known; nothing is said meanwhile. */
async function hold(view: View, why: readonly string[]): Promise<Compiled> {
  await keepServices(view);
  return waitToKnow(...why);
}

function report(
  root: RouteRoot,
  route: Route,
  verdicts: readonly Verdict[],
  served: readonly Served[],
  kept: readonly RootKey[],
  incumbent: boolean,
): Report {
  const at = served.map((one) => one.output?.at).find((one) => one !== undefined);
  // What was written before stays while a service is on its way, or may be there by the in-cluster controller.
  const may = kept.length > 0 || served.some((one) => isComing(route, one) || (incumbent && one.service));
  return {
    on: keyOf({ cluster: root.cluster, kind: root.route, namespace: root.namespace, name: root.name }),
    uid: route.metadata.uid,
    generation: route.metadata.generation,
    verdicts,
    ...(at === undefined && may
      ? {}
      : {
          annotations: {
            [`${annotationDomain}lattice-service-arn`]: at?.arn ?? null,
            [`${annotationDomain}lattice-assigned-domain-name`]: at?.dnsName ?? null,
          },
        }),
  };
}
