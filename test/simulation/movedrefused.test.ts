import { describe, expect, test } from "vitest";
import type { Manifest } from "./cluster.ts";
import { carried, checkout as checkoutRoute, endpoints, manifests, route } from "./movedcluster.ts";
import { minutes, move, programmed, type Moved } from "./moving.ts";
import { place } from "./place.ts";

/** What a cluster brings with it that is refused, or in conflict: it stays as it is, its pods are followed, and it goes with its route. */

/** A manifest with texts replaced in its body. */
const edited = (
  manifest: Manifest,
  kind: Manifest["kind"],
  ...texts: readonly [string, string][]
): Manifest =>
  manifest.kind === kind
    ? {
        ...manifest,
        body: JSON.parse(
          texts.reduce((json, [from, to]) => json.replaceAll(from, to), JSON.stringify(manifest.body)),
        ),
      }
    : manifest;

/** The pods of a Service in each of its target groups. */
const podsOf = (service: string, { world }: Moved): readonly string[] =>
  [...world.engine.state(place).groups.values()]
    .filter(({ name }) => name.startsWith(`k8s-shop-${service}-`))
    .map(({ targets }) => [...targets.values()].map(({ id }) => id).join(" "));

describe("listeners in conflict", () => {
  const onOnePort = manifests.map((one) => edited(one, "Gateway", ['"port":8443', '"port":443']));
  const there = carried.map((one) => ({
    ...one,
    listeners: one.listeners.map((each) => ({ ...each, port: each.port === 8443 ? 443 : each.port })),
  }));

  test("HTTPS and TLS on one port without hostnames: each route has its own service, and nothing is called", async () => {
    const moved = await move(there, onOnePort);
    expect(moved.calls()).toEqual([]);
    expect(programmed(moved.cluster)).toEqual(["checkout: True", "calls: True", "through: True"]);
    moved.cluster.apply(endpoints("v2", ["10.1.2.77"]));
    await minutes(moved.world, 5);
    expect(podsOf("v2", moved)).toEqual(["10.1.2.77", "10.1.2.77"]);
  });
});

const [checkout] = carried;
if (checkout === undefined) throw new Error("no route was carried out");
const alone = manifests.filter(({ kind }) => kind !== "GRPCRoute" && kind !== "TLSRoute");
const health = '{"type":"Exact","value":"/health"}';
const regular = '{"type":"RegularExpression","value":"/health"}';

const cases: readonly {
  readonly what: string;
  readonly edit: (one: Manifest) => Manifest;
  readonly says: RegExp;
  readonly there?: Partial<typeof checkout>;
}[] = [
  {
    what: "one of its rules cannot be said in Lattice",
    edit: (one) => edited(one, "HTTPRoute", [health, regular]),
    says: /rule 2, match 0, path: Lattice has no path match of type RegularExpression/,
  },
  {
    what: "none of its rules can be said in Lattice",
    edit: (one) =>
      edited(
        one,
        "HTTPRoute",
        [health, regular],
        ['"PathPrefix"', '"RegularExpression"'],
        [
          '{"backendRefs":[{"name":"checkout","port":80,"weight":90}',
          `{"matches":[{"path":${regular}}],"backendRefs":[{"name":"checkout","port":80,"weight":90}`,
        ],
      ),
    says: /rule 0, match 0, path: .*rule 1, match 0, path: .*rule 2, match 0, path: /,
  },
  {
    what: "its listener is gone",
    edit: (one) =>
      edited(
        one,
        "HTTPRoute",
        ['"name":"prod"', '"name":"prod","sectionName":"gone"'],
        ['"name":"edge"', '"name":"edge","sectionName":"gone"'],
      ),
    says: /Gateway prod has no listener named gone/,
  },
  {
    what: "its listeners are for other hostnames",
    edit: (one) => edited(one, "Gateway", ['"port"', '"hostname":"other.example.com","port"']),
    says: /none of the hostnames .* is one of a listener that allows the route/,
  },
  {
    what: "its listeners have one port with two protocols",
    edit: (one) => edited(one, "Gateway", ['"port":80,', '"port":443,']),
    says: /port 443 with several protocols/,
    there: { listeners: [{ port: 443, protocol: "HTTPS" }] },
  },
];

/** Another Gateway for the service network of the moved one, and a route of the same hostname there. */
const front: Manifest = {
  kind: "Gateway",
  namespace: "front",
  name: "prod",
  body: {
    spec: {
      gatewayClassName: "amazon-vpc-lattice",
      listeners: [
        { name: "http", port: 80, protocol: "HTTP", allowedRoutes: { namespaces: { from: "All" } } },
      ],
    },
  },
};
const late = route("HTTPRoute", "late", {
  parentRefs: [{ name: "prod", namespace: "front" }],
  hostnames: [checkout.hostname],
  rules: [{ backendRefs: [{ name: "v2", port: 80 }] }],
});

describe.each(cases)("a route that moves over and $what", ({ edit, says, there }) => {
  const objects = alone.map(edit);
  const moving = (more: readonly Manifest[] = []) => move([{ ...checkout, ...there }], [...more, ...objects]);

  test("stays as it is, says why, its pods are followed, and its deletion takes all of it away", async () => {
    const { world, cluster, calls, ...moved } = await moving();
    expect(calls()).toEqual([]);
    expect(programmed(cluster)[0]).toMatch(says);
    cluster.apply(endpoints("v2", ["10.1.2.77"]));
    await minutes(world, 5);
    expect(calls()).toEqual(["DeregisterTargets", "RegisterTargets", "TagResource"]);
    expect(podsOf("v2", { world, cluster, calls, ...moved })).toEqual(["10.1.2.77"]);
    cluster.remove("HTTPRoute", "shop", "checkout");
    await minutes(world, 5);
    const { services, groups } = world.engine.state(place);
    expect([services.size, groups.size]).toEqual([0, 0]);
  });

  test("keeps its hostname in its network, whoever else asks for it there", async () => {
    const { cluster, calls, refused } = await moving([front, late]);
    expect([calls().filter((call) => !call.endsWith("TargetGroup")), refused]).toEqual([[], []]);
    expect(programmed(cluster).join()).toMatch(
      /late: False hostname shop.example.com is served on service network prod by the service of HTTPRoute shop\/checkout/,
    );
  });
});

test("what stands still gets no target group for a new backend, and is its Gateway's address still", async () => {
  const v3 = alone
    .filter(({ name }) => name === "v2")
    .map((one): Manifest => ({ ...one, name: "v3", labels: { "kubernetes.io/service-name": "v3" } }));
  const objects = alone.map((one) =>
    edited(one, "HTTPRoute", [health, regular], ['{"name":"checkout","port":80}', '{"name":"v3","port":80}']),
  );
  const { world, cluster, calls } = await move([checkout], [...v3, ...objects]);
  expect(calls()).toEqual([]);
  const [service] = world.engine.state(place).services.values();
  const addresses = [{ type: "Hostname", value: service?.dnsName }];
  expect(cluster.get("Gateway", "shop", "prod")?.status).toMatchObject({ addresses });
  cluster.apply(checkoutRoute(90));
  await minutes(world, 5);
  expect(programmed(cluster)).toEqual(["checkout: True"]);
});
