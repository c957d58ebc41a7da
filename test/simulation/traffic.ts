import { parseObject } from "../../functions/bus/objects.ts";
import { clusterName, later } from "../../functions/model/ids.ts";
import { allKinds, type ClusterObject } from "../../functions/model/objects.ts";
import { routeKinds } from "../../functions/model/routes.ts";
import type { ClassName } from "../../functions/model/verdict.ts";
import { all } from "../../infra/local/proof/reading/listeners.ts";
import { answerTo, hostnamesAt } from "../../infra/local/proof/reading/reading.ts";
import { askedOf, missing, talkOf, textOf, type Asked, type Talk } from "./asked.ts";
import { serviceAt } from "./backends.ts";
import type { SimCluster } from "./cluster.ts";
import { gatewayNames, hostnames, liveRoutes, ports, rulesPerListener } from "./live.ts";
import { place } from "./place.ts";
import { administrator, createWorld, pass, type World } from "./world.ts";

/**
 * Routes that are edited while requests come all the time. Every answer is held against a direct reading of the standard, of
 * what the routes said before the edit and of what they say after it: it must be one of either, and a backend where both have one;
 * and long after the edit it must be what they say after it.
 */

/** A request, and who may answer it. */
interface Judged {
  readonly asked: Asked;
  readonly was: ReadonlySet<string>;
  readonly is: ReadonlySet<string>;
  /** Whether its hostname may be handed to another service there, which takes a moment in which nobody answers. */
  readonly handed: boolean;
}

/** What came of the requests of one seed. */
export interface TrafficStory {
  readonly requests: Readonly<Record<Talk, number>>;
  /** Of these, those that a backend answered. */
  readonly answered: Readonly<Record<Talk, number>>;
  /** Answers that neither the configuration before an edit nor the one after it allows, and failures where both have a backend. */
  readonly wrong: readonly string[];
  readonly edits: readonly string[];
}

/** How long requests come after each edit, and how often each is sent while much goes on and after that, in milliseconds. */
const watchedMs = 60_000;
const busyMs = 12_000;
const everyMs = 250;
const restMs = 3_000;

/** Lives one seed: so many edits of a Gateway's routes, one after the other, each watched until long after it is carried out. */
export async function watchTraffic(seed: string, its: ClassName, edits: number): Promise<TrafficStory> {
  const quotas = { rulesPerListener, listenersPerService: Object.keys(ports).length };
  const world = await createWorld(`traffic/${its}/${seed}`, { quotas });
  const cluster = world.clusters.get(clusterName("east"));
  if (cluster === undefined) throw new Error("no cluster east");
  const routes = liveRoutes(cluster, its, world.random.fork("people"));
  for (const name of gatewayNames[its]) if (networkNamed(world, name) === undefined) makeNetwork(world, name);
  await pass(world, 2 * watchedMs);
  const networks = new Map<string, string>(gatewayNames[its].map((name) => [name, networkOf(world, name)]));
  const story = {
    requests: nobody(),
    answered: nobody(),
    wrong: new Array<string>(),
    edits: new Array<string>(),
  };
  let objects = objectsOf(cluster);
  let judged = judgedOf(world, its, objects, [], () => false);
  while (story.edits.length < edits && story.wrong.length === 0) {
    const edit = routes.edit();
    story.edits.push(edit);
    const now = objectsOf(cluster);
    judged = judgedOf(world, its, now, judged, handedOver(its, objects, now));
    objects = now;
    const end = later(world.scheduler.now(), watchedMs);
    const look = (problemOf: (one: Judged, got: string) => string | undefined): void => {
      for (const one of judged) {
        const got = answered(world, networks.get(one.asked.gateway) ?? "", one.asked);
        story.requests[talkOf(one.asked)] += 1;
        if (isBackend(got)) story.answered[talkOf(one.asked)] += 1;
        const problem = problemOf(one, got);
        if (problem !== undefined) story.wrong.push(`after ${story.edits.length} (${edit}): ${problem}`);
      }
    };
    while (world.scheduler.now() < end && story.wrong.length === 0) {
      const early = end - world.scheduler.now() > watchedMs - busyMs;
      await pass(world, early ? everyMs : restMs);
      look(problemMeanwhile);
    }
    look(problemInTheEnd);
  }
  return story;
}

const nobody = (): Record<Talk, number> => ({ HTTP: 0, HTTPS: 0, TLS: 0, gRPC: 0 });

/** Why an answer is wrong while an edit is carried out, or undefined. */
function problemMeanwhile({ asked, was, is, handed }: Judged, got: string): string | undefined {
  if (was.has(got) || is.has(got) || (handed && got === missing(asked))) return undefined;
  // What is on its way may be missing where one of both has nothing either.
  if (got === missing(asked) && ![...was, ...is].every(isBackend)) return undefined;
  return `${textOf(asked)} is answered by ${got}; before it was ${[...was].join(" or ")}, after it is ${[...is].join(" or ")}`;
}

/** Why an answer is wrong after an edit is carried out, or undefined: traffic may stay where it was as long as nothing answers where it goes. */
const problemInTheEnd = ({ asked, is }: Judged, got: string): string | undefined =>
  is.has(got) || [...is].some((name) => name === unanswered)
    ? undefined
    : `${textOf(asked)} is still answered by ${got}; it is to be ${[...is].join(" or ")}`;

/** The answer of a backend without pods. */
const unanswered = "503";

const isBackend = (name: string): boolean => name.includes("/");

/**
 * All that is asked after an edit, with what both configurations say to it. Where nothing answered by the one before the edit, what
 * answered before that may still do so.
 */
function judgedOf(
  world: World,
  its: ClassName,
  objects: readonly ClusterObject[],
  before: readonly Judged[],
  isHanded: (asked: Asked) => boolean,
): readonly Judged[] {
  const is = allowedBy(objects);
  const past = new Map(before.map((one) => [JSON.stringify(one.asked), one]));
  return askedOf(world, its).map((asked) => {
    const old = past.get(JSON.stringify(asked));
    const was = [...(old?.is ?? []), ...(old?.is.has(unanswered) === true ? old.was : [])];
    return { asked, was: new Set(was), is: is(asked), handed: isHanded(asked) };
  });
}

/**
 * In class amazon-vpc-lattice a service is for Gateways at which the same routes ask for its hostname. Where one of them leaves one of
 * its Gateways, the service of that is another one from then on.
 */
function handedOver(
  its: ClassName,
  before: readonly ClusterObject[],
  after: readonly ClusterObject[],
): (asked: Asked) => boolean {
  return ({ gateway, host }) =>
    its === "amazon-vpc-lattice" &&
    gatewayNames[its].some(
      (other) =>
        other !== gateway &&
        askersAt(before, gateway, host).join() === askersAt(before, other, host).join() &&
        askersAt(after, gateway, host).length < askersAt(after, other, host).length,
    );
}

/** The routes at a Gateway that name a hostname. */
const askersAt = (objects: readonly ClusterObject[], gateway: string, host: string): readonly string[] =>
  routeKinds
    .flatMap((kind) => all(objects, kind))
    .filter(
      ({ spec }) => spec.hostnames.includes(host) && spec.parentRefs.some(({ name }) => name === gateway),
    )
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);

/** Who may answer, by what the objects say. */
function allowedBy(objects: readonly ClusterObject[]): (asked: Asked) => ReadonlySet<string> {
  const gateways = new Map(
    all(objects, "Gateway").map((gateway) => [
      gateway.metadata.name,
      { gateway, named: hostnamesAt(objects, gateway) },
    ]),
  );
  const empty = new Set(
    all(objects, "EndpointSlice").flatMap(({ metadata, endpoints }) =>
      endpoints.length === 0 ? [`shop/${metadata.labels["kubernetes.io/service-name"] ?? ""}:80`] : [],
    ),
  );
  return (asked) => {
    const its = gateways.get(asked.gateway);
    if (its === undefined) throw new Error(`no Gateway ${asked.gateway}`);
    // Lattice has no wildcard domains: a hostname that no route names exactly is nobody's.
    if (hostnames.some((one) => one === asked.host) && !its.named.has(asked.host))
      return new Set([missing(asked)]);
    const shares = answerTo(objects, its.gateway, { ...asked, port: ports[asked.protocol] }, "isolated");
    const names = Object.keys(shares).filter((name) => (shares[name] ?? 0) > 0);
    return new Set(names.map((name) => (empty.has(name) ? unanswered : name)));
  };
}

const makeNetwork = ({ engine }: World, name: string): void =>
  void engine.call(administrator, "CreateServiceNetwork", { name });

const networkNamed = ({ engine }: World, name: string): string | undefined =>
  [...engine.state(place).networks.values()].find((one) => one.name === name)?.id;

/** The id of the network of a Gateway. */
export function networkOf(world: World, gateway: string): string {
  const found = networkNamed(world, gateway);
  if (found === undefined) throw new Error(`no network ${gateway}`);
  return found;
}

/** Who answers, as the reading of the standard names them. */
function answered(world: World, network: string, asked: Asked): string {
  const { protocol, gateway: _through, ...request } = asked;
  const at = { network, port: ports[protocol] };
  const found =
    protocol === "TLS"
      ? world.engine.connect(place, { ...at, serverName: asked.host })
      : world.engine.route(place, { ...at, ...request, protocol });
  switch (found.is) {
    case "target":
      return `shop/${serviceAt(found.target.id)}:80`;
    case "fixed":
      return String(found.status);
    case "empty":
      return unanswered;
    case "terminated":
      return "a certificate";
    case "none":
      return missing(asked);
  }
}

/** What the cluster holds, as it is read from what its API server would answer. */
function objectsOf(cluster: SimCluster): readonly ClusterObject[] {
  return allKinds.flatMap((kind) =>
    cluster.all(kind).map((raw) => {
      const parsed = parseObject(kind, raw);
      if (!parsed.ok) throw new Error(parsed.problems);
      return parsed.object;
    }),
  );
}
