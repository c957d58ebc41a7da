import { expect, test } from "vitest";
import type { Condition } from "../../functions/status/conditions.ts";
import type { Manifest } from "./cluster.ts";
import { calm } from "./faults.ts";
import { fittings, gateway, isAnswered, openShop, route, type Shop } from "./shop.ts";
import { pass } from "./world.ts";

const minute = 60_000;
const classes = ["amazon-vpc-lattice", "espalier"] as const;
const shopOf = (its: (typeof classes)[number]) => [...fittings, gateway("prod", its), route("checkout")];

const isTrue = (one: Condition | undefined): boolean => one?.status === "True";
const programmed = (shop: Shop): boolean =>
  isTrue(shop.said("HTTPRoute", "checkout", "Programmed")) &&
  isTrue(shop.said("Gateway", "prod", "Programmed"));

/** What a condition must say of a call that was denied. */
const denial = (operation: string) =>
  expect.objectContaining({
    status: "False",
    reason: "Failed",
    message: expect.stringMatching(
      new RegExp(`${operation}: AccessDeniedException: not authorized \\(AWS request request-\\d+\\)`),
    ),
  });

/** How often the status of an object is written in so many milliseconds. */
async function writes(shop: Shop, ms: number): Promise<number> {
  let count = 0;
  shop.cluster.onChange = () => (count += 1);
  await pass(shop.world, ms);
  shop.cluster.onChange = () => {};
  return count;
}

test.each(classes)(
  "class %s: who may not list service networks reads it on Gateway and route, and that it works again",
  async (its) => {
    const shop = await openShop("denied", shopOf(its), {
      faults: { denied: (one) => one === "ListServiceNetworks" },
    });
    const told = () => shop.said("Gateway", "prod", "Programmed")?.reason === "Failed";
    expect(await shop.until("the Gateway says so", told, minute)).toBeLessThan(5_000);
    await pass(shop.world, 2_000);
    for (const [kind, name] of [
      ["Gateway", "prod"],
      ["HTTPRoute", "checkout"],
    ] as const)
      expect(shop.said(kind, name, "Programmed")).toEqual(denial("ListServiceNetworks"));
    // It is tried every half minute, each time as another request, and nothing new is to be said.
    expect(await writes(shop, 10 * minute)).toBe(0);
    shop.world.faults = calm;
    await shop.until("all is programmed", () => programmed(shop), minute);
  },
);

test.each(["GetService", "GetTargetGroup"])(
  "who may not call %s to see what is there reads it on the route, and that it works again",
  async (operation) => {
    const shop = await openShop("unseen", shopOf("amazon-vpc-lattice"), { faults: {} });
    await shop.until("all is programmed", () => programmed(shop), minute);
    shop.world.faults = { ...calm, denied: (one) => one === operation };
    const told = () => shop.said("HTTPRoute", "checkout", "Programmed")?.reason === "Failed";
    await shop.until("a visit has said so", told, 15 * minute);
    expect(shop.said("HTTPRoute", "checkout", "Programmed")).toEqual(denial(operation));
    expect(await writes(shop, 10 * minute)).toBe(0);
    shop.world.faults = calm;
    await shop.until("all is programmed", () => programmed(shop), 5 * minute);
  },
);

test.each(["CreateListener", "CreateRule", "CreateTargetGroup", "RegisterTargets"])(
  "who may not call %s reads it on the route once, however often it is tried",
  async (operation) => {
    const shop = await openShop("unmade", shopOf("amazon-vpc-lattice"), {
      faults: { denied: (one) => one === operation },
    });
    const told = () => shop.said("HTTPRoute", "checkout", "Programmed")?.reason === "Failed";
    await shop.until("the route says so", told, 2 * minute);
    await pass(shop.world, minute);
    expect(shop.said("HTTPRoute", "checkout", "Programmed")).toEqual(denial(operation));
    expect(await writes(shop, 120 * minute)).toBe(0);
    shop.world.faults = calm;
    await shop.until("all is programmed", () => programmed(shop), 40 * minute);
  },
);

test("a service comes into the network of another Gateway although a new rule of its route cannot be had", async () => {
  const gateways = [gateway("prod", "amazon-vpc-lattice"), gateway("inner", "amazon-vpc-lattice")];
  const at = (parents: readonly string[], backends: readonly string[]): Manifest => ({
    ...route("checkout"),
    body: {
      spec: {
        parentRefs: parents.map((name) => ({ name })),
        hostnames: ["checkout.example.com"],
        rules: backends.map((name) => ({
          matches: [{ path: { type: "PathPrefix", value: `/${name}` } }],
          backendRefs: [{ name, port: 80 }],
        })),
      },
    },
  });
  const shop = await openShop("joins", [...fittings, ...gateways, at(["prod"], ["cart"])], { faults: {} });
  await shop.until(
    "the route is programmed",
    () => isTrue(shop.said("HTTPRoute", "checkout", "Programmed")),
    minute,
  );
  shop.cluster.apply({
    kind: "Service",
    namespace: "shop",
    name: "other",
    body: { spec: { type: "ClusterIP", ipFamilies: ["IPv4"], ports: [{ port: 80, protocol: "TCP" }] } },
  });
  shop.world.faults = { ...calm, denied: (one) => one === "CreateTargetGroup" };
  shop.cluster.apply(at(["prod", "inner"], ["cart", "other"]));
  const answers = () => isAnswered(shop.world, "inner", "checkout.example.com", "/cart");
  await shop.until("it answers in the other network", answers, 2 * minute);
});

test.each(["ListServices", "ListTargetGroups"])(
  "in profile incumbent, who may not call %s to search for what there is reads it on the route",
  async (operation) => {
    const shop = await openShop("search", shopOf("amazon-vpc-lattice"), {
      faults: { denied: (one) => one === operation },
      profile: "incumbent",
    });
    const told = () => shop.said("HTTPRoute", "checkout", "Programmed")?.reason === "Failed";
    await shop.until("the route says so", told, minute);
    expect(shop.said("HTTPRoute", "checkout", "Programmed")).toEqual(denial(operation));
    shop.world.faults = calm;
    await shop.until("all is programmed", () => programmed(shop), 5 * minute);
  },
);

test("a throttle that passes is not told, and one that lasts is, once", async () => {
  const shop = await openShop("throttled", shopOf("amazon-vpc-lattice"), { faults: { throttle: 1 } });
  await pass(shop.world, 8_000);
  expect(shop.said("Gateway", "prod", "Programmed")?.reason).toBe("Pending");
  const told = () => shop.said("Gateway", "prod", "Programmed")?.reason === "Failed";
  await shop.until("the Gateway says so", told, 2 * minute);
  expect(shop.said("Gateway", "prod", "Programmed")?.message).toContain("ThrottlingException");
  await pass(shop.world, 2_000);
  expect(await writes(shop, 10 * minute)).toBe(0);
  shop.world.faults = calm;
  await shop.until("all is programmed", () => programmed(shop), 2 * minute);
});
