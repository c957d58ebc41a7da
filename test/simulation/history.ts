import { later, type ClusterName } from "../../functions/model/ids.ts";
import { keyOf } from "../../functions/model/objects.ts";
import type { Raw } from "./cluster.ts";
import { edit, furnish } from "./edits.ts";
import { calm, rough, unmasked, type Faults } from "./faults.ts";
import { verdictOn } from "./judge.ts";
import { meddle } from "./outsiders.ts";
import type { Mutant } from "./mutants.ts";
import { watchSafety } from "./safety.ts";
import { createWorld, type World } from "./world.ts";

/** What came of one seed. */
export interface Story {
  readonly seed: string;
  readonly wrong: readonly string[];
  /** What was done to the clusters, with the time of each edit. */
  readonly edits: readonly string[];
  readonly calls: number;
}

export type Kind = "faults" | "unmasked";

const minute = 60_000;

/**
 * Lives one history: first edits of clusters, and of Lattice by others, under faults, with safety judged at every call of Lattice; then the faults and the edits
 * stop, and everything must converge to what a compile from scratch says of the clusters; then nothing may be called any
 * more. `look` is shown the world before it is judged. In kind `unmasked` nothing is lost and nobody dies, but no sweep, inventory or visit helps either.
 */
export async function live(
  seed: string,
  kind: Kind,
  mutant?: Mutant,
  look?: (world: World) => Promise<void>,
): Promise<Story> {
  const world = await createWorld(`${kind}/${seed}`, { mutant, quotas: "sometimes scarce" });
  const edits: string[] = [];
  const safety = watchSafety(world);
  const random = world.random.fork("people");
  const outsiders = world.random.fork("outsiders");
  for (const cluster of world.clusters.values()) furnish(cluster, random);
  await world.scheduler.run(later(world.scheduler.now(), minute));
  const faults: Faults = { ...(kind === "faults" ? rough : unmasked), ...mutant?.faults };
  world.faults = faults;
  world.sweeping = kind === "faults";
  const count = 6 + random.below(18);
  for (let done = 0; done < count; done += 1) {
    const cluster = random.pick([...world.clusters.values()]);
    edits.push(
      `${new Date(world.scheduler.now()).toISOString().slice(11, 23)} ${cluster.name}: ${edit(cluster, random)}`,
    );
    if (kind === "faults" && random.chance(0.08)) {
      world.restartForwarder(cluster.name);
      edits.push(`  and its forwarder is restarted`);
    }
    if (kind === "faults" && outsiders.chance(0.15))
      edits.push(`  and ${meddle(world, outsiders) ?? "nothing of ours is in Lattice"}`);
    await world.scheduler.run(
      later(world.scheduler.now(), random.chance(0.3) ? random.below(60_000) : random.below(3_000)),
    );
  }
  world.faults = calm;
  await calmDown(world, kind, mutant?.restMinutes ?? 10, () => {
    edits.push(
      `${new Date(world.scheduler.now()).toISOString().slice(11, 23)} after the faults ${meddle(world, outsiders) ?? "nothing of ours is in Lattice"}`,
    );
  });
  await look?.(world);
  const wrong = [
    ...safety.broken(),
    ...(await verdictOn(world)),
    ...(await stillWorking(world, safety.calls)),
  ];
  return { seed, wrong, edits, calls: safety.calls() };
}

/** After so many minutes without faults every root has been visited once. */
const allVisited = 11;

/**
 * After the faults: time for leases to end, for messages to come back, and for an inventory where something was lost. When
 * everything has been visited others meddle once more, and the visits after that must find it.
 */
async function calmDown(world: World, kind: Kind, restMinutes: number, others: () => void): Promise<void> {
  if (kind === "unmasked") {
    // Nothing but the wake-ups themselves: when the queues are empty, all must be done.
    await world.scheduler.run(later(world.scheduler.now(), restMinutes * minute));
    return;
  }
  for (let round = 0; round < 25; round += 1) {
    await world.scheduler.run(later(world.scheduler.now(), minute));
    world.scheduler.after(minute, () => {});
    if (round >= allVisited && round < allVisited + 3) others();
  }
  await world.scheduler.run(later(world.scheduler.now(), 5 * minute));
}

/** What asks for the status of a Gateway to be written once more. */
const statusOf = (cluster: ClusterName, { metadata: { namespace = "", name } }: Raw) =>
  ({ do: "write-status", object: keyOf({ cluster, kind: "Gateway", namespace, name }) }) as const;

/** A system that has converged calls nothing that changes anything, neither in Lattice nor in a cluster. */
async function stillWorking(world: World, calls: () => number): Promise<readonly string[]> {
  const accounts = () => JSON.stringify([...world.clusters.values()].map((one) => one.accounts()));
  const [before, borne] = [calls(), accounts()];
  for (const name of world.clusters.keys()) world.restartForwarder(name);
  for (const { name, all } of world.clusters.values())
    for (const gateway of all("Gateway")) await world.queues.sendStatus([statusOf(name, gateway)]);
  world.scheduler.after(2 * minute, () => {});
  await world.scheduler.run(later(world.scheduler.now(), 3 * minute));
  const made = calls() - before;
  return [
    ...(made === 0 ? [] : [`${made} mutating calls although nothing had changed`]),
    ...(accounts() === borne ? [] : ["a ServiceAccount was written although nothing had changed"]),
  ];
}
