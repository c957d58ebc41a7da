import { expect, test } from "vitest";
import { rootKey } from "../../functions/model/roots.ts";
import { place } from "./place.ts";
import { fittings, gateway, isAnswered, openShop, route } from "./shop.ts";
import { administrator, pass, type World } from "./world.ts";

const second = 1_000;
const minute = 60 * second;
const shopOf = [...fittings, gateway("late", "amazon-vpc-lattice"), route("checkout", "late")];

/** A shop whose Gateway has no service network yet, and how often the networks were listed. */
async function waitingShop(seed: string) {
  let lists = 0;
  const denied = (operation: string): boolean => {
    if (operation === "ListServiceNetworks") lists += 1;
    return false;
  };
  const shop = await openShop(seed, shopOf, { faults: { denied } });
  const missing = () => shop.said("Gateway", "late", "Programmed")?.status === "False";
  await shop.until("the Gateway says that it waits", missing, 5 * second);
  return {
    ...shop,
    lists: () => lists,
    isProgrammed: () => shop.said("HTTPRoute", "checkout", "Programmed")?.status === "True",
  };
}

test.each([2, 13, 31, 55])(
  "a service network that is made %i s after its Gateway is served within some seconds",
  async (seconds) => {
    const shop = await waitingShop(`late-${seconds}`);
    // What the schedule finds each minute is found later than that.
    shop.world.sweeping = false;
    await pass(shop.world, seconds * second);
    expect(shop.isProgrammed()).toBe(false);
    shop.world.engine.call(administrator, "CreateServiceNetwork", { name: "late" });
    const took = await shop.until("the route is programmed", shop.isProgrammed, minute);
    expect(took).toBeLessThan(16 * second);
  },
);

test("a service network that nobody makes is looked for seldom, however many routes count on it", async () => {
  const shop = await waitingShop("never");
  for (const name of ["a", "b", "c", "d"]) shop.cluster.apply(route(name, "late"));
  await pass(shop.world, minute);
  expect(shop.lists()).toBeLessThanOrEqual(8);
  const before = shop.lists();
  await pass(shop.world, 10 * minute);
  expect(shop.lists() - before).toBeLessThanOrEqual(12);
});

test("one that is removed, and made again, is found as soon as one that is new", async () => {
  const shop = await waitingShop("again");
  await pass(shop.world, 5 * minute);
  shop.cluster.remove("HTTPRoute", "shop", "checkout");
  shop.cluster.remove("Gateway", "shop", "late");
  await pass(shop.world, minute);
  for (const one of shopOf) shop.cluster.apply(one);
  shop.world.sweeping = false;
  await pass(shop.world, 20 * second);
  shop.world.engine.call(administrator, "CreateServiceNetwork", { name: "late" });
  const took = await shop.until("the route is programmed", shop.isProgrammed, minute);
  expect(took).toBeLessThan(16 * second);
});

test("nobody looks for a service network whose name none can have, and Gateway and route say so", async () => {
  let lists = 0;
  const denied = (operation: string): boolean => {
    if (operation === "ListServiceNetworks") lists += 1;
    return false;
  };
  const { said, until, world } = await openShop(
    "gw",
    [...fittings, gateway("gw", "amazon-vpc-lattice"), route("checkout", "gw")],
    { faults: { denied } },
  );
  const told = (): boolean => said("HTTPRoute", "checkout", "Programmed")?.reason === "Invalid";
  await until("the route is told", told, 5 * second);
  await pass(world, 10 * minute);
  const why = expect.stringContaining("no service network can be named gw");
  expect(said("Gateway", "gw", "Programmed")).toMatchObject({ reason: "Invalid", message: why });
  expect(said("HTTPRoute", "checkout", "Programmed")).toMatchObject({
    reason: "Invalid",
    message: "Gateway shop/gw is not programmed: see its conditions",
  });
  expect(lists).toBe(0);
});

/**
 * Makes another service network of a name, such as one that another account shares: the names of an account's own differ. Answers what
 * takes it away.
 */
function doubled(world: World, name: string): () => void {
  const { networks } = world.engine.state(place);
  const own = [...networks.values()].find((one) => one.name === name);
  if (own === undefined) throw new Error(`no network ${name}`);
  const id = "sn-0fedcba9876543210";
  networks.set(id, { ...own, id });
  return () => void networks.delete(id);
}

test("of two service networks of one name nothing is left, and it is soon seen that one is gone", async () => {
  const { said, until, world } = await openShop(
    "twice",
    [...fittings, gateway("prod", "amazon-vpc-lattice"), route("checkout")],
    { faults: {} },
  );
  const is = (status: string) => () => said("Gateway", "prod", "Programmed")?.status === status;
  const answers = (): boolean => isAnswered(world, "prod", "checkout.example.com");
  await until("it answers", answers, minute);
  const takeAway = doubled(world, "prod");
  const root = rootKey({ kind: "service-network", ...place, network: "prod" });
  await world.queues.send("config", [{ root, verify: true, cause: "a person asks" }]);
  await until("the Gateway says so", is("False"), minute);
  await pass(world, 2 * minute);
  expect(answers()).toBe(true);
  takeAway();
  expect(await until("the Gateway is programmed", is("True"), 15 * minute)).toBeLessThan(2 * minute);
  expect(answers()).toBe(true);
});

test("a route that moves to a Gateway of whose network there are two is told that a person must choose, and served where it was", async () => {
  const { said, until, world, cluster } = await openShop(
    "moves",
    [...fittings, gateway("prod", "espalier"), route("checkout")],
    { faults: {} },
  );
  const answers = (): boolean => isAnswered(world, "prod", "checkout.example.com");
  await until("it answers", answers, minute);
  doubled(world, "inner");
  cluster.apply(gateway("inner", "espalier"));
  cluster.apply(route("checkout", "inner"));
  await until("it is told", () => said("HTTPRoute", "checkout", "Programmed")?.reason === "Invalid", minute);
  await pass(world, 5 * minute);
  expect(said("HTTPRoute", "checkout", "Programmed")?.message).toContain("inner is ambiguous");
  expect(answers()).toBe(true);
});
