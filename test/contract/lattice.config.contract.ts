import { expect, test } from "vitest";
import { LatticeError, type ServiceHead, type TargetGroupHead } from "../../functions/apply/lattice.ts";
import type { Action, RuleMatch } from "../../functions/model/lattice.ts";
import type { Settings } from "../../infra/local/lattice/settings.ts";
import type { LatticeUnderTest } from "./lattice.contract.ts";

/** A Lattice with an active service and an active target group. */
export interface Given extends LatticeUnderTest {
  readonly service: ServiceHead;
  readonly group: TargetGroupHead;
}

export const forward = (id: string, weight = 100): Action => ({ do: "forward", groups: [{ id, weight }] });

/** The error code with which a call failed, or what it answered. */
export const lookup = (call: Promise<unknown>): Promise<unknown> =>
  call.catch((error: unknown) => {
    if (error instanceof LatticeError) return error.code;
    throw error;
  });

const fixed: Action = { do: "fixed", status: 404 };

const exact = (value: string, more: Partial<RuleMatch> = {}): RuleMatch => ({
  path: { kind: "exact", value, caseSensitive: true },
  headers: [],
  ...more,
});

async function withListener(given: Given) {
  const { lattice, service } = given;
  const listener = await lattice.createListener({
    service: service.id,
    name: "http",
    port: 80,
    protocol: "HTTP",
    defaultAction: fixed,
    tags: { l: "1" },
    token: "listener",
  });
  let count = 0;
  const create = (name: string, match: RuleMatch, priority: number, action: Action = fixed) => {
    count += 1;
    const input = { service: service.id, listener: listener.id, tags: {}, token: `rule-${count}` };
    return lattice.createRule({ ...input, name, match, priority, action });
  };
  return { listener, create };
}

/** Listeners and rules. */
export function configTests(name: string, make: (settings?: Partial<Settings>) => Promise<Given>): void {
  test(`${name}: a listener is created, changed and deleted, with its tags`, async () => {
    const given = await make();
    const { lattice, service, group } = given;
    const { listener } = await withListener(given);
    expect(listener).toEqual({
      id: listener.id,
      name: "http",
      port: 80,
      protocol: "HTTP",
      defaultAction: fixed,
    });
    const { lastUpdatedAt } = await lattice.getListener(service.id, listener.id);
    const head = { id: listener.id, name: "http", port: 80, protocol: "HTTP", lastUpdatedAt };
    expect(await lattice.listListeners(service.id)).toEqual([head]);
    const arn = `${service.arn}/listener/${listener.id}`;
    expect(await lattice.listTags(arn)).toEqual({ l: "1" });
    await lattice.updateListener(service.id, listener.id, forward(group.id, 7));
    // A lone group is echoed with weight 100.
    expect((await lattice.getListener(service.id, arn)).defaultAction).toEqual(forward(group.id));
    await lattice.deleteListener(service.id, listener.id);
    expect(await lattice.listListeners(service.id)).toEqual([]);
    expect(await lookup(lattice.getListener(service.id, listener.id))).toBe("ResourceNotFoundException");
    expect(await lookup(lattice.deleteListener(service.id, listener.id))).toBe("ResourceNotFoundException");
  });

  test(`${name}: a rule keeps its match and action as they were given`, async () => {
    const given = await make();
    const { lattice, service, group } = given;
    const { listener, create } = await withListener(given);
    const other = await lattice.createTargetGroup({
      name: "other",
      config: group.config,
      tags: {},
      token: "g2",
    });
    given.pass(60_000);
    const match: RuleMatch = {
      method: "POST",
      path: { kind: "prefix", value: "/cart/", caseSensitive: true },
      headers: [
        { name: "x-a", kind: "exact", value: "1", caseSensitive: true },
        { name: "x-b", kind: "prefix", value: "2", caseSensitive: false },
        { name: "x-c", kind: "contains", value: "3", caseSensitive: false },
      ],
    };
    const split: Action = {
      do: "forward",
      groups: [
        { id: group.id, weight: 90 },
        { id: other.id, weight: 10 },
      ],
    };
    const made = await create("one", match, 10, split);
    expect(made).toEqual({ id: made.id, name: "one", match, priority: 10, action: split });
    const { lastUpdatedAt, ...read } = await lattice.getRule(service.id, listener.id, made.id);
    expect(read).toEqual(made);
    expect(await lattice.listRules(service.id, listener.id)).toEqual([{ id: made.id, lastUpdatedAt }]);
    const changed = await lattice.updateRule(service.id, listener.id, {
      id: made.id,
      priority: 20,
      action: fixed,
    });
    expect(changed).toEqual({ ...made, priority: 20, action: fixed });
    await lattice.deleteRule(service.id, listener.id, made.id);
    expect(await lookup(lattice.getRule(service.id, listener.id, made.id))).toBe("ResourceNotFoundException");
    expect(await lattice.listRules(service.id, listener.id)).toEqual([]);
  });

  test(`${name}: a list tells when each listener and rule last changed, whatever changed it`, async () => {
    const given = await make();
    const { lattice, service, group, pass } = given;
    const { create, listener } = await withListener(given);
    const [one, two] = [await create("one", exact("/1"), 10), await create("two", exact("/2"), 20)];
    const listed = async () => ({
      listener: (await lattice.listListeners(service.id))[0]?.lastUpdatedAt ?? Number.NaN,
      rules: (await lattice.listRules(service.id, listener.id)).map((rule) => rule.lastUpdatedAt),
    });
    const first = await listed();
    expect(first).toEqual({ listener: first.listener, rules: [first.listener, first.listener] });
    pass(1_000);
    expect(await listed()).toEqual(first);
    await lattice.updateRule(service.id, listener.id, { id: one.id, action: forward(group.id) });
    const after = first.listener + 1_000;
    expect(await listed()).toEqual({ ...first, rules: [after, first.listener] });
    pass(1_000);
    await lattice.batchUpdateRules(service.id, listener.id, [{ id: two.id, priority: 30 }]);
    await lattice.updateListener(service.id, listener.id, forward(group.id));
    const last = first.listener + 2_000;
    expect(await listed()).toEqual({ listener: last, rules: [after, last] });
    expect((await lattice.getRule(service.id, listener.id, two.id)).lastUpdatedAt).toBe(last);
  });

  test(`${name}: names and priorities are unique in a listener`, async () => {
    const given = await make();
    const { create, listener } = await withListener(given);
    const one = await create("one", exact("/1"), 10);
    const two = await create("two", exact("/2"), 20);
    expect(await lookup(create("one", exact("/3"), 30))).toBe("ConflictException");
    expect(await lookup(create("three", exact("/3"), 10))).toBe("ConflictException");
    const { lattice, service } = given;
    expect(await lookup(lattice.updateRule(service.id, listener.id, { id: two.id, priority: 10 }))).toBe(
      "ConflictException",
    );
    expect((await lattice.getRule(service.id, listener.id, one.id)).priority).toBe(10);
  });

  test(`${name}: a batch swaps priorities, and says which updates it did not make`, async () => {
    const given = await make();
    const { lattice, service } = given;
    const { create, listener } = await withListener(given);
    const [one, two, three] = [
      await create("one", exact("/1"), 10),
      await create("two", exact("/2"), 20),
      await create("three", exact("/3"), 30),
    ];
    const swapped = await lattice.batchUpdateRules(service.id, listener.id, [
      { id: one.id, priority: 20 },
      { id: two.id, priority: 10, action: { do: "fixed", status: 500 } },
    ]);
    expect(swapped).toEqual({
      done: [
        { ...one, priority: 20 },
        { ...two, priority: 10, action: { do: "fixed", status: 500 } },
      ],
      failed: [],
    });
    const refused = await lattice.batchUpdateRules(service.id, listener.id, [{ id: one.id, priority: 30 }]);
    expect(refused.done).toEqual([]);
    expect(refused.failed.map((each) => each.entry)).toEqual([one.id]);
    expect((await lattice.getRule(service.id, listener.id, one.id)).priority).toBe(20);
    expect((await lattice.getRule(service.id, listener.id, three.id)).priority).toBe(30);
  });

  test(`${name}: rules are listed over pages`, async () => {
    const given = await make({ pageSize: 3 });
    const { create, listener } = await withListener(given);
    const made: string[] = [];
    for (let index = 1; index <= 8; index += 1)
      made.push((await create(`rule${index}`, exact(`/${index}`), index * 10)).id);
    const { lattice, service } = given;
    expect((await lattice.listRules(service.id, listener.id)).map((one) => one.id)).toEqual(made);
  });

  test(`${name}: a group serves one service, and is not deleted while a rule sends to it`, async () => {
    const given = await make();
    const { lattice, group, pass, service } = given;
    const { create, listener } = await withListener(given);
    const rule = await create("one", exact("/1"), 10, forward(group.id));
    expect(await lookup(lattice.deleteTargetGroup(group.id))).toBe("ConflictException");
    const second = await lattice.createService({ name: "second", tags: {}, token: "s2" });
    pass(60_000);
    const listen = { service: second.id, name: "http", port: 80, protocol: "HTTP", tags: {} } as const;
    const steal = lattice.createListener({ ...listen, defaultAction: forward(group.id), token: "l2" });
    expect(await lookup(steal)).toBe("ConflictException");
    await lattice.deleteRule(service.id, listener.id, rule.id);
    await lattice.createListener({ ...listen, defaultAction: forward(group.id), token: "l3" });
  });

  test(`${name}: what a rule sends to must be there and active`, async () => {
    const given = await make();
    const { create } = await withListener(given);
    expect(await lookup(create("one", exact("/1"), 10, forward("tg-00000000000000000")))).toBe(
      "ResourceNotFoundException",
    );
    const split: Action = { do: "forward", groups: [] };
    expect(await lookup(create("one", exact("/1"), 10, split))).toBe("ValidationException");
    expect(await lookup(create("one", exact("no-slash"), 10))).toBe("ValidationException");
    expect(await lookup(create("one", exact("/1"), 2001))).toBe("ValidationException");
    expect(await lookup(create("rule-one", exact("/1"), 1))).toBe("ValidationException");
  });
}
