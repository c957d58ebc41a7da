import { parseObject } from "../../../functions/bus/objects.ts";
import type { ClusterObject } from "../../../functions/model/objects.ts";
import { spokenKinds, type Cluster, type ListedKind } from "../fleet/cluster.ts";
import type { KubeObject } from "../kubernetes/objects.ts";
import type { DataPlaneUrls } from "../lattice/dataplanes.ts";
import type { SeenService } from "./look.sdk.ts";
import { routesOf } from "./reading/listeners.ts";
import { titleOf, trialsFor, type Scene } from "./requests.ts";
import { serves, type Said } from "./settled.ts";
import { sendTraffic, verdictOn, type Traffic } from "./traffic.ts";

export interface Proof {
  readonly traffic: readonly Traffic[];
  readonly problems: readonly string[];
  /** Of routes that are served, what no request was sent for, with the reason. */
  readonly unproven: readonly string[];
}

/**
 * Sends requests to every rule of every route that is served, through the data plane, and compares who answers with what the
 * standard says. Routes that share a service are read together.
 */
export async function proveByTraffic(d: {
  readonly clusters: readonly Pick<Cluster, "name" | "profile" | "list">[];
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
    const scene = await sceneOf(cluster, d);
    for (const route of routesOf(scene.world)) {
      const here = (one: Said): boolean =>
        one.cluster === cluster.name &&
        `${one.kind} ${one.namespace}/${one.name}` === titleOf(route) &&
        serves(one);
      if (!d.said.some(here)) continue;
      const title = `${cluster.name} ${titleOf(route)}`;
      const found = trialsFor(route, scene);
      if (found.problem !== undefined) problems.push(`${title}: ${found.problem}`);
      unproven.push(...found.unproven.map((why) => `${title}: ${why}`));
      for (const trial of found.trials) {
        const count = Math.max(1, Math.floor(d.requests / found.trials.length));
        const one = await sendTraffic(trial, d.ca, count);
        traffic.push(one);
        const wrong = verdictOn(one, trial.shares);
        if (wrong !== undefined) problems.push(wrong);
      }
    }
  }
  return { traffic, problems, unproven };
}

/** The kinds that decide who answers. */
const kinds = [
  ...spokenKinds,
  "ReferenceGrant",
  "Namespace",
  "Service",
] as const satisfies readonly ListedKind[];

async function sceneOf(
  cluster: Pick<Cluster, "name" | "profile" | "list">,
  d: { readonly services: readonly SeenService[]; readonly dataPlanes: DataPlaneUrls },
): Promise<Scene> {
  const world: ClusterObject[] = [];
  const arns = new Map<string, string>();
  for (const kind of kinds) {
    for (const raw of await cluster.list(kind)) {
      const parsed = parseObject(kind, raw);
      // What cannot be read is no part of what is served; its own conditions say so.
      if (parsed.ok) world.push(parsed.object);
      const { namespace = "", name } = raw.metadata;
      const arn = arnOf(raw);
      if (arn !== undefined) arns.set(`${kind} ${namespace}/${name}`, arn);
    }
  }
  return {
    world,
    arns,
    services: d.services.filter((one) => one.cluster === cluster.name),
    dataPlanes: d.dataPlanes,
    lenient: cluster.profile === "incumbent",
  };
}

/** The service that a route says that it is served by. */
const arnOf = ({ metadata }: KubeObject): string | undefined =>
  metadata.annotations?.["application-networking.k8s.aws/lattice-service-arn"];
