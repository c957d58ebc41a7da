import { latticeOver } from "../../functions/apply/lattice.sdk.ts";
import { sourceOf } from "../../functions/bus/events.ts";
import { parseEnvelope } from "../../functions/bus/parse.ts";
import type { Entry, Publish } from "../../functions/bus/publish.ts";
import { register } from "../../functions/desired/clusters.ts";
import type { Lane, Queues } from "../../functions/desired/lanes.ts";
import { setQuotas } from "../../functions/desired/quotas.ts";
import type { Table } from "../../functions/desired/table.ts";
import { sendDue } from "../../functions/drift/due.ts";
import { createForwarder, type Forwarder } from "../../functions/forward/forwarder.ts";
import { defaultSettings } from "../../functions/forward/settings.ts";
import { ingest } from "../../functions/ingest/ingest.ts";
import type { Profile, Registration } from "../../functions/model/cluster.ts";
import { asRootKey, clusterName, later, type ClusterName } from "../../functions/model/ids.ts";
import { times, type Quotas } from "../../functions/model/limits.ts";
import type { ReconcileDeps } from "../../functions/reconcile/deps.ts";
import { reconcile } from "../../functions/reconcile/reconcile.ts";
import type { Log, Metrics } from "../../functions/runtime/clock.ts";
import { serve } from "../../functions/status/handler.ts";
import { createLattice, type LatticeEngine } from "../../infra/local/lattice/engine.ts";
import { memoryTable } from "../support/table.memory.ts";
import { simCluster, type SimCluster } from "./cluster.ts";
import { calm, type Faults } from "./faults.ts";
import { latticeCalls } from "./latticecalls.ts";
import type { Mutant } from "./mutants.ts";
import { place } from "./place.ts";
import { prng, type Prng } from "./prng.ts";
import { latticeQuotas } from "./quotas.ts";
import { simQueue, type SimQueue } from "./queue.ts";
import { grantedIn } from "./scarcity.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { startWorker, stepped, type Worker } from "./worker.ts";

/** The grace in a history: long enough to be crossed by edits, short enough that histories end. */
const graceMs = 20_000;

const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
const silentMetrics: Metrics = { count: () => {} };
/** Who makes what no function of ours makes. */
export const administrator = { account: place.account, region: place.region, principal: "administrator" };

/** The real functions over ports in memory, with one seed that owns every order, delay, crash and fault. */
export interface World {
  readonly scheduler: Scheduler;
  readonly random: Prng;
  readonly table: ReturnType<typeof memoryTable>;
  readonly queues: Queues;
  readonly engine: LatticeEngine;
  readonly clusters: ReadonlyMap<ClusterName, SimCluster>;
  /** What is wrong with the world now; a history changes it as it goes. */
  faults: Faults;
  /** Whether anything looks at what is due. */
  sweeping: boolean;
  /** Messages that nobody has dealt with. */
  pending(): number;
  readonly dead: () => readonly unknown[];
  /** Kills a cluster's forwarder and starts another, which knows nothing. */
  restartForwarder(name: ClusterName): void;
  /** Called after each mutating call of Lattice with what it was. */
  onCall: (operation: string, input: unknown) => void;
  /** Called after each mutating call that Lattice refuses for what it is, with what it was. */
  onRefusal: (operation: string) => void;
}

export async function createWorld(
  seed: string,
  {
    mutant,
    profile = "standard",
    quotas = {},
  }: {
    readonly mutant?: Mutant | undefined;
    readonly profile?: Profile;
    readonly quotas?: Partial<Quotas> | "sometimes scarce";
  } = {},
): Promise<World> {
  const random = prng(seed);
  const scheduler = createScheduler(Date.parse("2026-01-01T00:00:00Z"));
  const table = memoryTable();
  const granted = grantedIn(quotas, random.fork("quotas"));
  const engine = createLattice({
    clock: scheduler,
    random: random.fork("lattice").fraction,
    settings: { quotas: latticeQuotas(granted.inLattice) },
  });
  const world: World = {
    scheduler,
    random,
    table,
    queues: sending(() => all),
    engine,
    clusters: new Map(),
    faults: calm,
    sweeping: true,
    pending: () => Object.values(all).reduce((sum, queue) => sum + queue.pending(), 0),
    dead: () => Object.values(all).flatMap((queue) => queue.dead),
    restartForwarder: (name) => forwarders.get(name)?.(),
    onCall: () => {},
    onRefusal: () => {},
  };
  const all = queuesOf(world, mutant);
  await setQuotas(world, place, granted.ours);
  const forwarders = new Map<ClusterName, () => void>();
  for (const name of ["prod", "inner", "edge"]) engine.call(administrator, "CreateServiceNetwork", { name });
  for (const name of ["east", "west"].map(clusterName)) {
    const cluster = simCluster(name, {
      scheduler,
      random: random.fork(name),
      unreachable: () => random.chance(world.faults.unreachable),
    });
    (world.clusters as Map<ClusterName, SimCluster>).set(name, cluster);
    await register(registrationOf(cluster, profile), { ...world, now: scheduler.now() });
    forwarders.set(name, forwarderOf(world, cluster, all.changes, mutant));
  }
  sweep(world);
  return world;
}

/** What an administrator registers a cluster with. */
export const registrationOf = (cluster: SimCluster, profile: Profile): Registration => ({
  cluster: cluster.name,
  ...place,
  vpc: "vpc-0123456789abcdef0",
  eks: cluster.name,
  profile,
  epoch: cluster.epoch,
  roles: {},
});

/** Lets time pass, also when nobody waits for anything. */
export async function pass({ scheduler }: World, ms: number): Promise<void> {
  scheduler.after(ms, () => {});
  await scheduler.run(later(scheduler.now(), ms));
}

type AllQueues = Readonly<Record<Lane | "changes" | "status", SimQueue>>;

const sending = (all: () => AllQueues): Queues => ({
  async send(lane, asks, afterMs) {
    for (const ask of asks) all()[lane].send(ask, afterMs);
  },
  async sendStatus(asks, afterMs) {
    for (const ask of asks) all().status.send(ask, afterMs);
  },
});

/** The queues, each with the function that reads it. */
function queuesOf(world: World, mutant: Mutant | undefined): AllQueues {
  const settings = { visibilityMs: times.workHidden, receiptsMax: 5 };
  const of = (
    name: string,
    run: (body: unknown, d: ReturnType<typeof invocation>) => Promise<void>,
  ): SimQueue =>
    simQueue(
      name,
      { scheduler: world.scheduler, random: world.random.fork(name), faults: () => world.faults },
      settings,
      async (body) => {
        const worker = startWorker({
          scheduler: world.scheduler,
          random: world.random,
          faults: world.faults,
          timeoutMs: times.reconcileMax,
        });
        const d = invocation(world, worker, world.queues, mutant);
        return run(body, d).then(
          () => true,
          () => false,
        );
      },
    );
  const lane = (name: Lane): SimQueue =>
    of(name, async (body, d) => {
      const { root, verify, cause } = body as { root: string; verify: boolean; cause: string };
      await reconcile({ root: asRootKey(root), verify, cause }, name, d.worker.deadline, d);
    });
  const all: AllQueues = {
    changes: of("changes", (body, d) => ingest(parseEnvelope(body), d)),
    verdicts: lane("verdicts"),
    targets: lane("targets"),
    config: lane("config"),
    drift: lane("drift"),
    status: of("status", (body, d) => serve(body, d)),
  };
  return all;
}

/** What one invocation is given: every port takes steps of its worker. */
function invocation(world: World, worker: Worker, queues: Queues, mutant: Mutant | undefined) {
  const table: Table = stepped(mutant?.table?.(world.table, world.random) ?? world.table, worker);
  const d: ReconcileDeps = {
    table,
    queues: stepped(mutant?.queues?.(queues, world.random) ?? queues, worker),
    lattice: (_place, until) =>
      latticeOver(latticeCalls(world, worker, until, mutant?.answer ?? ((output) => output))),
    clock: { now: worker.now },
    random: {
      token: () => mutant?.token?.(world.random) ?? `token-${world.random.below(2 ** 48).toString(36)}`,
      fraction: world.random.fraction,
    },
    log: silentLog,
    metrics: silentMetrics,
    installation: { name: "espalier" },
    settings: {
      graceMs,
      visitEveryMs: 10 * 60_000,
      allowance: { callsPerSecond: 50, burst: 500 },
      ...mutant?.settings,
    },
  };
  const clusterApi = ({ registration }: { readonly registration: { readonly cluster: ClusterName } }) => {
    const cluster = world.clusters.get(registration.cluster);
    if (cluster === undefined) throw new Error(`no cluster ${registration.cluster}`);
    return stepped(cluster.api, worker);
  };
  return { ...d, worker, clusterApi };
}

/** Starts a forwarder of the cluster, and answers how to replace it by a new one. */
function forwarderOf(
  world: World,
  cluster: SimCluster,
  changes: SimQueue,
  mutant: Mutant | undefined,
): () => void {
  let forwarder: Forwarder | undefined;
  const start = (): void => {
    void forwarder?.stop();
    forwarder = createForwarder({
      cluster: cluster.name,
      epoch: cluster.epoch,
      source: cluster.source,
      publish: publisher(world, cluster, changes, mutant),
      clock: world.scheduler,
      // Watches, heartbeats and inventories go on for ever: they do not keep a history from coming to rest.
      setTimer: (ms, run) => world.scheduler.after(ms, run, ms >= 30_000),
      random: {
        token: () => `inventory-${world.random.below(2 ** 48).toString(36)}`,
        fraction: world.random.fraction,
      },
      log: silentLog,
      settings: defaultSettings,
    });
    forwarder.start();
  };
  cluster.onAsk = (refs) => forwarder?.requested(refs);
  world.scheduler.after(0, start);
  return start;
}

/** The bus: what it takes it delivers, sometimes twice, sometimes late, and on a bad day not at all. */
function publisher(
  world: World,
  cluster: SimCluster,
  changes: SimQueue,
  mutant: Mutant | undefined,
): Publish {
  const deliver = (entry: Entry): void => {
    if (world.random.chance(world.faults.lose)) return;
    const detail: unknown = JSON.parse(entry.detail);
    changes.send({
      version: "0",
      id: `event-${world.random.below(2 ** 40).toString(36)}`,
      "detail-type": entry.type,
      source: sourceOf(cluster.name),
      account: place.account,
      region: place.region,
      time: new Date(world.scheduler.now()).toISOString(),
      resources: [],
      detail: mutant?.detail?.(entry.type, detail) ?? detail,
    });
  };
  return async (entries) => {
    await world.scheduler.sleep(5 + world.random.below(40));
    for (const entry of entries) {
      deliver(entry);
      if (world.random.chance(world.faults.duplicate)) deliver(entry);
    }
    return [];
  };
}

/** The schedule: each minute whatever is due is sent on its way. */
function sweep(world: World): void {
  const every = (): void => {
    world.scheduler.after(60_000, every, true);
    if (!world.sweeping) return;
    void sendDue({
      ...world,
      // No history is about certificates.
      looks: { lookAt: async () => undefined },
      clock: world.scheduler,
      log: silentLog,
      metrics: silentMetrics,
    });
  };
  world.scheduler.after(60_000, every, true);
}
