import { beforeEach, describe, expect, test } from "vitest";
import type { Action, ObservedService } from "../../functions/model/lattice.ts";
import { rootTag, rootTagKey } from "../../functions/model/tags.ts";
import { createVisits, hour, name, service, type Visits } from "./visits.ts";

const gone: Action = { do: "fixed", status: 404 };
const broken: Action = { do: "fixed", status: 500 };

let v: Visits;
beforeEach(() => {
  v = createVisits();
});

/** A service of ours with two listeners of three rules each, made an hour ago. */
async function furnished(): Promise<{ readonly id: string }> {
  const tags = { [rootTagKey]: rootTag(service) };
  const head = await v.lattice.createService({ name, tags, token: `service ${v.now()}` });
  v.pass(hour);
  for (const port of [80, 81]) {
    const token = `${head.id} ${port}`;
    const listen = { name: `p${port}`, port, protocol: "HTTP", defaultAction: gone } as const;
    const listener = await v.lattice.createListener({ service: head.id, ...listen, tags: {}, token });
    for (const priority of [10, 20, 30]) {
      const match = {
        path: { kind: "exact", value: `/${priority}`, caseSensitive: true },
        headers: [],
      } as const;
      const rule = { name: `r${priority}`, match, priority, action: gone, tags: {} };
      const on = { service: head.id, listener: listener.id, token: `${token} ${priority}` };
      await v.lattice.createRule({ ...on, ...rule });
    }
  }
  v.pass(hour);
  v.made();
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
  v.somebody("UpdateRule", {
    serviceIdentifier: observed.id,
    listenerIdentifier: listener.id,
    ruleIdentifier: rule.id,
    action: { fixedResponse: { statusCode: 500 } },
  });
}

describe("a visit of a service", () => {
  test("reads everything once, and then only lists", async () => {
    await furnished();
    const first = await v.visitService({});
    expect(v.made()).toEqual({ ListServices: 1, ...everything });
    v.pass(hour);
    const again = await v.visit(service, { observed: first });
    expect(v.made()).toEqual(lists);
    expect(again).toEqual({ observed: first, price: 3 + 2 });
  });

  test("reads what somebody changed, and nothing else", async () => {
    await furnished();
    const first = await v.visitService({});
    v.pass(hour);
    meddle(first);
    v.pass(hour);
    v.made();
    const second = await v.visitService({ observed: first });
    expect(v.made()).toEqual({ ...lists, GetRule: 1 });
    expect(firstOf(second).rule.action).toEqual(broken);
  });

  test("reads what somebody made, and forgets what somebody deleted", async () => {
    await furnished();
    const first = await v.visitService({});
    const { listener, rule } = firstOf(first);
    v.pass(hour);
    await v.lattice.deleteRule(first.id, listener.id, rule.id);
    const match = { method: "PUT", headers: [] };
    const input = {
      service: first.id,
      listener: listener.id,
      name: "new",
      match,
      priority: 5,
      action: broken,
    };
    const added = await v.lattice.createRule({ ...input, tags: {}, token: "new" });
    v.pass(hour);
    v.made();
    const second = firstOf(await v.visitService({ observed: first }));
    expect(v.made()).toEqual({ ...lists, GetRule: 1 });
    expect(second.listener.rules.map((one) => one.id)).toEqual([
      added.id,
      ...listener.rules.slice(1).map((one) => one.id),
    ]);
  });

  test.each(["ListRules", "GetRule"])(
    "sees what changed right after %s, in the next visit at the latest",
    async (operation) => {
      await furnished();
      const first = await v.visitService({});
      // Nothing of it has been read, so that each rule is read by this visit.
      v.after(operation, () => meddle(first));
      v.pass(hour);
      const second = await v.visitService({});
      v.pass(hour);
      const third = await v.visitService({ observed: second });
      expect(firstOf(third).rule.action).toEqual(broken);
    },
  );

  test("sees a second change that bears the same time as the one that it has read", async () => {
    await furnished();
    const first = await v.visitService({});
    const { listener, rule } = firstOf(first);
    await v.lattice.updateRule(first.id, listener.id, { id: rule.id, priority: 15 });
    const second = await v.visitService({ observed: first });
    expect(firstOf(second).rule.priority).toBe(15);
    meddle(second);
    v.pass(hour);
    expect(firstOf(await v.visitService({ observed: second })).rule.action).toEqual(broken);
  });

  test("does not take what a part of Lattice that is behind says for what was listed", async () => {
    await furnished();
    const first = await v.visitService({});
    v.pass(hour);
    meddle(first);
    v.pass(hour);
    const behind = { ...v.lattice, getRule: async () => firstOf(first).rule };
    const second = await v.visitService({ observed: first }, behind);
    expect(firstOf(second).rule.action).toEqual(gone);
    expect(firstOf(await v.visitService({ observed: second })).rule.action).toEqual(broken);
  });

  test("reads everything while it is not known what a call has done, and where a ledger says nothing of times", async () => {
    await furnished();
    const observed = await v.visitService({});
    for (const doubt of [{ applying: true }, { unknownAt: v.now() }]) {
      v.made();
      const { price } = await v.visit(service, { observed, ...doubt });
      expect(v.made()).toEqual(everything);
      expect(price).toBe(4 + 2 + 8);
    }
    const { readAt: _, ...old } = observed;
    await v.visitService({ observed: old });
    expect(v.made()).toEqual(everything);
  });
});
