import type {
  ListenerModel,
  ObservedListener,
  ObservedRule,
  RuleModel,
  ServiceModel,
} from "../model/lattice.ts";
import { api, type Quotas } from "../model/limits.ts";
import { letters, canonicalJson } from "../model/canonical.ts";
import type { Change, Plan, RuleUpdate } from "./change.ts";
import { sameAction, sameMatch } from "./equal.ts";
import { numbered } from "./priorities.ts";

/** A wanted rule beside the observed one with the same match. */
interface Pair {
  readonly want: RuleModel;
  readonly have: ObservedRule | undefined;
}

/**
 * Brings the rules of one listener to what is wanted, so that between any two calls every request is answered as before or
 * as wanted: new rules from the top down, each at its final number; then actions and numbers, judged as one per ten; then
 * what is no longer wanted, from the bottom up.
 */
export function planRules(
  model: ServiceModel,
  want: ListenerModel,
  have: ObservedListener | undefined,
  quotas: Quotas,
): Plan {
  const observed = have?.rules ?? [];
  const pairs = want.rules.map((rule): Pair => ({
    want: rule,
    have: observed.find((one) => sameMatch(one.match, rule.match)),
  }));
  const kept = new Set(pairs.flatMap((pair) => (pair.have === undefined ? [] : [pair.have.id])));
  const leaving = observed.filter((rule) => !kept.has(rule.id));
  const numbers = numbersOf(pairs, leaving);
  if (numbers === undefined)
    return [
      stop(want, "refused", `its ${pairs.length} rules do not fit into the numbers 1 to ${api.priorityMax}`),
    ];
  const waiting = pairs.filter((pair) => pair.want.action.do === "wait");
  const creates = pairs.flatMap((pair, index) =>
    pair.have === undefined && pair.want.action.do !== "wait" ? [{ pair, number: numbers[index] ?? 0 }] : [],
  );
  const over = observed.length + creates.length - quotas.rulesPerListener;
  if (over > leaving.length)
    return [stop(want, "refused", `needs ${pairs.length} rules, quota ${quotas.rulesPerListener}`)];
  const rewritten = over > 0 ? over : 0;
  if (rewritten > 0 && waiting.length > 0)
    return [
      stop(want, "pending", `${waitingFor(waiting)}; the listener is full, so nothing is moved before`),
    ];
  const updates = updatesOf(pairs, numbers);
  const rewrites = creates.slice(0, rewritten).flatMap(({ pair, number }, index): RuleUpdate[] => {
    const rule = leaving[index];
    if (rule === undefined || pair.want.action.do === "wait") return [];
    return [{ rule, match: pair.want.match, priority: number, action: pair.want.action }];
  });
  const changes = [...updates.changes, ...rewrites];
  // A batch is judged as one; more than one of them may show a rule in its old place beside another in its new one.
  if (rewrites.length > 0 && changes.length > api.rulesPerBatch) {
    return [
      stop(
        want,
        "refused",
        `the listener is full, and its ${changes.length} changes cannot be made at once; raise the quota of rules per listener for a moment`,
      ),
    ];
  }
  const rest = leaving.slice(rewritten).toSorted((a, b) => b.priority - a.priority);
  return [
    ...creates.slice(rewritten).map(({ pair, number }) => create(model, want, pair.want, number)),
    ...batches(want.port, changes),
    ...updates.leaves,
    ...(waiting.length > 0
      ? [stop(want, "pending", waitingFor(waiting))]
      : rest.map((rule): Change => ({
          do: "delete-rule",
          port: want.port,
          rule,
          because: "no longer wanted",
        }))),
  ];
}

/** What each pair should be numbered: the user's numbers, or observed numbers where they are in order. */
function numbersOf(pairs: readonly Pair[], leaving: readonly ObservedRule[]): readonly number[] | undefined {
  const fixed = pairs.map((pair) => pair.want.priority);
  if (fixed.some((number) => number !== undefined)) {
    const all = fixed.flatMap((number) => (number === undefined ? [] : [number]));
    return all.length === pairs.length ? all : undefined;
  }
  return numbered(
    pairs.map((pair) => pair.have?.priority),
    new Set(leaving.map((rule) => rule.priority)),
  );
}

function updatesOf(
  pairs: readonly Pair[],
  numbers: readonly number[],
): { readonly changes: readonly RuleUpdate[]; readonly leaves: Plan } {
  const changes: RuleUpdate[] = [];
  const leaves: Change[] = [];
  for (const [index, { want, have }] of pairs.entries()) {
    if (have === undefined) continue;
    const number = numbers[index];
    const priority = number === have.priority ? undefined : number;
    const held = heldBack(want, have);
    if (held !== undefined) leaves.push(held);
    const action =
      held !== undefined || want.action.do === "wait" || sameAction(want.action, have.action)
        ? undefined
        : want.action;
    if (priority === undefined && action === undefined) continue;
    changes.push({
      rule: have,
      ...(priority === undefined ? {} : { priority }),
      ...(action === undefined ? {} : { action }),
    });
  }
  return { changes, leaves };
}

/** Traffic is not moved to a group behind which nothing answers, while it goes somewhere else now. */
function heldBack(want: RuleModel, have: ObservedRule): Change | undefined {
  if (want.action.do !== "forward" || have.action.do !== "forward" || sameAction(want.action, have.action))
    return undefined;
  const now = new Set(have.action.groups.filter((group) => group.weight > 0).map((group) => group.id));
  const dead = want.action.groups.filter(
    (group) => group.weight > 0 && !now.has(group.id) && want.unusable.includes(group.id),
  );
  if (dead.length === 0) return undefined;
  return {
    do: "leave",
    what: want.from,
    blocks: "pending",
    because: `no usable endpoint behind ${dead.map((group) => group.id).join(", ")}; traffic stays where it is`,
  };
}

function batches(port: number, updates: readonly RuleUpdate[]): Plan {
  const all: Change[] = [];
  for (let start = 0; start < updates.length; start += api.rulesPerBatch) {
    const part = updates.slice(start, start + api.rulesPerBatch);
    const moved = part.some((update) => update.priority !== undefined);
    all.push({
      do: "update-rules",
      port,
      updates: part,
      because: moved ? "order or action differs" : "action differs",
    });
  }
  return all;
}

const create = (model: ServiceModel, listener: ListenerModel, rule: RuleModel, priority: number): Change => {
  if (rule.action.do === "wait") throw new TypeError(`${rule.from} waits and cannot be made`);
  return {
    do: "create-rule",
    port: listener.port,
    name: ruleName(rule),
    from: rule.from,
    match: rule.match,
    priority,
    action: rule.action,
    model,
    because: "missing",
  };
};

/** A rule's name says nothing but which match it is for, so that a create that crashed is found again. */
export const ruleName = (rule: RuleModel): string => `k8s-${letters(canonicalJson(rule.match), 20)}`;

const waitingFor = (pairs: readonly Pair[]): string => {
  const roots = pairs.flatMap((pair) => (pair.want.action.do === "wait" ? pair.want.action.for : []));
  return `waits for ${[...new Set(roots)].toSorted().join(", ")}`;
};

const stop = (listener: ListenerModel, blocks: "pending" | "refused", because: string): Change => ({
  do: "leave",
  what: `listener ${listener.name}`,
  blocks,
  because,
});
