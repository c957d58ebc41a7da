import { compile } from "../../functions/compile/compile.ts";
import type { View } from "../../functions/compile/view.ts";
import { parseObject } from "../../functions/bus/objects.ts";
import { contentHash } from "../../functions/bus/hash.ts";
import { putIfNewer } from "../../functions/desired/objects.ts";
import { claimKey } from "../../functions/desired/keys.ts";
import { emptyLedger, readLedger } from "../../functions/desired/ledger.ts";
import { asRootKey, rv, type ClusterName, type RootKey } from "../../functions/model/ids.ts";
import type { Output, ServiceModel } from "../../functions/model/lattice.ts";
import { holderOf } from "../../functions/desired/claims.ts";
import { getQuotas } from "../../functions/desired/quotas.ts";
import { usageOf } from "../../functions/desired/usage.ts";
import { allKinds } from "../../functions/model/objects.ts";
import { routeKinds } from "../../functions/model/routes.ts";
import { ownRoot, parseRoot, rootKey, type Root, type ServiceRoot } from "../../functions/model/roots.ts";
import { rootTag, rootTagKey } from "../../functions/model/tags.ts";
import { ownOf } from "../../functions/reconcile/compile.ts";
import { recordingView } from "../../functions/reconcile/view.ts";
import { usersOf, type Group, type Service, type State } from "../../infra/local/lattice/state.ts";
import { memoryTable } from "../support/table.memory.ts";
import { memoryQueues } from "../support/queues.memory.ts";
import { wronglyBorne } from "./accounts.ts";
import { addressesOfNobody } from "./addresses.ts";
import { hostnames } from "./edits.ts";
import { place } from "./place.ts";
import { miscounts } from "./scarcity.ts";
import {
  apartFromHeld,
  everyRule,
  groupText,
  heldBack,
  isWaiting,
  observedGroup,
  observedService,
  serviceText,
  type Compared,
} from "./texts.ts";
import type { World } from "./world.ts";

/** What is wrong with a world that should have converged; empty when nothing is. */
export async function verdictOn(world: World): Promise<readonly string[]> {
  const state = world.engine.state(place);
  const wrong: string[] = [];
  const expected = new Set<string>();
  for (const cluster of world.clusters.values())
    wrong.push(...(await judgeCluster(world, cluster.name, state, expected)));
  for (const one of [...state.services.values(), ...state.groups.values()]) {
    const tag = one.tags[rootTagKey];
    // What a rule that is held back still sends to is not an orphan.
    const used = usersOf(state, one.id).some((user) =>
      expected.has(state.services.get(user)?.tags[rootTagKey] ?? ""),
    );
    if (tag !== undefined && !expected.has(tag) && !used) wrong.push(`${one.id} (${tag}) is an orphan`);
  }
  return [...wrong, ...(await claimsLeft(world, state, expected)), ...(await miscounts(world))];
}

/** Hostnames and names of services that are held by nobody who bears them are lost to everybody else. */
async function claimsLeft(
  world: World,
  state: State,
  expected: ReadonlySet<string>,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { id, name } of state.networks.values()) {
    for (const hostname of hostnames) {
      const holder = await holderOf(world.table, { ...place, network: id, hostname });
      if (holder !== undefined && !expected.has(rootTag(parseRoot(holder.root))))
        wrong.push(`${hostname} on ${name} is held by ${holder.root}, which is not to be`);
    }
  }
  for (const { sk: name, holder } of await world.table.query(
    claimKey(place.account, place.region, "service-name", "").pk,
  )) {
    // What is not ours holds its name by its ARN.
    if (typeof holder !== "string" || holder.startsWith("arn:")) continue;
    const bears = (await readLedger(world.table, asRootKey(holder)))?.ledger.name;
    if (bears !== name || !expected.has(rootTag(parseRoot(asRootKey(holder)))))
      wrong.push(`the service name ${name} is held by ${holder}, which is not to have it`);
  }
  return wrong;
}

async function judgeCluster(
  world: World,
  cluster: ClusterName,
  state: State,
  expected: Set<string>,
): Promise<readonly string[]> {
  const scratch = await scratchView(world, cluster, state);
  const wrong: string[] = [];
  const asked = new Set<RootKey>();
  const sim = world.clusters.get(cluster);
  if (sim !== undefined) {
    wrong.push(...addressesOfNobody(sim, state));
    wrong.push(...(await wronglyBorne(sim, (root) => scratch.view(root, new Set()))));
  }
  for (const kind of ["Gateway", ...routeKinds] as const) {
    for (const raw of sim?.all(kind) ?? []) {
      const source = { kind, metadata: { namespace: raw.metadata.namespace ?? "", name: raw.metadata.name } };
      const root = ownRoot(cluster, source);
      const its = new Set<RootKey>();
      if (root !== undefined) await compile(root, await scratch.view(root, its));
      // A Gateway looks at the services of routes for its address; only routes want them.
      for (const key of its) if (kind !== "Gateway" || isOfGateway(key)) asked.add(key);
    }
  }
  for (const root of [...asked].map(parseRoot).filter((one) => one.kind === "service")) {
    const groups = new Set<RootKey>();
    const compiled = await compile(root, await scratch.view(root, groups));
    // A service that nobody asks for any more is kept while what comes after it has nothing to answer with.
    if (compiled.want.is === "wait" && compiled.want.until === "known" && !scratch.kept.has(rootKey(root)))
      wrong.push(`${rootKey(root)} waits: ${compiled.want.why.join("; ")}`);
    if (compiled.want.is === "wait") {
      // Whatever was there when somebody asked for what cannot be stays.
      expected.add(rootTag(root));
      continue;
    }
    const wanted =
      compiled.want.is === "model" && compiled.want.model.kind === "service"
        ? compiled.want.model
        : undefined;
    if (wanted !== undefined) expected.add(rootTag(root));
    // A rule that waits for a group without room leaves what there is as it is.
    if (wanted === undefined || !isWaiting(wanted))
      wrong.push(...serviceDifferences(rootKey(root), wanted, byTag(state.services, root), state));
    for (const key of groups) {
      const group = parseRoot(key);
      if (group.kind !== "target-group") continue;
      const compiledGroup = await compile(group, await scratch.view(group, new Set()));
      const model =
        compiledGroup.want.is === "model" && compiledGroup.want.model.kind === "target-group"
          ? compiledGroup.want.model
          : undefined;
      if (model !== undefined) expected.add(rootTag(group));
      wrong.push(
        ...differences(key, model && groupText(model), byTag(state.groups, group).map(observedGroup)),
      );
    }
  }
  return wrong;
}

function isOfGateway(key: RootKey): boolean {
  const root = parseRoot(key);
  return root.kind !== "service" || root.of === "Gateway";
}

function serviceDifferences(
  key: RootKey,
  wanted: ServiceModel | undefined,
  there: readonly Service[],
  state: State,
): readonly string[] {
  const held = wanted === undefined ? [] : heldBack(wanted);
  const compare = (compared: Compared): readonly string[] =>
    differences(
      key,
      wanted && serviceText(wanted, held, compared),
      there.map((one) => observedService(one, state, held, compared)),
    );
  const [only] = there;
  const wrong = compare(everyRule);
  return wrong.length > 0 && held.length > 0 && wanted !== undefined && only !== undefined
    ? compare(apartFromHeld(wanted, only))
    : wrong;
}

function differences(key: string, wanted: string | undefined, there: readonly string[]): readonly string[] {
  if (wanted === undefined)
    return there.length === 0 ? [] : [`${key} should not exist:\n  ${there.join("\n  ")}`];
  if (there.length > 1) return [`${key} exists ${there.length} times`];
  const [only] = there;
  return only === wanted ? [] : [`${key}\n  wanted ${wanted}\n  is     ${only ?? "missing"}`];
}

/** A view of the simulated cluster itself: what the table knows does not matter, but ids and names are Lattice's. */
async function scratchView(world: World, cluster: ClusterName, state: State) {
  const table = memoryTable();
  const d = { table, queues: memoryQueues(), now: world.scheduler.now() };
  const sim = world.clusters.get(cluster);
  for (const kind of allKinds) {
    for (const raw of sim?.all(kind) ?? []) {
      const parsed = parseObject(kind, raw);
      if (!parsed.ok) throw new Error(parsed.problems);
      const version = { epoch: 1, rv: rv(raw.metadata.resourceVersion), trim: 1 };
      await putIfNewer(
        { op: "put", object: parsed.object, version, hash: contentHash(parsed.object, 1) },
        cluster,
        d,
      );
    }
  }
  const registration = {
    cluster,
    ...place,
    vpc: "vpc-0123456789abcdef0",
    eks: cluster,
    profile: "standard",
    roles: {},
  } as const;
  const kept = new Set<RootKey>();

  /** The view of one root; what it asks for is added to `asked`. */
  async function viewOf(root: Root, asked: Set<RootKey>): Promise<View> {
    const own = await fixedOf(world, root);
    if (root.kind === "route") for (const service of own.services) kept.add(service);
    const real = recordingView(table, own, { name: "espalier" }).view;
    return {
      ...real,
      async object(ref) {
        const seen = await real.object(ref);
        return seen.is === "unknown" ? { is: "missing" } : seen;
      },
      cluster: async () => ({ registration, listed: allKinds, applied: true, failedWatches: [] }),
      // Who serves a hostname is decided once, by who came first: it is an input, as names are.
      holder: (on) => holderOf(world.table, on),
      // So is who came first to a quota; whoever did not waits while it is full, and no longer.
      usage: (use) => usageOf(world.table, use),
      quotas: (account, region) => getQuotas(world.table, account, region),
      async output(key) {
        asked.add(key);
        const its = parseRoot(key);
        if (its.kind === "service") return serviceIn(its, asked);
        return (await isRefused(its))
          ? { kind: "failure", trouble: { is: "refused", message: "" } }
          : outputIn(state, its);
      },
    };
  }

  async function serviceIn(root: ServiceRoot, asked: Set<RootKey>): Promise<Output | undefined> {
    const { want, serves = {}, refuses = {}, declines } = await compile(root, await viewOf(root, new Set()));
    if (want.is === "absent") return undefined;
    asked.add(rootKey(root));
    const holds = want.is === "model" && want.model.kind === "service" && heldBack(want.model).length > 0;
    const standing = { is: holds ? "pending" : "programmed", message: "" } as const;
    return { kind: "service", standing, serves, refuses, ...(declines && { declines }) };
  }
  /** Whether a group is not there because there is no room for it. */
  async function isRefused(root: Root): Promise<boolean> {
    if (root.kind !== "target-group" || byTag(state.groups, root).length > 0) return false;
    return (await compile(root, await viewOf(root, new Set()))).want.is === "wait";
  }
  return { view: viewOf, kept };
}

function outputIn(state: State, root: Root): Output | undefined {
  if (root.kind === "service-network") {
    const found = [...state.networks.values()].find((one) => one.name === root.network);
    return found === undefined
      ? { kind: "service-network", state: "missing" }
      : { kind: "service-network", state: "found", id: found.id, arn: found.arn, name: found.name };
  }
  const [group] = byTag(state.groups, root);
  // A group that is not there yet is compared as missing; the rule that needs it still says which one it would be.
  const usable =
    group !== undefined && [...group.targets.values()].some((target) => target.drainedAt === undefined);
  return { kind: "target-group", id: group?.id ?? "(missing)", arn: "", filled: true, usable };
}

/** What a root's own ledger fixes; whatever is compiled here is wanted, or nobody would have asked for it. */
async function fixedOf(world: World, root: Root): Promise<View["own"]> {
  const ledger = (await readLedger(world.table, rootKey(root)))?.ledger ?? emptyLedger;
  return { ...ownOf(ledger, true), name: ledger.name };
}

const byTag = <T extends Service | Group>(all: ReadonlyMap<string, T>, root: Root): readonly T[] =>
  [...all.values()].filter((one) => one.tags[rootTagKey] === rootTag(root) && one.goneAt === undefined);
