import { describe, expect, test } from "vitest";
import { usageOf } from "../../functions/desired/usage.ts";
import type { Quotas, Use } from "../../functions/model/limits.ts";
import type { Manifest } from "./cluster.ts";
import { carried, checkout, endpoints, manifests, route } from "./movedcluster.ts";
import { minutes, move, programmed } from "./moving.ts";
import { place } from "./place.ts";
import { miscounts } from "./scarcity.ts";

/** AWS has raised the quotas of an account long ago, and nobody has told us: more exists than we believe there can be. */
const unheardOf: Partial<Quotas> = { servicesPerRegion: 1, servicesPerNetwork: 1, targetGroupsPerRegion: 2 };

const late = (name: string): Manifest =>
  route("HTTPRoute", name, { rules: [{ backendRefs: [{ name: "checkout", port: 80 }] }] });

const times = (count: number, call: string): readonly string[] => Array.from({ length: count }, () => call);

describe("an account that has more than the quotas that we know", () => {
  test("moves over with an empty plan, and is looked after as any other", async () => {
    const { world, cluster, calls } = await move(carried, manifests, unheardOf);
    expect(calls()).toEqual([]);
    expect(programmed(cluster)).toEqual(["checkout: True", "calls: True", "through: True"]);
    cluster.apply(endpoints("v2", ["10.1.2.1", "10.1.2.2"]));
    await minutes(world, 1);
    expect(calls()).toEqual([...times(2, "RegisterTargets"), ...times(2, "TagResource")]);
    // Its association with a full network stays as well.
    cluster.apply(checkout(50));
    await minutes(world, 25);
    expect(calls()).toEqual(["TagResource", "UpdateRule", "UpdateRule"]);
  });

  test("has a route of it taken over within a minute that is heard of later, although there is no room", async () => {
    const known = manifests.filter(({ kind }) => kind !== "TLSRoute");
    const { world, cluster, calls } = await move(carried, known, unheardOf);
    for (const manifest of manifests) if (!known.includes(manifest)) cluster.apply(manifest);
    await minutes(world, 1);
    expect(programmed(cluster)).toContain("through: True");
    expect(calls()).toEqual([]);
  });

  test("gets nothing new before there is room, and says how much is in use", async () => {
    const { world, cluster, calls } = await move(carried, manifests, unheardOf);
    cluster.apply(late("late"));
    await minutes(world, 1);
    expect(calls()).toEqual([]);
    expect(programmed(cluster)).toContainEqual(
      expect.stringMatching(
        /^late: False needs 1 service more, quota 1, in use 3 \(services per region, account/,
      ),
    );
    cluster.remove("HTTPRoute", "shop", "checkout");
    cluster.remove("GRPCRoute", "shop", "calls");
    await minutes(world, 5);
    expect(programmed(cluster)).toContainEqual(expect.stringMatching(/^late: False .* in use 1 /));
    cluster.remove("TLSRoute", "shop", "through");
    await minutes(world, 5);
    expect(programmed(cluster)).toContain("late: True");
  });

  test("is counted as it is: what was taken over has its share", async () => {
    const { world } = await move(carried, manifests, unheardOf);
    const used = (use: Omit<Use, "account" | "region">) => usageOf(world.table, { ...place, ...use });
    expect(await used({ quota: "servicesPerRegion" })).toBe(3);
    expect(await used({ quota: "targetGroupsPerRegion" })).toBe(5);
    const inNetworks = [...world.engine.state(place).networks.values()].map(async ({ id, name }) => [
      name,
      await used({ quota: "servicesPerNetwork", network: id }),
    ]);
    expect(await Promise.all(inNetworks)).toEqual([
      ["prod", 3],
      ["inner", 0],
      ["edge", 1],
    ]);
  });
});

test("a target group that has more targets than the quota that we know keeps them all", async () => {
  const { world, cluster, calls } = await move(carried, manifests, { targetsPerTargetGroup: 1 });
  expect(calls()).toEqual([]);
  // One that is gone is taken out all the same.
  cluster.apply(endpoints("checkout", ["10.1.1.1"]));
  await minutes(world, 1);
  expect(calls().filter((call) => call !== "TagResource")).toEqual(times(3, "DeregisterTargets"));
});

const annotated = (annotations: Readonly<Record<string, string>>): readonly Manifest[] =>
  manifests.map((one) => (one.kind === "HTTPRoute" ? { ...one, annotations } : one));

const prefix = "application-networking.k8s.aws/";

const refusals: readonly {
  readonly of: string;
  readonly objects: readonly Manifest[];
  readonly quotas?: Partial<Quotas>;
  readonly says: RegExp;
}[] = [
  {
    of: "more rules than the quota that we know",
    objects: manifests,
    quotas: { ...unheardOf, rulesPerListener: 2 },
    says: /^checkout: False needs 3 rules, quota 2/,
  },
  {
    of: "two rules of one number",
    objects: annotated({ [`${prefix}rule-0-priority`]: "5", [`${prefix}rule-1-priority`]: "5" }),
    says: /^checkout: False .*number 5 is taken twice/,
  },
  {
    of: "a name that is none",
    objects: annotated({ [`${prefix}service-name-override`]: "No Name" }),
    says: /^checkout: False .*service-name-override/,
  },
];

describe.each(refusals)("a route that moves over and is refused at first sight for $of", (refusal) => {
  test("keeps what it has, its pods are followed, and its deletion takes all of it away", async () => {
    const { world, cluster, calls } = await move(carried, refusal.objects, refusal.quotas);
    expect(calls()).toEqual([]);
    expect(programmed(cluster)[0]).toMatch(refusal.says);
    cluster.apply(endpoints("v2", ["10.1.2.1", "10.1.2.2"]));
    await minutes(world, 1);
    expect(calls()).toEqual([...times(2, "RegisterTargets"), ...times(2, "TagResource")]);
    cluster.remove("HTTPRoute", "shop", "checkout");
    await minutes(world, 25);
    const { services, groups } = world.engine.state(place);
    expect([...services.values()].map((one) => one.name)).toEqual(["calls-shop", "through-shop"]);
    expect(groups.size).toBe(3);
  });
});

test("who may not have the service of another owner keeps no share from others", async () => {
  const owner = "111122223333/west/vpc-0123456789abcdef0";
  const { world, cluster } = await move(
    carried.map((one) => ({ ...one, owner })),
    manifests,
    { servicesPerRegion: 1 },
  );
  cluster.apply(late("late"));
  await minutes(world, 5);
  expect(programmed(cluster)).toContain("late: True");
  expect(await miscounts(world)).not.toContainEqual(expect.stringMatching(/^servicesPerRegion/));
});
