import { beforeEach, describe, expect, test } from "vitest";
import type { Lattice } from "../../functions/apply/lattice.ts";
import { latticeOver } from "../../functions/apply/lattice.sdk.ts";
import { emptyLedger, type Held, type Ledger } from "../../functions/desired/ledger.ts";
import { nothingOwed } from "../../functions/desired/owed.ts";
import { epochMs } from "../../functions/model/ids.ts";
import type { Action, ObservedService, ObservedTargetGroup } from "../../functions/model/lattice.ts";
import { rootKey, type ServiceRoot, type TargetGroupRoot } from "../../functions/model/roots.ts";
import { rootTag, rootTagKey } from "../../functions/model/tags.ts";
import { liveCalls, see } from "../../functions/reconcile/seen.ts";
import { createLattice, type LatticeEngine } from "../../infra/local/lattice/engine.ts";
import { prng } from "../simulation/prng.ts";
import { east } from "../support/builders.ts";

const hour = 3_600_000;
const service: ServiceRoot = {
  kind: "service",
  cluster: east,
  of: "HTTPRoute",
  namespace: "shop",
  name: "checkout",
  hostname: "",
};
const group: TargetGroupRoot = {
  kind: "target-group",
  service,
  backend: { namespace: "shop", name: "cart" },
  port: 80,
  protocol: "HTTP",
  version: "HTTP1",
  family: "IPV4",
};
const gone: Action = { do: "fixed", status: 404 };
const broken: Action = { do: "fixed", status: 500 };
const somebody = { account: "111122223333", region: "eu-central-1" };

let now: number;
let engine: LatticeEngine;
/** What our calls were, since they were last looked at. */
let calls: string[];
/** Happens right after the next call of an operation: between that and the one after. */
let next: { readonly operation: string; readonly happens: () => unknown } | undefined;
let lattice: Lattice;

beforeEach(() => {
  now = Date.parse("2026-01-01T00:00:00Z");
  engine = createLattice({ clock: { now: () => now }, random: prng("seen").fraction });
  [calls, next] = [[], undefined];
  lattice = latticeOver(async (operation, input) => {
    calls.push(operation);
    const answer = engine.call(somebody, operation, input);
    const then = next?.operation === operation ? next.happens : undefined;
    if (then !== undefined) next = undefined;
    then?.();
    return answer;
  });
});

/** Calls since the last look, each with how often it was made. */
function made(): Readonly<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const operation of calls) counted[operation] = (counted[operation] ?? 0) + 1;
  calls = [];
  return counted;
}

/** A visit of a root with this ledger; what was seen is what the ledger of the next one says. */
async function visit<R extends ServiceRoot | TargetGroupRoot>(root: R, over: Partial<Ledger> = {}) {
  const held: Held = {
    root: rootKey(root),
    fence: 1,
    leaseUntil: epochMs(now + 30_000),
    ledger: { ...emptyLedger, ...over },
    owed: nothingOwed,
    asks: [{ root: rootKey(root), verify: true, cause: "visit" }],
    inherited: false,
  };
  const price = liveCalls(held, epochMs(now));
  const seen = await see(root, "checkout-shop", held, lattice, epochMs(now));
  if (!seen.ok) throw seen.error;
  return { observed: seen.observed, price };
}

async function visitService(over: Partial<Ledger> = {}): Promise<ObservedService> {
  const { observed } = await visit(service, over);
  if (observed?.kind !== "service") throw new Error("there is no service");
  return observed;
}

async function visitGroup(over: Partial<Ledger> = {}): Promise<ObservedTargetGroup> {
  const { observed } = await visit(group, over);
  if (observed?.kind !== "target-group") throw new Error("there is no target group");
  return observed;
}

/** A service of ours with two listeners of three rules each, made an hour ago. */
async function furnished(): Promise<{ readonly id: string; readonly arn: string }> {
  const tags = { [rootTagKey]: rootTag(service) };
  const head = await lattice.createService({ name: "checkout-shop", tags, token: `service ${now}` });
  now += hour;
  for (const port of [80, 81]) {
    const token = `${head.id} ${port}`;
    const listen = { name: `p${port}`, port, protocol: "HTTP", defaultAction: gone } as const;
    const listener = await lattice.createListener({ service: head.id, ...listen, tags: {}, token });
    for (const priority of [10, 20, 30]) {
      const match = {
        path: { kind: "exact", value: `/${priority}`, caseSensitive: true },
        headers: [],
      } as const;
      const rule = { name: `r${priority}`, match, priority, action: gone, tags: {} };
      const on = { service: head.id, listener: listener.id, token: `${token} ${priority}` };
      await lattice.createRule({ ...on, ...rule });
    }
  }
  now += hour;
  made();
  return head;
}

const lists = { GetService: 1, ListServiceNetworkServiceAssociations: 1, ListListeners: 1, ListRules: 2 };
const everything = { ...lists, ListTagsForResource: 1, GetListener: 2, GetRule: 6 };

/** The first listener as it was seen, and its first rule. */
function firstOf(observed: ObservedService) {
  const [listener] = observed.listeners;
  const rule = listener?.rules[0];
  if (listener === undefined || rule === undefined) throw new Error("there is no rule");
  return { listener, rule };
}

/** Somebody changes the first rule behind our back. */
function meddle(observed: ObservedService): void {
  const { listener, rule } = firstOf(observed);
  engine.call(somebody, "UpdateRule", {
    serviceIdentifier: observed.id,
    listenerIdentifier: listener.id,
    ruleIdentifier: rule.id,
    action: { fixedResponse: { statusCode: 500 } },
  });
}

describe("a visit of a service", () => {
  test("reads everything once, and then only lists", async () => {
    await furnished();
    const first = await visitService();
    expect(made()).toEqual({ ListServices: 1, ...everything });
    now += hour;
    const again = await visit(service, { observed: first });
    expect(made()).toEqual(lists);
    expect(again).toEqual({ observed: first, price: 3 + 2 });
  });

  test("reads what somebody changed, and nothing else", async () => {
    await furnished();
    const first = await visitService();
    now += hour;
    meddle(first);
    now += hour;
    made();
    const second = await visitService({ observed: first });
    expect(made()).toEqual({ ...lists, GetRule: 1 });
    expect(firstOf(second).rule.action).toEqual(broken);
  });

  test("reads what somebody made, and forgets what somebody deleted", async () => {
    await furnished();
    const first = await visitService();
    const { listener, rule } = firstOf(first);
    now += hour;
    await lattice.deleteRule(first.id, listener.id, rule.id);
    const match = { method: "PUT", headers: [] };
    const input = {
      service: first.id,
      listener: listener.id,
      name: "new",
      match,
      priority: 5,
      action: broken,
    };
    const added = await lattice.createRule({ ...input, tags: {}, token: "new" });
    now += hour;
    made();
    const second = firstOf(await visitService({ observed: first }));
    expect(made()).toEqual({ ...lists, GetRule: 1 });
    expect(second.listener.rules.map((one) => one.id)).toEqual([
      added.id,
      ...listener.rules.slice(1).map((one) => one.id),
    ]);
  });

  test.each(["ListRules", "GetRule"])(
    "sees what changed right after %s, in the next visit at the latest",
    async (operation) => {
      await furnished();
      const first = await visitService();
      // Nothing of it has been read, so that each rule is read by this visit.
      next = { operation, happens: () => meddle(first) };
      now += hour;
      const second = await visitService();
      now += hour;
      const third = await visitService({ observed: second });
      expect(firstOf(third).rule.action).toEqual(broken);
    },
  );

  test("sees a second change that bears the same time as the one that it has read", async () => {
    await furnished();
    const first = await visitService();
    const { listener, rule } = firstOf(first);
    await lattice.updateRule(first.id, listener.id, { id: rule.id, priority: 15 });
    const second = await visitService({ observed: first });
    expect(firstOf(second).rule.priority).toBe(15);
    meddle(second);
    now += hour;
    expect(firstOf(await visitService({ observed: second })).rule.action).toEqual(broken);
  });

  test("does not take what a part of Lattice that is behind says for what was listed", async () => {
    await furnished();
    const first = await visitService();
    now += hour;
    meddle(first);
    now += hour;
    const upToDate = lattice;
    lattice = { ...upToDate, getRule: async () => firstOf(first).rule };
    const second = await visitService({ observed: first });
    lattice = upToDate;
    expect(firstOf(second).rule.action).toEqual(gone);
    expect(firstOf(await visitService({ observed: second })).rule.action).toEqual(broken);
  });

  test("reads everything while it is not known what a call has done, and where a ledger says nothing of times", async () => {
    await furnished();
    const observed = await visitService();
    for (const doubt of [{ applying: true }, { unknownAt: epochMs(now) }]) {
      made();
      const { price } = await visit(service, { observed, ...doubt });
      expect(made()).toEqual(everything);
      expect(price).toBe(4 + 2 + 8);
    }
    const { readAt: _, ...old } = observed;
    await visitService({ observed: old });
    expect(made()).toEqual(everything);
  });
});

describe("the tags of a resource", () => {
  test("are read once a day: within that, somebody who takes them away is found out", async () => {
    const { arn } = await furnished();
    const first = await visitService();
    engine.call(somebody, "UntagResource", { resourceArn: arn, tagKeys: [rootTagKey] });
    now += 23 * hour;
    expect((await visitService({ observed: first })).ours).toBe("ours");
    now += hour;
    made();
    expect((await visitService({ observed: first })).ours).toBe("foreign");
    expect(made()).toEqual({ GetService: 1, ListTagsForResource: 1 });
  });

  test("are read at once of another resource in the place of the one that is remembered", async () => {
    const { id } = await furnished();
    const first = await visitService();
    await lattice.deleteService(id);
    now += hour;
    await lattice.createService({ name: "checkout-shop", tags: {}, token: "somebody's" });
    now += hour;
    expect((await visitService({ observed: first })).ours).toBe("foreign");
  });

  test("are read of a resource that we have made, in its first visit", async () => {
    await furnished();
    const { readAt: _, ...rest } = await visitService();
    made();
    expect((await visitService({ observed: rest })).readAt).toBe(now);
    expect(made()).toMatchObject({ ListTagsForResource: 1 });
  });
});

describe("a visit of a target group", () => {
  test("reads the group and its targets, and the tags once a day", async () => {
    const config = {
      port: 80,
      protocol: "HTTP",
      version: "HTTP1",
      family: "IPV4",
      vpc: "vpc-0123456789abcdef0",
    } as const;
    const tags = { [rootTagKey]: rootTag(group) };
    const name = "checkout-shop";
    await lattice.createTargetGroup({ name, config, tags, token: "g" });
    now += hour;
    made();
    const first = await visitGroup();
    const each = { GetTargetGroup: 1, ListTargets: 1 };
    expect(made()).toEqual({ ListTargetGroups: 1, ...each, ListTagsForResource: 1 });
    now += 23 * hour;
    const second = await visitGroup({ observed: first });
    expect(made()).toEqual(each);
    now += hour;
    await visitGroup({ observed: second });
    expect(made()).toEqual({ ...each, ListTagsForResource: 1 });
  });
});
