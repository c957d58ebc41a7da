import type { ClusterFacts, Registration } from "../model/cluster.ts";
import type { RootKey } from "../model/ids.ts";
import type { Gateway } from "../model/objects.ts";
import { parseRoot, rootKey, type ServiceRoot } from "../model/roots.ts";
import { gatewayKey, isNamesake, serviceOf, type Ask } from "./ask.ts";
import { askFrom, sharing } from "./candidates.ts";
import { waitToBeMended, type Claim, type Compiled } from "./compiled.ts";
import { isFound, isMissing, networkName, networkOf } from "./networks.ts";
import { routesAt } from "./routesat.ts";
import { textOf } from "./rules.ts";
import type { HostnameOn, View } from "./view.ts";

/** What a service that shares its hostname with no other route may have of it. */
export interface Rivalry {
  /** The Gateways in whose networks nobody else has the hostname. */
  readonly open: readonly Gateway[];
  readonly claims: readonly Claim[];
  /** Why it is not in the other networks. */
  readonly taken: readonly string[];
  /** What is not known yet of others that ask for the hostname; nobody new has it before. */
  readonly unsought?: string | undefined;
}

/**
 * In profile `incumbent` each route has a service of its own, and Lattice has a custom domain once in a service network
 * (vpc-lattice.md, CreateSNSA). Whose service is in the network has it, whoever asked first: a cluster that moves over brings services
 * that nobody has claimed yet. Where none is, who comes first has it, once every other that asks has been searched for. The hostname
 * is the one that Lattice has fixed for the service, where there is one.
 */
export async function rivalryOf(
  view: View,
  root: ServiceRoot,
  { registration }: ClusterFacts,
  own: Ask,
): Promise<Rivalry> {
  const { account, region, cluster } = registration;
  const gateways = own.standalone ? [] : own.at.map(({ gateway }) => gateway);
  const hostname = view.own.exists ? (view.own.hostname ?? "") : own.hostname;
  if (hostname === "") return { open: gateways, claims: [], taken: [] };
  const open: Gateway[] = [];
  const claims: Claim[] = [];
  const taken = new Set<string>();
  const unsought = new Set<string>();
  for (const gateway of gateways) {
    const key = gatewayKey(cluster, gateway);
    const network = await networkOf(view, registration, gateway);
    if (!isFound(network)) {
      open.push(gateway);
      // Which network it is for is not known now: whatever is there stays.
      if (!isMissing(network)) claims.push(...view.own.claims.filter((one) => one.gateway === key));
      continue;
    }
    const on = { account, region, network: network.id, hostname };
    const right = await rightTo(view, root, on);
    if (right.is === "taken") {
      taken.add(takenText(view, root, on, networkName(registration, gateway), right.by));
      continue;
    }
    open.push(gateway);
    // What stands still comes into no network.
    if (right.is === "free" && own.mistake !== undefined) continue;
    if (right.is === "free")
      (await unsoughtAt(view, root, registration, gateway, on)).forEach((one) => unsought.add(one));
    if (right.is !== "behind" && !claims.some((one) => one.network === on.network))
      claims.push({ ...on, gateway: key, ...(right.is === "theirs" && { over: right.by }) });
  }
  return {
    open,
    claims: unsought.size > 0 ? view.own.claims : claims,
    taken: [...taken],
    ...(unsought.size > 0 && {
      unsought: `whether hostname ${hostname} is served is not known yet: ${[...unsought].join(", ")} may have been given it by the in-cluster controller`,
    }),
  };
}

/**
 * What a service waits for as a whole, or undefined. One that may be in none of its networks asks for no DNS name; while it is in
 * another one still, it goes on, so that it leaves that.
 */
export function waitForRivals(view: View, { open, taken, unsought }: Rivalry): Compiled | undefined {
  if (unsought !== undefined)
    return { want: { is: "wait", why: [unsought], until: "known", seeks: true }, reports: [] };
  const isOut = open.length === 0 && taken.length > 0 && view.own.networks.length === 0;
  return isOut ? { ...waitToBeMended(...taken), serves: {} } : undefined;
}

/**
 * How a service stands to its hostname on a network. `own`: it is in it, or holds the hostname. `theirs`: it is in it, and who holds
 * the hostname is not. `behind`: both are said to be in it, which Lattice does not do, so one of two ledgers is behind.
 */
type Right =
  | { readonly is: "own" | "free" | "behind" }
  | { readonly is: "theirs" | "taken"; readonly by: RootKey };

async function rightTo(view: View, root: ServiceRoot, on: HostnameOn): Promise<Right> {
  const holder = await view.holder(on);
  const isThere = view.own.networks.includes(on.network);
  if (holder === undefined) return { is: isThere ? "own" : "free" };
  if (holder.root === rootKey(root)) return { is: "own" };
  if (!isThere) return { is: "taken", by: holder.root };
  const output = await view.output(holder.root);
  const both = output?.kind === "service" && output.at?.networks.includes(on.network) === true;
  return both ? { is: "behind" } : { is: "theirs", by: holder.root };
}

/** The routes that ask for a hostname on a network as well and whose services nobody has searched for yet. */
async function unsoughtAt(
  view: View,
  root: ServiceRoot,
  registration: Registration,
  gateway: Gateway,
  { hostname }: HostnameOn,
): Promise<readonly string[]> {
  const { cluster } = registration;
  const unsought: string[] = [];
  for (const other of await sharing(view, cluster, registration, [gateway]))
    for (const route of await routesAt(view, cluster, other)) {
      if (isNamesake(root, route) || route.spec.hostnames[0] !== hostname) continue;
      const ask = await askFrom(view, root, route, registration);
      if (ask === undefined) continue;
      if (!("unknown" in ask)) {
        const isIdle = ask.mistake === undefined && ask.at.every(({ listeners }) => listeners.length === 0);
        if (ask.standalone || isIdle) continue;
        const output = await view.output(rootKey(serviceOf(cluster, ask, true)));
        if (output?.kind === "service" && output.sought === true) continue;
      }
      unsought.push(textOf(route));
    }
  return unsought;
}

/** Who has a hostname on a network, and what can be done about it. */
function takenText(
  view: View,
  root: ServiceRoot,
  { hostname }: HostnameOn,
  network: string,
  holder: RootKey,
): string {
  const its = parseRoot(holder);
  if (its.kind !== "service") throw new TypeError(`${holder} serves no hostname`);
  const isNear = its.cluster === root.cluster;
  const whose = `${its.of} ${its.namespace}/${its.name}${isNear ? "" : ` of cluster ${its.cluster}`}`;
  const another = view.own.exists
    ? "make a route of another name for another hostname, because Lattice has fixed that of its service"
    : "give the route another hostname";
  const merged = isNear
    ? ", or move the cluster to profile standard, where routes of one hostname on one Gateway share a service"
    : "";
  return `hostname ${hostname} is served on service network ${network} by the service of ${whose} already; ${another}, delete the other${merged}`;
}
