import { rootTagKey } from "../../functions/model/tags.ts";
import { parseRoot, type TargetGroupRoot } from "../../functions/model/roots.ts";
import { groupsIn, idOf, type State } from "../../infra/local/lattice/state.ts";
import { place } from "./place.ts";
import type { World } from "./world.ts";

/** What must hold at every moment, looked at after each call that changes Lattice. */
export interface Safety {
  broken(): readonly string[];
  /** Mutating calls so far. */
  calls(): number;
}

const foreign = { account: place.account, region: place.region };

/** How long a Service's pods must have been ready for an emptied group to be a break. */
const steadyMs = 3 * 60_000;

/** Makes a foreign service and group, and watches that they, and everything else that must hold, are not touched. */
export function watchSafety(world: World): Safety {
  const { engine } = world;
  const made = engine.call(foreign, "CreateService", { name: "somebody-elses" }) as { readonly id: string };
  const group = engine.call(foreign, "CreateTargetGroup", {
    name: "k8s-shop-foreign",
    type: "IP",
    config: { vpcIdentifier: "vpc-0123456789abcdef0" },
  }) as { readonly id: string };
  const broken = new Set<string>();
  const readySince = new Map<string, number>();
  let calls = 0;
  trackReady(world, readySince);
  world.onCall = (operation, input) => {
    calls += 1;
    const state = engine.state(place);
    const service = state.services.get(made.id);
    if (service?.goneAt !== undefined || service === undefined || Object.keys(service.tags).length > 0)
      broken.add(`a foreign service was touched by ${operation}`);
    const theirs = state.groups.get(group.id);
    if (theirs === undefined || theirs.goneAt !== undefined || theirs.targets.size > 0)
      broken.add(`a foreign target group was touched by ${operation}`);
    for (const problem of doubles(state)) broken.add(problem);
    if (operation === "DeregisterTargets") drained(world, state, input, readySince, broken);
  };
  return { broken: () => [...broken], calls: () => calls };
}

/** At most one living resource for each root. */
function doubles(state: State): readonly string[] {
  const wrong: string[] = [];
  for (const all of [state.services, state.groups] as const) {
    const seen = new Map<string, string>();
    for (const one of all.values()) {
      const tag = one.tags[rootTagKey];
      if (tag === undefined || one.goneAt !== undefined) continue;
      const twin = seen.get(tag);
      if (twin !== undefined) wrong.push(`${twin} and ${one.id} are both for ${tag}`);
      seen.set(tag, one.id);
    }
  }
  return wrong;
}

/** A group that a rule sends to is not emptied while its Service has had ready pods all along. */
function drained(
  world: World,
  state: State,
  input: unknown,
  readySince: ReadonlyMap<string, number>,
  broken: Set<string>,
): void {
  const id = idOf(String((input as { readonly targetGroupIdentifier?: unknown }).targetGroupIdentifier));
  const group = state.groups.get(id);
  const tag = group?.tags[rootTagKey];
  if (
    group === undefined ||
    tag === undefined ||
    [...group.targets.values()].some((target) => target.drainedAt === undefined)
  )
    return;
  const used = [...state.services.values()].some((service) =>
    [...service.listeners.values()].some((listener) =>
      [...listener.rules.values()].some((rule) => groupsIn(rule.action).includes(id)),
    ),
  );
  if (!used) return;
  const root = parseRoot(tag) as TargetGroupRoot;
  const since = readySince.get(`${root.service.cluster}/${root.backend.namespace}/${root.backend.name}`);
  if (since !== undefined && world.scheduler.now() - since > steadyMs)
    broken.add(`${id} (${tag}) was emptied while a rule used it and its pods were ready`);
}

/** Remembers since when each Service has had at least one ready pod without a break. */
function trackReady(world: World, readySince: Map<string, number>): void {
  for (const cluster of world.clusters.values()) {
    const look = (): void => {
      for (const service of ["shop/cart", "shop/checkout", "shop/stock", "pay/ledger"]) {
        const [namespace = "", name = ""] = service.split("/");
        const slice = cluster.get("EndpointSlice", namespace, `${name}-abc`) as
          | { readonly endpoints?: readonly { readonly conditions: { readonly ready: boolean } }[] }
          | undefined;
        const ready =
          cluster.get("Service", namespace, name) !== undefined &&
          slice?.endpoints?.some((one) => one.conditions.ready) === true;
        const key = `${cluster.name}/${service}`;
        if (!ready) readySince.delete(key);
        else if (!readySince.has(key)) readySince.set(key, world.scheduler.now());
      }
    };
    cluster.onChange = look;
    look();
  }
}
