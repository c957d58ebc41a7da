import { expect, test } from "vitest";
import { takeName } from "../../functions/desired/claims.ts";
import { acquire, type Held, type Ledger } from "../../functions/desired/ledger.ts";
import { accountId, asRootKey, epochMs, region, type RootKey } from "../../functions/model/ids.ts";
import type { ServiceModel } from "../../functions/model/lattice.ts";
import { allKinds } from "../../functions/model/objects.ts";
import { parseRoot } from "../../functions/model/roots.ts";
import { claimedName, type Place } from "../../functions/reconcile/place.ts";
import { east } from "../support/builders.ts";
import { memoryTable } from "../support/table.memory.ts";

const key = asRootKey("service/east/HTTPRoute/shop/checkout/_");
const other = asRootKey("service/east/HTTPRoute/shop/other/_");
const here = { account: accountId("111122223333"), region: region("eu-central-1") };
const registration = {
  cluster: east,
  ...here,
  vpc: "vpc-1",
  eks: "east",
  profile: "standard",
  roles: {},
} as const;
const place: Place = {
  ...here,
  facts: { registration, listed: allKinds, applied: true, failedWatches: [] },
};
const model = (name: string): ServiceModel => ({
  kind: "service",
  ...here,
  name,
  tags: {},
  networks: [],
  listeners: [],
});

function scene(profile: "standard" | "incumbent" = "standard") {
  const table = memoryTable();
  const facts = { ...place.facts, registration: { ...registration, profile } };
  /** Who holds the lease of a root anew. Leases here end as they begin. */
  async function holding(root: RootKey): Promise<Held> {
    const held = await acquire(table, { root, verify: false, cause: "" }, epochMs(0), epochMs(0));
    if (held === "busy") throw new Error("busy");
    return held;
  }
  /** The name that the route's service gets when it asks for this one; or who has it. */
  async function nameOf(wanted: string, ledger: Partial<Ledger> = {}) {
    const root = parseRoot(key);
    if (root.kind !== "service") throw new TypeError("no service");
    const held = await holding(key);
    const its: Held = { ...held, ledger: { ...held.ledger, ...ledger } };
    const named = await claimedName(root, model(wanted), its, { ...place, facts }, { table });
    if (named === undefined) throw new Error("the lease was lost");
    return "name" in named ? named.name : { heldBy: named.by };
  }
  /** Another root asks for a name. */
  async function take(name: string) {
    const taken = await takeName(table, await holding(other), here, name);
    return taken !== undefined && "held" in taken ? "ours" : taken;
  }
  return { nameOf, take };
}

test("a service that is not made yet is named as its route asks now, and lets the name go that it asked for before", async () => {
  const { nameOf, take } = scene();
  expect(await nameOf("before")).toBe("before");
  expect(await take("before")).toEqual({ heldBy: key });
  expect(await nameOf("after")).toBe("after");
  expect(await take("after")).toEqual({ heldBy: key });
  expect(await take("before")).toBe("ours");
});

test("a service that may have been made keeps its name, whatever its route asks", async () => {
  const { nameOf, take } = scene();
  expect(await nameOf("before")).toBe("before");
  expect(await nameOf("after", { applying: true })).toBe("before");
  expect(await nameOf("after", { unknownAt: epochMs(1) })).toBe("before");
  expect(await take("after")).toBe("ours");
});

test("a service whose name was taken keeps the one with a suffix, and its claim on that", async () => {
  const { nameOf, take } = scene();
  await take("wanted");
  const name = await nameOf("wanted");
  if (typeof name !== "string") throw new TypeError("a service of profile standard always gets a name");
  expect(name).toMatch(/^checkout-shop-[a-z]{8}$/);
  expect(await nameOf("wanted")).toBe(name);
  expect(await take(name)).toEqual({ heldBy: key });
});

test("of a cluster that moved over, who asks for a name that is taken has none, not even the one that it asked for before", async () => {
  const { nameOf, take } = scene("incumbent");
  await take("wanted");
  expect(await nameOf("before")).toBe("before");
  expect(await nameOf("wanted")).toEqual({ heldBy: other });
  expect(await take("before")).toBe("ours");
});
