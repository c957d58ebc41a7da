import { describe, expect, test } from "vitest";
import { updateState, type ClusterState } from "../../functions/desired/clusters.ts";
import { usageKey } from "../../functions/desired/keys.ts";
import { acquire, readLedger, release, save } from "../../functions/desired/ledger.ts";
import { nothingOwed } from "../../functions/desired/owed.ts";
import { usageOf } from "../../functions/desired/usage.ts";
import { asRootKey, clusterName, epochMs, type RootKey } from "../../functions/model/ids.ts";
import type { Quotas, Use } from "../../functions/model/limits.ts";
import { outputOfRead } from "../../functions/model/reads.ts";
import { controllers } from "../../functions/model/verdict.ts";
import { applyBackends, sliceOf } from "./backends.ts";
import type { Manifest, SimCluster } from "./cluster.ts";
import { calm } from "./faults.ts";
import { believe, minutes, programmed } from "./moving.ts";
import { place } from "./place.ts";
import { miscounts } from "./scarcity.ts";
import { createWorld, type World } from "./world.ts";

/** Who has a share of a quota, and who gives it back, where there is not enough for all. */

const [east, west] = [clusterName("east"), clusterName("west")];

const route = (name: string, weight = 1): Manifest => ({
  kind: "HTTPRoute",
  namespace: "shop",
  name,
  body: {
    spec: {
      parentRefs: [{ name: "prod" }],
      rules: [
        {
          backendRefs: [
            { name: "cart", port: 80, weight },
            { name: "stock", port: 80, weight: 3 },
          ],
        },
      ],
    },
  },
});

function furnish(cluster: SimCluster): void {
  const name = "amazon-vpc-lattice";
  cluster.apply({ kind: "GatewayClass", name, body: { spec: { controllerName: controllers[name] } } });
  cluster.apply({ kind: "Namespace", name: "shop", body: {} });
  const listeners = [{ name: "http", port: 80, protocol: "HTTP" }];
  cluster.apply({
    kind: "Gateway",
    namespace: "shop",
    name: "prod",
    body: { spec: { gatewayClassName: name, listeners } },
  });
  applyBackends(cluster, "shop");
}

/** A world with two clusters that have all but routes. */
async function scene(quotas: Partial<Quotas>) {
  const world = await createWorld("shares", { quotas });
  const clusterOf = (name: typeof east): SimCluster => {
    const cluster = world.clusters.get(name);
    if (cluster === undefined) throw new Error(`no cluster ${name}`);
    furnish(cluster);
    return cluster;
  };
  const both = { east: clusterOf(east), west: clusterOf(west) };
  await minutes(world, 1);
  return { world, ...both };
}

const change = (world: World, step: (state: ClusterState) => ClusterState): Promise<void> =>
  updateState(east, { ...world, now: world.scheduler.now() }, step);

/** Makes the ledgers of a route's roots what they were before uses were counted. */
async function forgetUses({ table, engine }: World, service: RootKey): Promise<void> {
  const reads = (await readLedger(table, service))?.ledger.reads ?? [];
  const groups = reads
    .flatMap((read) => outputOfRead(read) ?? [])
    .filter((root) => root.startsWith("target-group/"));
  expect(groups.length).toBe(2);
  for (const root of [service, ...groups]) {
    const held = await acquire(table, { root, verify: false, cause: "" }, epochMs(0), epochMs(1));
    if (held === "busy") throw new Error(`${root} is held`);
    const saved = await save(table, held, { ledger: { ...held.ledger, uses: [] }, owed: nothingOwed });
    if (saved !== undefined)
      await release(table, saved, { due: held.visitAt, why: "visit", visit: held.visitAt });
  }
  const networks = [...engine.state(place).networks.values()];
  const uses: readonly Use[] = [
    { ...place, quota: "servicesPerRegion" },
    { ...place, quota: "targetGroupsPerRegion" },
    ...networks.map(({ id }): Use => ({ ...place, quota: "servicesPerNetwork", network: id })),
  ];
  await table.write(uses.map((use) => ({ do: "delete", key: usageKey(use) })));
}

describe.each([
  { is: "is on hold", step: { hold: "somebody must look" } },
  { is: "has not shown itself whole yet", step: { applied: false } },
])("a cluster that $is", ({ step }) => {
  test("takes no share of a quota from others for what it only plans", async () => {
    const { world, ...cluster } = await scene({ servicesPerRegion: 1 });
    await change(world, (state) => ({ ...state, ...step }));
    cluster.east.apply(route("first"));
    await minutes(world, 1);
    expect(programmed(cluster.east)[0]).toMatch(/^first: False not done, .*create-service/);
    cluster.west.apply(route("second"));
    await minutes(world, 2);
    expect(programmed(cluster.west)).toEqual(["second: True"]);
    await change(world, (state) => ({ ...state, hold: undefined, applied: true }));
    await minutes(world, 2);
    expect(programmed(cluster.east)[0]).toMatch(/^first: False needs 1 service more, quota 1, in use 1 /);
    cluster.west.remove("HTTPRoute", "shop", "second");
    await minutes(world, 5);
    expect(programmed(cluster.east)).toEqual(["first: True"]);
    expect(await miscounts(world)).toEqual([]);
  });
});

test("what may not be made gives its share back, and those who wait for it come to rest as well", async () => {
  const { world, ...cluster } = await scene({ servicesPerRegion: 1 });
  let denied = 0;
  world.faults = {
    ...calm,
    denied: (operation) => {
      if (operation !== "CreateService") return false;
      denied += 1;
      return true;
    },
  };
  cluster.east.apply(route("first"));
  cluster.west.apply(route("second"));
  await minutes(world, 5);
  for (const said of [...programmed(cluster.east), ...programmed(cluster.west)])
    expect(said).toMatch(/AccessDeniedException|needs 1 service more/);
  expect(await usageOf(world.table, { ...place, quota: "servicesPerRegion" })).toBe(0);
  denied = 0;
  await minutes(world, 3);
  expect(denied).toBe(0);
  world.faults = calm;
  await minutes(world, 30);
  const said = [...programmed(cluster.east), ...programmed(cluster.west)];
  expect(said).toContainEqual(expect.stringMatching(/: True$/));
  expect(said).toContainEqual(expect.stringMatching(/: False needs 1 service more, quota 1, in use 1 /));
  expect(await miscounts(world)).toEqual([]);
});

test("what was made when nobody counted takes its share, however little room there is said to be", async () => {
  const { world, ...cluster } = await scene({});
  cluster.east.apply(route("first"));
  await minutes(world, 2);
  await forgetUses(world, asRootKey("service/east/HTTPRoute/shop/first/_"));
  await believe(world, { servicesPerRegion: 0, servicesPerNetwork: 0, targetGroupsPerRegion: 1 });
  const calls: string[] = [];
  world.onCall = (operation) => calls.push(operation);
  cluster.east.apply(
    sliceOf(
      "shop",
      "cart",
      [1, 2, 3].map((pod) => ({ addresses: [`10.1.1.${pod}`] })),
    ),
  );
  await minutes(world, 1);
  expect(calls).toEqual(["RegisterTargets"]);
  cluster.east.apply(route("first", 2));
  await minutes(world, 12);
  expect(calls).toEqual(["RegisterTargets", "UpdateRule"]);
  expect(programmed(cluster.east)).toEqual(["first: True"]);
  expect(await miscounts(world)).toEqual([]);
});
