import { expect, test } from "vitest";
import type { Manifest } from "./cluster.ts";
import { carried, checkout, endpoints, manifests } from "./movedcluster.ts";
import { minutes, move, programmed } from "./moving.ts";
import { place } from "./place.ts";

/** A cluster that moves over with TargetGroupPolicies, which are not served yet: what the in-cluster controller has made by them stays. */

const [first] = carried;
if (first === undefined) throw new Error("no route was carried out");

/** Lattice speaks HTTP/2 with targets only for listeners of HTTPS. */
const secure = { ...first, listeners: first.listeners.filter(({ protocol }) => protocol === "HTTPS") };
const onlySecure = (one: Manifest): Manifest =>
  one.kind === "HTTPRoute"
    ? {
        ...one,
        body: JSON.parse(
          JSON.stringify(one.body).replaceAll(/"name":"(prod|edge)"/g, '$&,"sectionName":"https"'),
        ),
      }
    : one;
const objects = manifests.filter(({ kind }) => kind !== "GRPCRoute" && kind !== "TLSRoute").map(onlySecure);

test.each([
  { protocol: "HTTPS", version: "HTTP1" },
  { protocol: "HTTP", version: "HTTP2" },
  { protocol: "HTTPS", version: "HTTP2" },
] as const)("groups of $protocol, $version stay what they are, and are looked after", async (policy) => {
  // Groups of the time before the policy, which nobody uses, are not gone back to.
  const { world, cluster, calls } = await move([{ ...secure, policy, spares: 1 }], objects);
  expect(calls()).toEqual([]);
  expect(programmed(cluster)[0]).toContain(
    `${policy.protocol} (${policy.version}) is spoken with its targets, as a TargetGroupPolicy had it`,
  );
  cluster.apply(endpoints("v2", ["10.1.2.77"]));
  await minutes(world, 5);
  expect(calls()).toEqual(["DeregisterTargets", "RegisterTargets", "TagResource"]);
  cluster.apply(onlySecure(checkout(50)));
  await minutes(world, 5);
  expect(calls()).toEqual(["TagResource", "UpdateRule"]);
  cluster.remove("HTTPRoute", "shop", "checkout");
  await minutes(world, 5);
  const { services, groups } = world.engine.state(place);
  expect([services.size, groups.size]).toEqual([0, 2]);
});
