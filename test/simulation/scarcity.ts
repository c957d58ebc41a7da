import { usageOf } from "../../functions/desired/usage.ts";
import type { Quotas, Use } from "../../functions/model/limits.ts";
import { rootTagKey } from "../../functions/model/tags.ts";
import { place } from "./place.ts";
import type { Prng } from "./prng.ts";
import type { World } from "./world.ts";

/** The quotas of a world: what the control plane is told of them, and what Lattice has. */
export const grantedIn = (quotas: Partial<Quotas> | "sometimes scarce", random: Prng): Granted =>
  quotas === "sometimes scarce" ? scarceQuotas(random) : { ours: quotas, inLattice: quotas };

/**
 * In some worlds one of the quotas that roots share is too low for what the clusters ask. Lattice grants one service and one target
 * group more: somebody else's, which are not counted here.
 */
function scarceQuotas(random: Prng): Granted {
  switch (random.below(8)) {
    case 0:
      return { ours: { servicesPerRegion: 3 }, inLattice: { servicesPerRegion: 4 } };
    case 1:
      return { ours: { servicesPerNetwork: 2 }, inLattice: { servicesPerNetwork: 2 } };
    case 2:
      return { ours: { targetGroupsPerRegion: 6 }, inLattice: { targetGroupsPerRegion: 7 } };
    default:
      return { ours: {}, inLattice: {} };
  }
}

interface Granted {
  readonly ours: Partial<Quotas>;
  readonly inLattice: Partial<Quotas>;
}

/** What is wrong with how much of the shared quotas is said to be in use: it is to be what there is of ours in Lattice. */
export async function miscounts(world: World): Promise<readonly string[]> {
  const state = world.engine.state(place);
  const ours = (all: Iterable<{ readonly tags: Readonly<Record<string, string>> }>): number =>
    [...all].filter((one) => one.tags[rootTagKey] !== undefined).length;
  const counts: readonly (readonly [Omit<Use, "account" | "region">, number])[] = [
    [{ quota: "servicesPerRegion" }, ours(state.services.values())],
    [{ quota: "targetGroupsPerRegion" }, ours(state.groups.values())],
    ...[...state.networks.values()].map(
      ({ id }) =>
        [
          { quota: "servicesPerNetwork", network: id },
          [...state.associations.values()].filter((one) => one.network === id).length,
        ] as const,
    ),
  ];
  const wrong: string[] = [];
  for (const [use, there] of counts) {
    const used = await usageOf(world.table, { ...place, ...use });
    if (used !== there)
      wrong.push(`${use.quota} ${use.network ?? ""}: ${used} are said to be in use, and there are ${there}`);
  }
  return wrong;
}
