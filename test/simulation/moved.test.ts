import { describe, expect, test } from "vitest";
import { routeKinds } from "../../functions/model/routes.ts";
import type { Manifest } from "./cluster.ts";
import { carried, checkout, endpoints, manifests, route } from "./movedcluster.ts";
import { minutes, move, programmed } from "./moving.ts";
import { place } from "./place.ts";

/** A cluster that moves over from the in-cluster controller: what that one has made is Lattice's state, and nothing else is known. */

/** A manifest of the HTTPRoute with an import in the place of its Service `v2`, as the in-cluster controller serves it as well. */
const toImport = (manifest: Manifest): Manifest =>
  manifest.kind === "HTTPRoute"
    ? {
        ...manifest,
        body: JSON.parse(
          JSON.stringify(manifest.body).replaceAll(
            '{"name":"v2"',
            '{"group":"application-networking.k8s.aws","kind":"ServiceImport","name":"v2"',
          ),
        ),
      }
    : manifest;

describe("a cluster that moves over", () => {
  test("the first plan is empty: everything is found, nothing is called, and the routes say so", async () => {
    const { cluster, calls } = await move(carried);
    expect(calls()).toEqual([]);
    expect(programmed(cluster)).toEqual(["checkout: True", "calls: True", "through: True"]);
  });

  test("a resource gets our tags with its first change, and a change costs one call from then on", async () => {
    const { world, cluster, calls } = await move(carried);
    cluster.apply(checkout(50));
    await minutes(world, 1);
    expect(calls()).toEqual(["TagResource", "UpdateRule", "UpdateRule"]);
    cluster.apply(checkout(60));
    await minutes(world, 1);
    expect(calls()).toEqual(["UpdateRule", "UpdateRule"]);
    cluster.apply(endpoints("v2", ["10.1.2.1", "10.1.2.2"]));
    await minutes(world, 1);
    // One group of the HTTPRoute, one of the TLSRoute.
    expect(calls()).toEqual(["RegisterTargets", "RegisterTargets", "TagResource", "TagResource"]);
    cluster.apply(endpoints("v2", ["10.1.2.1"]));
    await minutes(world, 1);
    expect(calls()).toEqual(["DeregisterTargets", "DeregisterTargets"]);
  });

  test("of several groups with the same tags the one that a service uses is taken, and the others are left alone", async () => {
    // The tagging API is behind at times, and then the in-cluster controller makes a group again.
    const { world, calls } = await move(carried.map((one) => ({ ...one, spares: 3 })));
    expect(calls()).toEqual([]);
    expect(world.engine.state(place).groups.size).toBe(5 * 4);
  });

  test("what bears another owner's tag is left alone, and the route says whose it is", async () => {
    const owner = "111122223333/west/vpc-0123456789abcdef0";
    const { world, cluster, calls } = await move(carried.map((one) => ({ ...one, owner })));
    expect(calls().filter((one) => !/^(Create|Register)Target/.test(one))).toEqual([]);
    expect(world.engine.state(place).services.size).toBe(3);
    for (const said of programmed(cluster)) expect(said).toMatch(/False arn:.* is not ours/);
  });

  test("a route that is deleted takes with it what was taken over, and nothing else", async () => {
    const { world, cluster, calls } = await move(carried);
    world.engine.call(place, "CreateService", { name: "by-hand" });
    cluster.remove("HTTPRoute", "shop", "checkout");
    await minutes(world, 5);
    expect(new Set(calls())).toEqual(
      new Set([
        "DeleteServiceNetworkServiceAssociation",
        "DeleteService",
        "DeregisterTargets",
        "DeleteTargetGroup",
      ]),
    );
    const { services, groups } = world.engine.state(place);
    expect([...services.values()].map((one) => one.name)).toEqual(["calls-shop", "through-shop", "by-hand"]);
    expect(groups.size).toBe(3);
  });

  test("a rule that sends to a ServiceImport, which is not served, stays as it is, and its other pods are looked after", async () => {
    const { world, cluster, calls } = await move(carried, manifests.map(toImport));
    expect(calls()).toEqual([]);
    expect(programmed(cluster)[0]).toMatch(/^checkout: False .*ServiceImport.*stays as it is$/);
    cluster.apply(endpoints("checkout", ["10.1.1.77"]));
    await minutes(world, 5);
    // A group of the HTTPRoute, one of the GRPCRoute and one of the TLSRoute.
    expect(calls().filter((call) => call === "RegisterTargets").length).toBe(3);
    cluster.remove("HTTPRoute", "shop", "checkout");
    await minutes(world, 25);
    expect(calls()).toContain("DeleteService");
  });

  test("a hostname that changes is ignored, and what else changes is not", async () => {
    const { world, cluster, calls } = await move(carried);
    cluster.apply(checkout(50, "new.example.com"));
    await minutes(world, 1);
    expect(calls()).toEqual(["TagResource", "UpdateRule", "UpdateRule"]);
    expect(programmed(cluster)[0]).toMatch(/False its custom domain is shop.example.com and cannot become/);
  });

  test("the in-cluster controller's finalizers go, and only these, so that nothing that is deleted hangs", async () => {
    const { world, cluster } = await move(carried);
    for (const kind of ["Gateway", ...routeKinds] as const)
      for (const { metadata } of cluster.all(kind)) expect(metadata.finalizers).toEqual(["example.com/own"]);
    const late = route("HTTPRoute", "late", {});
    cluster.apply(late);
    await minutes(world, 1);
    // Another replica of that controller was not stopped yet.
    cluster.apply({
      ...late,
      body: { spec: { parentRefs: [] } },
      finalizers: ["httproute.k8s.aws/resources"],
    });
    cluster.remove("HTTPRoute", "shop", "late");
    await minutes(world, 1);
    expect(cluster.get("HTTPRoute", "shop", "late")).toBeUndefined();
  });
});
