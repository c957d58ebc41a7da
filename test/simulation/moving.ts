import { setQuotas } from "../../functions/desired/quotas.ts";
import { clusterName } from "../../functions/model/ids.ts";
import type { Quotas } from "../../functions/model/limits.ts";
import { isRouteKind, routeKinds } from "../../functions/model/routes.ts";
import type { Manifest, SimCluster } from "./cluster.ts";
import { carryOut, type Carried } from "./incumbent.ts";
import { manifests } from "./movedcluster.ts";
import { place } from "./place.ts";
import { createWorld, pass, type World } from "./world.ts";

/** What the in-cluster controller has put on an object, and somebody else's. */
const finalizersOf = (kind: string): readonly string[] =>
  kind === "Gateway" || isRouteKind(kind)
    ? [`${kind.toLowerCase()}.k8s.aws/resources`, "example.com/own"]
    : [];

export interface Moved {
  readonly world: World;
  readonly cluster: SimCluster;
  /** Calls that change something, since the last look. */
  readonly calls: () => readonly string[];
  /** Calls that Lattice has refused. */
  readonly refused: readonly string[];
}

/**
 * Lets a cluster move over, and time pass until the schedule has looked at everything as well. What we believe of the quotas may be less
 * than what Lattice grants.
 */
export async function move(
  there: readonly Carried[],
  objects: readonly Manifest[] = manifests,
  believed: Partial<Quotas> = {},
): Promise<Moved> {
  const world = await createWorld("moved", { profile: "incumbent" });
  await carryOut(world, there);
  await believe(world, believed);
  let calls: string[] = [];
  world.onCall = (operation) => calls.push(operation);
  const refused: string[] = [];
  world.onRefusal = (operation) => refused.push(operation);
  const cluster = world.clusters.get(clusterName("east"));
  if (cluster === undefined) throw new Error("no cluster east");
  for (const manifest of objects) cluster.apply({ ...manifest, finalizers: finalizersOf(manifest.kind) });
  await minutes(world, 25);
  const taken = (): readonly string[] => {
    const made = calls;
    calls = [];
    return made.toSorted();
  };
  return { world, cluster, calls: taken, refused };
}

/** Lets so many minutes pass. */
export const minutes = (world: World, count: number): Promise<void> => pass(world, count * 60_000);

/** Tells the control plane of quotas, whatever Lattice grants. */
export const believe = (world: World, quotas: Partial<Quotas>): Promise<void> =>
  setQuotas(world, place, quotas);

/** What the routes of a cluster say of being programmed, each with the reasons why it is not. */
export const programmed = (cluster: SimCluster): readonly string[] =>
  routeKinds.flatMap((kind) =>
    cluster.all(kind).map(({ metadata, status }) => {
      const text = JSON.stringify(status);
      const found = [...text.matchAll(/"type":"Programmed","status":"(\w+)"[^}]*"message":"([^"]*)"/g)];
      return `${metadata.name}: ${[...new Set(found.map(([, is, why]) => (is === "True" ? is : `${is} ${why}`)))].join(", ")}`;
    }),
  );
