import { parseObject } from "../../functions/bus/objects.ts";
import { clusterName, later } from "../../functions/model/ids.ts";
import { allKinds, type ClusterObject } from "../../functions/model/objects.ts";
import { rootTagKey } from "../../functions/model/tags.ts";
import { controllers, type ClassName } from "../../functions/model/verdict.ts";
import { all } from "../compile/standard/listeners.ts";
import { answerTo, hostnamesAt } from "../compile/standard/reading.ts";
import { groupId } from "../compile/scene.ts";
import { applyBackends, serviceAt, services } from "./backends.ts";
import type { Manifest, SimCluster } from "./cluster.ts";
import { place } from "./place.ts";
import type { Prng } from "./prng.ts";
import { createWorld, pass, type World } from "./world.ts";

/**
 * Routes that are edited while requests come all the time. Every answer is held against a direct reading of the standard, of
 * what the routes said before the edit and of what they say after it: it must be one of either, and a backend where both have one.
 */

const hostnames = ["a.example.com", "b.example.com"] as const;
const paths = ["/", "/a", "/a/", "/a/b", "/c", "/zzz"];

interface Asked {
  readonly host: string;
  readonly port: 80;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What came of the requests of one seed. */
export interface TrafficStory {
  readonly requests: number;
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
  const world = await createWorld(`traffic/${its}/${seed}`);
  const random = world.random.fork("people");
  const cluster = world.clusters.get(clusterName("east"));
  if (cluster === undefined) throw new Error("no cluster east");
  furnish(cluster, its);
  for (const name of ["one", "two"]) cluster.apply(route(name, its, random));
  await pass(world, 2 * watchedMs);
  const told: string[] = [];
  const wrong: string[] = [];
  let requests = 0;
  for (let done = 0; done < edits; done += 1) {
    const before = objectsOf(cluster);
    told.push(edit(cluster, its, random));
    const after = objectsOf(cluster);
    const end = later(world.scheduler.now(), watchedMs);
    while (world.scheduler.now() < end) {
      const early = end - world.scheduler.now() > watchedMs - busyMs;
      await pass(world, early ? everyMs : restMs);
      for (const asked of askedOf(world, its)) {
        requests += 1;
        const problem = judge(world, its, asked, before, after);
        if (problem !== undefined) wrong.push(`after ${told.length} (${told.at(-1)}): ${problem}`);
      }
      if (wrong.length > 0) return { requests, wrong, edits: told };
    }
  }
  return { requests, wrong, edits: told };
}

/** Why the answer to a request is wrong, or undefined. */
function judge(
  world: World,
  its: ClassName,
  asked: Asked,
  before: readonly ClusterObject[],
  after: readonly ClusterObject[],
): string | undefined {
  const got = answered(world, its, asked);
  const [was, is] = [before, after].map((objects) => allowed(objects, asked));
  if (was === undefined || is === undefined) throw new Error("two configurations have two answers");
  const text = `${asked.method} http://${asked.host}${asked.path} ${JSON.stringify(asked.headers)}`;
  const healthy = (names: ReadonlySet<string>): boolean => [...names].every((name) => name.startsWith("tg-"));
  if (was.has(got) || is.has(got)) return undefined;
  // What is on its way may be missing where one of both has nothing either.
  if (got === "404" && !(healthy(was) && healthy(is))) return undefined;
  return `${text} is answered by ${got}; before it was ${[...was].join(" or ")}, after it is ${[...is].join(" or ")}`;
}

const gatewayName: Readonly<Record<ClassName, string>> = { "amazon-vpc-lattice": "prod", espalier: "edge" };

function allowed(objects: readonly ClusterObject[], asked: Asked): ReadonlySet<string> {
  const [gateway] = all(objects, "Gateway");
  if (gateway === undefined) throw new Error("no Gateway");
  // Lattice has no wildcard domains: a hostname that no route names exactly is nobody's.
  if (hostnames.some((one) => one === asked.host) && !hostnamesAt(objects, gateway).has(asked.host))
    return new Set(["404"]);
  const shares = answerTo(objects, gateway, asked, "isolated");
  return new Set(Object.keys(shares).filter((name) => (shares[name] ?? 0) > 0));
}

/** Who answers, as the reading of the standard names them. */
function answered(world: World, its: ClassName, { host, ...rest }: Asked): string {
  const state = world.engine.state(place);
  const network = [...state.networks.values()].find((one) => one.name === gatewayName[its]);
  if (network === undefined) throw new Error("no network");
  const found = world.engine.route(place, { ...rest, host, network: network.id, protocol: "HTTP" });
  switch (found.is) {
    case "target":
      return backendAt(found.target.id);
    case "fixed":
      return String(found.status);
    case "empty":
      return "503";
    case "none":
      return "404";
  }
}

const backendAt = (ip: string): string => groupId("shop", serviceAt(ip), 80);

function askedOf(world: World, its: ClassName): readonly Asked[] {
  const hosts: readonly string[] = its === "espalier" ? [...hostnames, addressOf(world)] : hostnames;
  return hosts.flatMap((host) =>
    paths.flatMap((path) =>
      ["GET", "POST"].flatMap((method) =>
        [{}, { version: "one" }].map((headers): Asked => ({ host, port: 80, method, path, headers })),
      ),
    ),
  );
}

/** The address of Gateway `edge`: the generated name of its default service. */
function addressOf(world: World): string {
  const state = world.engine.state(place);
  const service = [...state.services.values()].find(
    (one) => one.tags[rootTagKey] === "service/east/Gateway/shop/edge/_",
  );
  if (service === undefined) throw new Error("Gateway edge has no address");
  return service.dnsName;
}

/** A Gateway of the class, and Services whose pods are ready all the time. */
function furnish(cluster: SimCluster, its: ClassName): void {
  const name = gatewayName[its];
  cluster.apply({ kind: "GatewayClass", name: its, body: { spec: { controllerName: controllers[its] } } });
  cluster.apply({ kind: "Namespace", name: "shop", body: {} });
  cluster.apply({
    kind: "Gateway",
    namespace: "shop",
    name,
    body: {
      spec: { gatewayClassName: its, listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
    },
  });
  applyBackends(cluster, "shop");
}

/** One edit: a route is written anew, made or deleted; answers what it was. */
function edit(cluster: SimCluster, its: ClassName, random: Prng): string {
  const name = random.pick(["one", "two", "three"]);
  if (random.chance(0.15) && cluster.get("HTTPRoute", "shop", name) !== undefined) {
    cluster.remove("HTTPRoute", "shop", name);
    return `route ${name} is deleted`;
  }
  const manifest = route(name, its, random);
  cluster.apply(manifest);
  return `route ${name} becomes ${JSON.stringify(manifest.body["spec"])}`;
}

function route(name: string, its: ClassName, random: Prng): Manifest {
  const rules = Array.from({ length: 1 + random.below(4) }, () => ({
    matches: Array.from({ length: 1 + random.below(2) }, () => ({
      path: { type: random.pick(["PathPrefix", "Exact"]), value: random.pick(["/", "/a", "/a/b", "/c"]) },
      ...(random.chance(0.2) ? { method: "GET" } : {}),
      ...(random.chance(0.2) ? { headers: [{ name: "version", value: "one" }] } : {}),
    })),
    backendRefs: Array.from({ length: 1 + random.below(2) }, () => ({
      name: random.pick(services),
      port: 80,
      weight: random.pick([1, 10, 90]),
    })),
  }));
  const some = random.pick([[hostnames[0]], [hostnames[1]], [...hostnames]]);
  // In class amazon-vpc-lattice a route has one hostname.
  const hosts = its === "espalier" ? (random.chance(0.3) ? [] : some) : some.slice(0, 1);
  const parentRefs = [{ name: gatewayName[its] }];
  return {
    kind: "HTTPRoute",
    namespace: "shop",
    name,
    body: { spec: { parentRefs, hostnames: hosts, rules } },
  };
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
