import { networkText, region } from "./place.ts";
import type { Options } from "./options.ts";
import { latticeClient } from "./latticeside.ts";
import { converge } from "./proof/converge.ts";
import type { RunDocument } from "./proof/document.ts";
import type { Said } from "./proof/settled.ts";
import { lookAtLattice } from "./proof/look.sdk.ts";
import { problemLines, remarkLine } from "./proof/problems.ts";
import { proveByTraffic, titleOf } from "./proof/prove.ts";
import { administratorName, type System } from "./system.ts";
import type { Narrator } from "./tell/narrator.ts";
import { isKind } from "../../functions/model/objects.ts";
import { listedKinds, type Cluster, type ListedKind } from "./fleet/cluster.ts";

/** A worker that dies is made up for after its message is visible again, and once more when that one dies too. */
const convergeWithinMs = 180_000;

/** Waits until the system is at rest, tries it with traffic, and says what it came to. */
export async function runProof(
  system: System,
  options: Options,
  narrator: Narrator,
  startedAt: number,
): Promise<RunDocument> {
  const { converged, said } = await converge({
    clusters: system.clusters,
    idle: system.idle,
    withinMs: convergeWithinMs,
    now: Date.now,
    onWaiting: (waiting) => narrator.tell("proof", waitingLine(waiting)),
  });
  const calls = system.calls.flat((caller) => caller !== administratorName);
  narrator.tell(
    "proof",
    converged ? "converged: every status is current, every queue is empty" : "NOT converged in time",
  );
  const { services, targetGroups } = await lookAtAll(system);
  const dataPlanes = system.lattice.dataPlanes();
  const local = options.endpoints.lattice === undefined;
  const proof = local
    ? await proveByTraffic({
        clusters: system.clusters.map((cluster) => ({
          ...cluster,
          network: options.clusters.find((one) => one.name === cluster.name)?.network,
        })),
        said,
        services,
        dataPlanes,
        ca: system.lattice.ca,
        requests: options.requests,
      })
    : {
        traffic: [],
        problems: [],
        unproven: ["anything: Lattice is another server, whose traffic cannot be tried from here"],
      };
  for (const one of proof.traffic)
    narrator.tell(
      "proof",
      `${titleOf(one)}: ${one.requests} requests to ${one.url}: ${JSON.stringify(one.by)}`,
    );
  for (const one of proof.unproven) narrator.tell("proof", `not tried: ${one}`);
  return {
    converged: converged && said.every((one) => one.failed === undefined),
    seconds: (Date.now() - startedAt) / 1000,
    clusters: Object.fromEntries(
      await Promise.all(
        system.clusters.map(
          async (one) => [one.name, { account: one.account, region, objects: await objectsIn(one) }] as const,
        ),
      ),
    ),
    services,
    targetGroups,
    status: said.map(({ cluster, kind, namespace, name, conditions }) => ({
      cluster,
      kind,
      namespace,
      name,
      conditions,
    })),
    traffic: proof.traffic,
    unproven: proof.unproven,
    calls,
    problems: [...system.errors, ...problemLines(said), ...proof.problems],
  };
}

/** What the Lattice of all accounts holds of ours. */
export async function lookAtAll({ administrators, controlPlane }: System): ReturnType<typeof lookAtLattice> {
  const { lattice } = controlPlane.endpoints;
  const seen = await Promise.all(
    [...administrators].map(([owner, credentials]) =>
      lookAtLattice(latticeClient(lattice, credentials), (name) => networkText(owner, name)),
    ),
  );
  return {
    services: seen.flatMap((one) => one.services),
    targetGroups: seen.flatMap((one) => one.targetGroups),
  };
}

function waitingLine(said: readonly Said[]): string {
  const each = said.flatMap((one) => (one.waiting === undefined ? [] : [remarkLine(one, one.waiting)]));
  return each.length === 0
    ? "still waiting until every queue is empty"
    : `still waiting for ${each.join("; ")}`;
}

async function objectsIn(cluster: Cluster): Promise<number> {
  const kinds = (Object.keys(listedKinds) as ListedKind[]).filter(isKind);
  const counts = await Promise.all(kinds.map(async (kind) => (await cluster.list(kind)).length));
  return counts.reduce((sum, count) => sum + count, 0);
}
