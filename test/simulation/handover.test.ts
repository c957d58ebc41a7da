import { expect, test } from "vitest";
import { z } from "zod";
import type { Manifest } from "./cluster.ts";
import { fittings, gateway, isAnswered, openShop } from "./shop.ts";
import { pass } from "./world.ts";
import { believe, programmed } from "./moving.ts";
import { place } from "./place.ts";

const second = 1_000;
const minute = 60 * second;
const its = "amazon-vpc-lattice";

/** A route with one path of a hostname that it shares with others. */
const sharing = (name: string, gateways: readonly string[]): Manifest => ({
  kind: "HTTPRoute",
  namespace: "shop",
  name,
  body: {
    spec: {
      parentRefs: gateways.map((one) => ({ name: one })),
      hostnames: ["shared.example.com"],
      rules: [
        {
          matches: [{ path: { type: "Exact", value: `/${name}` } }],
          backendRefs: [{ name: "cart", port: 80 }],
        },
      ],
    },
  },
});

test.each([0.5, 1, 1.5, 2, 4])(
  "routes part, and %s s later again: where a route stays nobody is left without an answer",
  async (seconds) => {
    const { cluster, world, until } = await openShop(
      `parts-${seconds}`,
      [...fittings, gateway("prod", its), gateway("inner", its)],
      { faults: {} },
    );
    const answers = (at: string, path: string) => isAnswered(world, at, "shared.example.com", path);
    for (const name of ["one", "two"]) cluster.apply(sharing(name, ["prod", "inner"]));
    await until("both answer", () => answers("prod", "/two") && answers("inner", "/one"), minute);
    await pass(world, 10 * second);
    cluster.apply(sharing("two", ["prod"]));
    await pass(world, seconds * second);
    cluster.apply(sharing("one", ["inner"]));
    for (let tick = 0; tick < 200; tick += 1) {
      await pass(world, 100);
      expect(answers("prod", "/two"), `after ${tick / 10} s`).toBe(true);
    }
    await until("the other answers", () => answers("inner", "/one"), minute);
  },
);

test("no service is taken out of the network of a Gateway that is not accepted, where none could come in its place", async () => {
  const inner = gateway("inner", its);
  const { cluster, world, until } = await openShop("closed", [...fittings, gateway("prod", its), inner], {
    faults: {},
  });
  const answers = (): boolean => isAnswered(world, "inner", "shared.example.com", "/one");
  for (const name of ["one", "two"]) cluster.apply(sharing(name, ["prod", "inner"]));
  await until("it answers", answers, minute);
  await pass(world, 10 * second);
  const spec = z.looseObject({}).parse(inner.body["spec"]);
  cluster.apply({ ...inner, body: { spec: { ...spec, addresses: [{ value: "10.0.0.1" }] } } });
  await pass(world, 10 * second);
  cluster.apply(sharing("two", ["prod"]));
  for (let tick = 0; tick < 60; tick += 1) {
    await pass(world, second);
    expect(answers(), `after ${tick} s`).toBe(true);
  }
});

test("no Gateway is left while a quota leaves no room for the service that is to take its place there", async () => {
  const gateways = [gateway("prod", its), gateway("inner", its)];
  const other = { ...sharing("third", ["prod"]) };
  const { cluster, world, until } = await openShop("crowded", [...fittings, ...gateways], { faults: {} });
  const answers = (at: string, path: string) => isAnswered(world, at, "shared.example.com", path);
  for (const name of ["one", "two"]) cluster.apply(sharing(name, ["prod", "inner"]));
  cluster.apply({
    ...other,
    body: { spec: { ...z.looseObject({}).parse(other.body["spec"]), hostnames: ["third.example.com"] } },
  });
  await until("it answers", () => answers("inner", "/one"), minute);
  await pass(world, 10 * second);
  await believe(world, { servicesPerRegion: 2 });
  cluster.apply(sharing("two", ["prod"]));
  for (let tick = 0; tick < 60; tick += 1) {
    await pass(world, second);
    expect(answers("inner", "/one"), `after ${tick} s`).toBe(true);
  }
  expect(programmed(cluster)).toContainEqual(
    expect.stringContaining("Gateway shop/inner are answered by all routes of its service still"),
  );
  cluster.remove("HTTPRoute", "shop", "third");
  await until("the other is not answered there any more", () => !answers("inner", "/two"), 2 * minute);
  await until("its own service answers there", () => answers("inner", "/one"), minute);
  await pass(world, minute);
  expect(programmed(cluster)).toEqual(["one: True", "two: True"]);
});

test("a route that is to be in no network leaves its service to those that have joined it, and has one beside it", async () => {
  const { cluster, world, until } = await openShop("alone", [...fittings, gateway("prod", its)], {
    faults: {},
  });
  const answers = (path: string) => isAnswered(world, "prod", "shared.example.com", path);
  const standalone = (on: boolean): Manifest => ({
    ...sharing("one", ["prod"]),
    annotations: { "application-networking.k8s.aws/standalone": String(on) },
  });
  cluster.apply(standalone(false));
  await until("it answers", () => answers("/one"), minute);
  cluster.apply(sharing("two", ["prod"]));
  await until("the other has joined it", () => answers("/two"), minute);
  const services = () => [...world.engine.state(place).services.values()].map(({ name }) => name);
  const before = services();
  cluster.apply(standalone(true));
  for (let tick = 0; tick < 60; tick += 1) {
    await pass(world, second);
    expect(answers("/two"), `after ${tick} s`).toBe(true);
  }
  expect(programmed(cluster)).toEqual(["one: True", "two: True"]);
  expect(answers("/one")).toBe(false);
  expect(services()).toHaveLength(2);
  expect(services()).toEqual(expect.arrayContaining([...before]));
  cluster.remove("HTTPRoute", "shop", "two");
  await pass(world, 5 * minute);
  // Its clients have its DNS name.
  expect(services()).toHaveLength(1);
  expect(services()).not.toEqual(before);
  cluster.apply(standalone(false));
  await until("it answers in the network again", () => answers("/one"), minute);
});
