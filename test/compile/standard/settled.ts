import { compile } from "../../../functions/compile/compile.ts";
import type { Compiled } from "../../../functions/compile/compiled.ts";
import { asReadKey, type RootKey } from "../../../functions/model/ids.ts";
import { outputOfRead } from "../../../functions/model/reads.ts";
import { ownRoot, parseRoot, type ServiceRoot } from "../../../functions/model/roots.ts";
import { routesOf, type World } from "../../../infra/local/proof/reading/listeners.ts";
import { east } from "../../support/builders.ts";
import { sceneFrom, type Scene } from "../scene.ts";

/** A service as it is when nothing is left to be done. */
export interface Settled {
  readonly root: ServiceRoot;
  readonly compiled: Compiled;
}

/** No quota is in the way. */
export const roomy = { rulesPerListener: 1_000, listenersPerService: 10, targetGroupsPerService: 100 };

/** As many rounds as no world needs. */
const roundsMax = 20;

/**
 * The services of a world after all have taken the hostnames that they ask for, given up those that they are not for, and been asked for
 * by the routes again, until nothing changes. Throws when that never ends.
 */
export async function settled(world: World): Promise<readonly Settled[]> {
  const holders: Record<string, { readonly root: RootKey; readonly gateway: string }> = {};
  const serves: Record<string, string[]> = {};
  const told = (): string => JSON.stringify([holders, serves]);
  for (let round = 0; round < roundsMax; round += 1) {
    const before = told();
    let scene = sceneFrom(world, { ...roomy, holders, serves });
    const asked = await askedBy(scene, world);
    const services: Settled[] = [];
    for (const key of new Set([...asked.keys(), ...Object.values(holders).map(({ root }) => root)])) {
      const root = asked.get(key) ?? parseRoot(key);
      if (root.kind !== "service") throw new Error(`${key} is no service`);
      const last = told();
      const compiled = await compile(root, scene.view(root, asked.has(key)).view);
      const claims = asked.has(key) ? (compiled.claims ?? []) : [];
      for (const [at, holder] of Object.entries(holders))
        if (holder.root === key && !claims.some((one) => at === `${one.network} ${one.hostname}`))
          delete holders[at];
      for (const { network, hostname, gateway } of claims)
        holders[`${network} ${hostname}`] ??= { root: key, gateway };
      serves[key] = asked.has(key) ? Object.keys(compiled.serves ?? {}) : [];
      if (asked.has(key)) services.push({ root, compiled });
      if (told() !== last) scene = sceneFrom(world, { ...roomy, holders, serves });
    }
    if (told() === before) return services;
  }
  throw new Error(`not at rest after ${roundsMax} rounds: ${told()}`);
}

/** The services that the routes of a world count on. */
export async function askedBy(scene: Scene, world: World): Promise<ReadonlyMap<RootKey, ServiceRoot>> {
  const found = new Map<RootKey, ServiceRoot>();
  for (const route of routesOf(world)) {
    const root = ownRoot(east, route);
    if (root === undefined) continue;
    const { view, reads } = scene.view(root, false);
    await compile(root, view);
    for (const read of reads()) {
      const key = outputOfRead(asReadKey(read));
      const asked = key === undefined ? undefined : parseRoot(key);
      if (key !== undefined && asked?.kind === "service") found.set(key, asked);
    }
  }
  return found;
}
