import { expect, test } from "vitest";
import { z } from "zod";
import type { controllers } from "../../functions/model/verdict.ts";
import { sliceOf } from "./backends.ts";
import type { Manifest, SimCluster } from "./cluster.ts";
import { believe } from "./moving.ts";
import { fittings, gateway, isAnswered, openShop, route } from "./shop.ts";
import { pass } from "./world.ts";

const second = 1_000;
const minute = 60 * second;
const host = "far.example.com";

const service = (namespace: string, name: string): Manifest => ({
  kind: "Service",
  namespace,
  name,
  body: { spec: { type: "ClusterIP", ipFamilies: ["IPv4"], ports: [{ port: 80, protocol: "TCP" }] } },
});

/** A backend in another namespace, the grant for it, and one without pods in the route's own. */
const backends: readonly Manifest[] = [
  { kind: "Namespace", name: "pay", body: {} },
  service("pay", "ledger"),
  sliceOf("pay", "ledger", [{ addresses: ["10.1.9.1"], conditions: { ready: true } }]),
  service("shop", "idle"),
  sliceOf("shop", "idle", []),
];
const grant: Manifest = {
  kind: "ReferenceGrant",
  namespace: "pay",
  name: "ledger",
  body: {
    spec: {
      from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "shop" }],
      to: [{ group: "", kind: "Service" }],
    },
  },
};

const ledger = { name: "ledger", namespace: "pay", port: 80 };

/** The route to that backend, with so many rules, and what an annotation says. */
const far = (
  more: {
    readonly rules?: number;
    readonly annotation?: readonly [string, string];
    readonly ref?: object;
  } = {},
): Manifest => ({
  ...route("far"),
  ...(more.annotation && {
    annotations: { [`application-networking.k8s.aws/${more.annotation[0]}`]: more.annotation[1] },
  }),
  body: {
    spec: {
      parentRefs: [{ name: "prod" }],
      hostnames: [host],
      rules: Array.from({ length: more.rules ?? 1 }, (_, index) => ({
        matches: [{ path: { type: "Exact", value: index === 0 ? "/" : `/${index}` } }],
        backendRefs: [more.ref ?? ledger],
      })),
    },
  },
});

type Its = keyof typeof controllers;

const refusedGateway = (its: Its): Manifest => {
  const plain = gateway("prod", its);
  const spec = z.looseObject({}).parse(plain.body["spec"]);
  return { ...plain, body: { spec: { ...spec, addresses: [{ value: "10.0.0.1" }] } } };
};

/** Why a service stands still, or a rule does, when the grant is taken back. */
const reasons: readonly {
  readonly why: string;
  readonly change: (cluster: SimCluster, its: Its) => void;
}[] = [
  {
    why: "its route has a mistake in an annotation",
    change: (cluster) => cluster.apply(far({ annotation: ["rule-0-priority", "first"] })),
  },
  {
    why: "its route needs more rules than there may be",
    change: (cluster) => cluster.apply(far({ rules: 4 })),
  },
  { why: "its Gateway is not accepted", change: (cluster, its) => cluster.apply(refusedGateway(its)) },
  {
    why: "its rule waits for a backend without pods",
    change: (cluster) => cluster.apply(far({ ref: { name: "idle", port: 80 } })),
  },
];

test.each(
  reasons.flatMap((one) => (["espalier", "amazon-vpc-lattice"] as const).map((its) => ({ ...one, its }))),
)(
  "a backend whose grant is taken back is reached by nobody while $why (class $its)",
  async ({ change, its }) => {
    const { cluster, world, until } = await openShop(
      "revoked",
      [...fittings, ...backends, gateway("prod", its), grant, far()],
      { faults: {} },
    );
    const answers = (): boolean => isAnswered(world, "prod", host);
    await believe(world, { rulesPerListener: 3 });
    await until("it answers", answers, minute);
    await pass(world, 10 * second);
    change(cluster, its);
    await pass(world, 20 * second);
    expect(answers(), "traffic stays").toBe(true);
    cluster.remove("ReferenceGrant", "pay", "ledger");
    await until("it answers no more", () => !answers(), 10 * second);
    await pass(world, 2 * minute);
    expect(answers()).toBe(false);
  },
);

test.each(["espalier", "amazon-vpc-lattice"] as const)(
  "a backend whose grant is taken back is reached by nobody while another call for its route is denied (class %s)",
  async (its) => {
    let isDenied = false;
    const denied = (operation: string): boolean => isDenied && operation === "CreateRule";
    const { cluster, world, until } = await openShop(
      "revoked-denied",
      [...fittings, ...backends, gateway("prod", its), grant, far()],
      { faults: { denied } },
    );
    const answers = (): boolean => isAnswered(world, "prod", host);
    await until("it answers", answers, minute);
    await pass(world, 10 * second);
    isDenied = true;
    cluster.apply(far({ rules: 2 }));
    await pass(world, 20 * second);
    expect(answers(), "traffic stays").toBe(true);
    cluster.remove("ReferenceGrant", "pay", "ledger");
    await until("it answers no more", () => !answers(), 10 * second);
    await pass(world, 2 * minute);
    expect(answers()).toBe(false);
  },
);
