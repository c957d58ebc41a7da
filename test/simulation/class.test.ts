import { expect, test } from "vitest";
import type { Profile } from "../../functions/model/cluster.ts";
import { sliceOf } from "./backends.ts";
import type { Manifest } from "./cluster.ts";
import { place } from "./place.ts";
import { fittings, gateway, isAnswered, openShop, type Shop } from "./shop.ts";
import { pass } from "./world.ts";

const minute = 60_000;
const classes = ["amazon-vpc-lattice", "espalier"] as const;
type Class = (typeof classes)[number];

const classOf = (name: string): Manifest => {
  const found = fittings.find((one) => one.kind === "GatewayClass" && one.name === name);
  if (found === undefined) throw new Error(`no GatewayClass ${name}`);
  return found;
};

const gatewayOf = (name: string, gatewayClassName: string): Manifest => ({
  ...gateway(name, "espalier"),
  body: { spec: { gatewayClassName, listeners: [{ name: "http", port: 80, protocol: "HTTP" }] } },
});

/** A route for what is below a path. */
const routeAt = (
  parents: readonly string[],
  path: string,
  { hostless = false, standalone = false, name = "checkout" } = {},
): Manifest => ({
  kind: "HTTPRoute",
  namespace: "shop",
  name,
  annotations: standalone ? { "application-networking.k8s.aws/standalone": "true" } : {},
  body: {
    spec: {
      parentRefs: parents.map((one) => ({ name: one })),
      ...(hostless ? {} : { hostnames: [`${name}.example.com`] }),
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: path } }],
          backendRefs: [{ name: "cart", port: 80 }],
        },
      ],
    },
  },
});

const answers = ({ world }: Shop, at: string, path: string, name = "checkout"): boolean =>
  isAnswered(world, at, `${name}.example.com`, path);

const isSettled = ({ said }: Shop): boolean => said("HTTPRoute", "checkout", "Programmed")?.status === "True";

/** A Gateway and a route of a class, in its network, as they serve. */
async function openServing(seed: string, its: Class, made: Manifest, profile: Profile = "standard") {
  const shop = await openShop(seed, [...fittings, gateway("prod", its), made], { faults: {}, profile });
  await shop.until("the route is programmed", () => isSettled(shop), 2 * minute);
  await pass(shop.world, 2 * minute);
  const calls: string[] = [];
  shop.world.onCall = (operation) => calls.push(operation);
  return { ...shop, calls };
}

interface Standing {
  readonly its: Class;
  readonly what: string;
  readonly shape?: { readonly hostless?: boolean; readonly standalone?: boolean };
  readonly profile?: Profile;
}

test.each<Standing>([
  ...classes.flatMap((its): readonly Standing[] => [
    { its, what: "a hostname" },
    { its, what: "no hostname", shape: { hostless: true } },
  ]),
  { its: "amazon-vpc-lattice", what: "standalone", shape: { standalone: true } },
  { its: "amazon-vpc-lattice", what: "profile incumbent", profile: "incumbent" },
])(
  "class $its, $what: what is served stands still while the GatewayClass is missing, and goes on when it is back",
  async ({ its, what, shape, profile }) => {
    const shop = await openServing(`class-${its}-${what}`, its, routeAt(["prod"], "/a", shape), profile);
    const { cluster, world, calls } = shop;
    cluster.remove("GatewayClass", "", its);
    await pass(world, 20 * minute);
    expect(calls).toEqual([]);
    // Its pods are followed.
    cluster.apply(sliceOf("shop", "cart", [{ addresses: ["10.1.1.2"], conditions: { ready: true } }]));
    await pass(world, 5 * minute);
    expect(new Set(calls)).toEqual(new Set(["RegisterTargets", "DeregisterTargets"]));
    calls.length = 0;
    cluster.apply(classOf(its));
    await pass(world, 20 * minute);
    expect(calls).toEqual([]);
    cluster.apply(routeAt(["prod"], "/b", shape));
    await pass(world, 2 * minute);
    expect(calls.length).toBeGreaterThan(0);
    expect(isSettled(shop)).toBe(true);
  },
);

test.each(classes)(
  "class %s: an edit that is made while the GatewayClass is missing is carried out when it is back",
  async (its) => {
    const shop = await openServing(`late-${its}`, its, routeAt(["prod"], "/a"));
    shop.cluster.remove("GatewayClass", "", its);
    shop.cluster.apply(routeAt(["prod"], "/b"));
    await pass(shop.world, 5 * minute);
    expect(answers(shop, "prod", "/a")).toBe(true);
    expect(answers(shop, "prod", "/b")).toBe(false);
    shop.cluster.apply(classOf(its));
    await shop.until(
      "the edit is there",
      () => answers(shop, "prod", "/b") && !answers(shop, "prod", "/a"),
      minute,
    );
  },
);

test.each(classes)("class %s: what is deleted while the GatewayClass is missing goes", async (its) => {
  const shop = await openServing(`deleted-${its}`, its, routeAt(["prod"], "/a"));
  shop.cluster.remove("GatewayClass", "", its);
  await pass(shop.world, minute);
  shop.cluster.remove("HTTPRoute", "shop", "checkout");
  await shop.until("its service is gone", () => !answers(shop, "prod", "/a"), 2 * minute);
  shop.cluster.remove("Gateway", "shop", "prod");
  const left = () => shop.world.engine.state(place).services.size;
  await shop.until("nothing is left", () => left() === 0, 5 * minute);
});

test.each(classes)(
  "class %s: a Gateway whose class never was keeps no route from another Gateway",
  async (its) => {
    const never: Manifest = {
      ...gateway("inner", its),
      body: {
        spec: { gatewayClassName: "never", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
      },
    };
    const shop = await openShop(`never-${its}`, [...fittings, gateway("prod", its), never], { faults: {} });
    await pass(shop.world, minute);
    shop.cluster.apply(routeAt(["inner", "prod"], "/a"));
    await shop.until("it answers", () => answers(shop, "prod", "/a"), minute);
    shop.cluster.apply(routeAt(["inner", "prod"], "/b"));
    await shop.until(
      "it answers as edited",
      () => answers(shop, "prod", "/b") && !answers(shop, "prod", "/a"),
      minute,
    );
    const isTold = () =>
      isSettled(shop) && shop.said("HTTPRoute", "checkout", "Programmed")?.observedGeneration === 2;
    await shop.until("it is told so", isTold, minute);
    expect(answers(shop, "inner", "/b")).toBe(false);
    expect(shop.cluster.get("Gateway", "shop", "inner")?.status).toBeUndefined();
  },
);

test.each(classes.flatMap((its) => classes.map((other) => ({ its, other }))))(
  "class $its: a route that comes while the class of one of its Gateways is missing is served at the other, of class $other, and no route there is held up",
  async ({ its, other }) => {
    const second: Manifest = { ...classOf(other), name: "second" };
    const inner = gatewayOf("inner", "second");
    const all = [...fittings, second, gateway("prod", its), inner];
    const old = routeAt(["prod", "inner"], "/a");
    const shop = await openShop(
      `comes-${its}`,
      [...all, old, routeAt(["inner"], "/a", { name: "bystander" })],
      {
        faults: {},
      },
    );
    await shop.until(
      "it answers at both",
      () => answers(shop, "prod", "/a") && answers(shop, "inner", "/a"),
      2 * minute,
    );
    await pass(shop.world, minute);
    shop.cluster.remove("GatewayClass", "", its);
    await pass(shop.world, minute);
    const late = (path: string) => routeAt(["prod", "inner"], path, { name: "late" });
    shop.cluster.apply(late("/a"));
    await shop.until("the new one answers", () => answers(shop, "inner", "/a", "late"), minute);
    for (const [name, edited] of [
      ["late", late("/b")],
      ["bystander", routeAt(["inner"], "/b", { name: "bystander" })],
    ] as const) {
      shop.cluster.apply(edited);
      const isEdited = () => answers(shop, "inner", "/b", name) && !answers(shop, "inner", "/a", name);
      await shop.until(`${name} answers as edited`, isEdited, minute);
    }
    expect(answers(shop, "prod", "/a", "late")).toBe(false);
    expect(answers(shop, "prod", "/a") && answers(shop, "inner", "/a")).toBe(true);
    shop.cluster.apply(classOf(its));
    await shop.until("it is served there too", () => answers(shop, "prod", "/b", "late"), minute);
  },
);

test.each(classes)("class %s: a Gateway that gets a class of another controller is left", async (its) => {
  const shop = await openServing(`foreign-${its}`, its, routeAt(["prod"], "/a"));
  shop.cluster.apply({
    kind: "GatewayClass",
    name: "theirs",
    body: { spec: { controllerName: "example.com/theirs" } },
  });
  shop.cluster.apply(gatewayOf("prod", "theirs"));
  await shop.until("nothing answers", () => !answers(shop, "prod", "/a"), 2 * minute);
  await pass(shop.world, minute);
  expect(shop.said("Gateway", "prod", "espalier.dev/ClusterObserved")).toBeUndefined();
});
