import { clusterName, later, type EpochMs } from "../../../functions/model/ids.ts";
import { statusOf, type Living } from "../../../infra/local/lattice/state.ts";
import { serviceAt } from "../../simulation/backends.ts";
import { place } from "../../simulation/place.ts";
import { prng } from "../../simulation/prng.ts";
import { gatewayNames } from "../../simulation/live.ts";
import { networkOf } from "../../simulation/traffic.ts";
import { createWorld, pass, type World } from "../../simulation/world.ts";
import { changesOf, furnish, type Change, type Expected, type Request } from "./changes.ts";

/** What the steady traffic saw of one change, in virtual milliseconds. */
export interface Gap {
  readonly change: string;
  readonly class: string;
  /** From the last moment at which all was answered as before to the first at which all is as it is then; undefined: never. */
  readonly ms: number | undefined;
  /** In so much of it Lattice was at work, and nothing could be done but wait. */
  readonly latticeMs: number;
  /** Requests that nobody answered. */
  readonly failed: number;
  /** Answers that neither side of the change allows, in words. */
  readonly wrong: readonly string[];
}

/** How often everything is asked while much goes on after a change, and from then on, until what was left over is gone too. */
const everyMs = 10;
const busyMs = 10_000;
const restMs = 500;
const watchedMs = 45_000;
/** How long anything takes to come to rest. */
const settledMs = 90_000;

const allPaths = ["/", "/a", "/b", "/c"];

/** Lives one seed: every change there and, where it is the same change, back, each in a world of its own. The seed also says how many rules the routes have. */
export async function gapsOf(seed: string): Promise<readonly Gap[]> {
  const paths = allPaths.slice(0, 1 + prng(`paths/${seed}`).below(allPaths.length));
  const gaps: Gap[] = [];
  for (const change of changesOf(paths)) gaps.push(...(await thereAndBack(change, seed)));
  return gaps;
}

async function thereAndBack(change: Change, seed: string): Promise<readonly Gap[]> {
  const world = await createWorld(`gaps/${change.class}/${change.name}/${seed}`);
  const cluster = world.clusters.get(clusterName("east"));
  if (cluster === undefined) throw new Error("no cluster east");
  const [first, second] = change.sides;
  furnish(cluster, change.class);
  first.prepare?.(cluster);
  first.apply(cluster);
  const gaps: Gap[] = [];
  const there = [first, second] as const;
  const ways = change.oneWay === true ? [there] : [there, [second, first] as const];
  for (const [from, to] of ways) {
    await pass(world, settledMs);
    to.prepare?.(cluster);
    // No change is always in step with what goes on each minute.
    await pass(world, settledMs + world.random.below(60_000));
    const gap = steadyTraffic(world, change, [from.expected, to.expected]);
    to.apply(cluster);
    await pass(world, watchedMs);
    gaps.push({ change: change.name, class: change.class, ...gap() });
  }
  return gaps;
}

/** Asks everything again and again, for as long as a change is watched; answers what came of it. */
function steadyTraffic(
  world: World,
  change: Change,
  sides: readonly [Expected, Expected],
): () => Omit<Gap, "change" | "class"> {
  const { scheduler, engine } = world;
  const busyUntil = later(scheduler.now(), busyMs);
  const end = later(scheduler.now(), watchedMs);
  let lastOld: EpochMs | undefined;
  let firstNew: EpochMs | undefined;
  let failed = 0;
  const busy: EpochMs[] = [];
  const wrong: string[] = [];
  const ask = (): void => {
    const now = scheduler.now();
    if (now >= end) return;
    scheduler.after(now < busyUntil ? everyMs : restMs, ask, true);
    const seen = look(world, change, sides);
    wrong.push(...seen.wrong);
    failed += seen.failed;
    if (seen.isOld) [lastOld, firstNew] = [now, undefined];
    else if (seen.isNew) firstNew ??= now;
    if (isBusy(world)) busy.push(now);
  };
  ask();
  return () => {
    if (lastOld === undefined || firstNew === undefined)
      return { ms: undefined, latticeMs: 0, failed, wrong };
    // The data plane is late at both ends of a gap: what made it went on by so much earlier.
    const late = -engine.settings.propagationMs;
    const waited = busy.filter((at) => later(lastOld ?? at, late) < at && at < later(firstNew ?? at, late));
    return { ms: firstNew - lastOld, latticeMs: waited.length * everyMs, failed, wrong };
  };
}

/** What is answered at one moment, held against both sides of a change. */
function look(world: World, change: Change, sides: readonly [Expected, Expected]) {
  const [both, inner] = gatewayNames[change.class];
  const known = new Map<string, string | undefined>();
  const answerTo = (request: Request): string | undefined => {
    const text = textOf(request);
    if (known.has(text)) return known.get(text);
    const { through, ...rest } = request;
    const network = networkOf(world, through === "both" ? both : inner);
    const asked = { ...rest, network, method: "GET", headers: {} };
    const found = world.engine.route(place, asked);
    const by = found.is === "target" ? serviceAt(found.target.id) : undefined;
    known.set(text, by);
    return by;
  };
  const [old, next] = sides.map(({ requests, by }) => requests.map((one) => answerTo(one) === by));
  if (old === undefined || next === undefined) throw new Error("a change has two sides");
  const wrong = [...known].flatMap(([text, by]) =>
    by === undefined || isAllowed(sides, text, by) ? [] : [`${text} is answered by ${by}`],
  );
  const fallen = change.standing.requests
    .filter((request) => answerTo(request) !== change.standing.by)
    .map(
      (request) =>
        `${textOf(request)}, which nothing changes, is answered by ${answerTo(request) ?? "nobody"}`,
    );
  return {
    isOld: old.every(Boolean),
    isNew: next.every(Boolean),
    failed: old.filter((one, index) => !one && next[index] !== true).length,
    wrong: [...wrong, ...fallen],
  };
}

const textOf = ({ through, protocol, host, port, path }: Request): string =>
  `${protocol.toLowerCase()}://${host}:${port}${path}${through === "both" ? "" : ` through the ${through} network`}`;

const isAllowed = (sides: readonly Expected[], text: string, by: string): boolean =>
  sides.some((one) => one.by === by && one.requests.some((request) => textOf(request) === text));

/** Whether Lattice is making or undoing what an answer may wait for. */
function isBusy({ engine, scheduler }: World): boolean {
  const { services, associations, groups } = engine.state(place);
  const inProgress = (one: Living): boolean => statusOf(one, scheduler.now()).endsWith("_IN_PROGRESS");
  return (
    [...associations.values()].some(inProgress) ||
    [...services.values(), ...groups.values()].some((one) => one.goneAt === undefined && inProgress(one))
  );
}
