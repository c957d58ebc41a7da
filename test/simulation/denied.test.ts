import { expect, test } from "vitest";
import type { Condition } from "../../functions/status/conditions.ts";
import { calm } from "./faults.ts";
import { fittings, gateway, openShop, route, type Shop } from "./shop.ts";
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
