import { parseObject } from "../../../functions/bus/objects.ts";
import { isRouteKind } from "../../../functions/model/routes.ts";
import type { ClusterObject } from "../../../functions/model/objects.ts";
import { spokenKinds, type Cluster, type ListedKind } from "../fleet/cluster.ts";
import type { KubeObject } from "../kubernetes/objects.ts";
import type { DataPlaneUrls } from "../lattice/dataplanes.ts";
import type { SeenService } from "./look.sdk.ts";
import { routesOf } from "./reading/listeners.ts";
import { titleOf as nameOf, type Scene } from "./places.ts";
import { trialsFor, type Trials } from "./requests.ts";
import type { Said, SeenParent } from "./settled.ts";
import { sendTraffic, verdictOn, type Traffic } from "./traffic.ts";

export interface Proof {
  readonly traffic: readonly Traffic[];
  readonly problems: readonly string[];
  /** What no request was sent for, or proves nothing, with the reason. */
  readonly unproven: readonly string[];
}

/**
 * Sends requests to every rule of every route at each of its parents, through the data plane, and compares who answers with what
 * the standard says. Routes that share a service are read together. What is not tried is named, with the reason.
 */
export async function proveByTraffic(d: {
  readonly clusters: readonly ProvenCluster[];
  readonly said: readonly Said[];
  readonly services: readonly SeenService[];
  readonly dataPlanes: DataPlaneUrls;
  /** The certificate of whoever vouches for the data planes, PEM. */
  readonly ca: string | undefined;
  /** Requests per route, shared by its rules. */
  readonly requests: number;
}): Promise<Proof> {
  const traffic: Traffic[] = [];
  const problems: string[] = [];
  const unproven: string[] = [];
  for (const cluster of d.clusters) {
    const routes = d.said.filter((one) => one.cluster === cluster.name && isRouteKind(one.kind));
    const scene = await sceneOf(cluster, routes, d);
    for (const said of routes) {
      const its = { cluster: cluster.name, route: `${said.kind} ${said.namespace}/${said.name}` };
      const found = said.parents.map((parent) => ({
        parent: parent.text,
        ...trialsOf(its.route, parent, scene),
      }));
      for (const one of found) {
        const title = `${its.cluster} ${its.route} at ${one.parent}`;
        if (one.problem !== undefined) problems.push(`${title}: ${one.problem}`);
        unproven.push(...one.unproven.map((why) => `${title}: ${why}`));
      }
      const trials = found.flatMap((one) => one.trials);
      const count = Math.max(1, Math.floor(d.requests / trials.length));
      for (const trial of trials) {
        const { rule, parent, reach, shares, excuse } = trial;
        const one = {
          ...its,
          rule,
          parent,
          network: reach.network,
          ...(await sendTraffic(trial, d.ca, count)),
        };
        traffic.push(one);
        const wrong = verdictOn(one, shares);
        if (wrong === undefined) continue;
        if (excuse === undefined) problems.push(`${titleOf(one)}: ${wrong}`);
        else unproven.push(`${titleOf(one)}: ${excuse}, and ${wrong}`);
      }
    }
  }
  return { traffic, problems, unproven };
}

/** What a trial was of. */
export const titleOf = ({ cluster, route, rule, parent, network }: Traffic): string =>
  `${cluster} ${route} rule ${rule} at ${parent} in network ${network}`;

/** The trials of a route at one parent. What cannot be read is no part of what is served; its own conditions say so. */
function trialsOf(title: string, parent: SeenParent, scene: Scene): Trials {
  const route = routesOf(scene.world).find((one) => nameOf(one) === title);
  return route === undefined
    ? { trials: [], unproven: ["it cannot be read"] }
    : trialsFor(route, parent, scene);
}

/** A cluster whose routes are to be proved. */
export interface ProvenCluster extends Pick<Cluster, "name" | "account" | "profile" | "list"> {
  /** The service network of all its Gateways; absent: each has one of its own name. */
  readonly network?: string | undefined;
}

/** The kinds that decide who answers. */
const kinds = [
  ...spokenKinds,
  "ReferenceGrant",
  "Namespace",
  "Service",
] as const satisfies readonly ListedKind[];

async function sceneOf(
  cluster: ProvenCluster,
  routes: readonly Said[],
  d: { readonly services: readonly SeenService[]; readonly dataPlanes: DataPlaneUrls },
): Promise<Scene> {
  const world: ClusterObject[] = [];
  const arns = new Map<string, string>();
  for (const kind of kinds) {
    for (const raw of await cluster.list(kind)) {
      const parsed = parseObject(kind, raw);
      if (parsed.ok) world.push(parsed.object);
      const { namespace = "", name } = raw.metadata;
      const arn = arnOf(raw);
      if (arn !== undefined) arns.set(`${kind} ${namespace}/${name}`, arn);
    }
  }
  return {
    world,
    tales: new Map(
      routes.map(({ kind, namespace, name, parents }) => {
        const title = `${kind} ${namespace}/${name}`;
        return [title, { arn: arns.get(title), parents }] as const;
      }),
    ),
    services: d.services.filter((one) => one.cluster === cluster.name),
    dataPlanes: d.dataPlanes,
    lenient: cluster.profile === "incumbent",
    account: cluster.account,
    network: cluster.network,
  };
}

/** The service that a route says that it is served by. */
const arnOf = ({ metadata }: KubeObject): string | undefined =>
  metadata.annotations?.["application-networking.k8s.aws/lattice-service-arn"];
