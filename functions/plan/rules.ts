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
import { below, numbered } from "./priorities.ts";

/** A wanted rule beside the observed one with the same match. */
interface Pair {
  readonly want: RuleModel;
  readonly have: ObservedRule | undefined;
}

/** A wanted rule that no observed one has the match of, and the number that it should have in the end. */
interface Missing {
  readonly want: RuleModel;
  readonly number: number;
}

/**
 * Brings the rules of one listener to what is wanted, so that between any two calls every request is answered as before or
 * as wanted. Where every number may stay: new rules from the top down, each at its final number; then actions; then what is no
 * longer wanted goes, from the bottom up. Where numbers change: new rules come below all others, where they answer only what
 * nothing answered; then one batch, which is judged as one, puts everything in its place.
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
  const missing = pairs.flatMap((pair, index): readonly Missing[] =>
    pair.have === undefined && pair.want.action.do !== "wait"
      ? [{ want: pair.want, number: numbers[index] ?? 0 }]
      : [],
  );
  const over = observed.length + missing.length - quotas.rulesPerListener;
  if (over > leaving.length)
    return [stop(want, "refused", `needs ${pairs.length} rules, quota ${quotas.rulesPerListener}`)];
  if (over > 0 && waiting.length > 0)
    return [
      stop(want, "pending", `${waitingFor(waiting)}; the listener is full, so nothing is moved before`),
    ];
  const updates = updatesOf(pairs, numbers);
  const placed = place(model, want, {
    observed,
    leaving,
    missing,
    updates: updates.changes,
    over: Math.max(0, over),
  });
  if ("do" in placed) return [placed];
  return [
    ...placed.changes,
    ...updates.leaves,
    ...(waiting.length > 0
      ? [stop(want, "pending", waitingFor(waiting))]
      : placed.rest.map((rule): Change => ({
          do: "delete-rule",
          port: want.port,
          rule,
          because: "no longer wanted",
        }))),
  ];
}

/** What is known when rules are to be put in their places. */
interface Situation {
  readonly observed: readonly ObservedRule[];
  readonly leaving: readonly ObservedRule[];
  readonly missing: readonly Missing[];
  readonly updates: readonly RuleUpdate[];
  /** How many more rules there would be, for a moment, than the quota allows: so many leaving ones are rewritten. */
  readonly over: number;
}

interface Placed {
  readonly changes: Plan;
  /** Leaving rules that are still there and go last, from the bottom up. */
  readonly rest: readonly ObservedRule[];
}

function place(model: ServiceModel, want: ListenerModel, s: Situation): Placed | Change {
  const rest = s.leaving.slice(s.over).toSorted((a, b) => b.priority - a.priority);
  const occupied = new Set(s.leaving.map((rule) => rule.priority));
  const collides = [...s.missing, ...s.updates.map((one) => ({ number: one.priority ?? 0 }))].some(
    ({ number }) => occupied.has(number),
  );
  const names = new Set(s.observed.map((rule) => rule.name));
  const moves = s.over > 0 || collides || s.updates.some((one) => one.priority !== undefined);
  if (!moves)
    return {
      changes: [
        ...s.missing.map((one) => create(model, want, one.want, one.number, freeName(one.want, names))),
        ...batches(want.port, s.updates),
      ],
      rest,
    };
  const rewritten = s.missing.slice(0, s.over);
  const made = s.missing.slice(s.over);
  const wanted = new Set(
    s.missing.map((one) => one.number).concat(s.updates.flatMap((one) => one.priority ?? [])),
  );
  const displaced = rest.filter((rule) => wanted.has(rule.priority));
  const lowest = below(
    s.observed.map((rule) => rule.priority).concat(s.missing.map((one) => one.number)),
    made.length + displaced.length,
  );
  if (lowest === undefined)
    return stop(
      want,
      "refused",
      `the order of its rules cannot change: no numbers are free below ${api.priorityMax}`,
    );
  const creates = made.map((one, index) =>
    create(model, want, one.want, lowest[index] ?? 0, freeName(one.want, names)),
  );
  const changes: readonly RuleUpdate[] = [
    ...s.updates,
    ...made.map((one, index) => ({ rule: nameOf(creates[index]), priority: one.number })),
    ...displaced.map((rule, index) => ({ rule: rule.name, priority: lowest[made.length + index] ?? 0 })),
    ...rewritten.flatMap(({ want: rule, number }, index): readonly RuleUpdate[] => {
      const old = s.leaving[index];
      if (old === undefined || rule.action.do === "wait") return [];
      return [{ rule: old.name, match: rule.match, priority: number, action: rule.action }];
    }),
  ];
  // More than one batch may show a rule in its old place beside another in its new one, and numbers that are taken still.
  if (changes.length > api.rulesPerBatch)
    return stop(
      want,
      "refused",
      `the order of its rules changes in ${changes.length} places, and Lattice changes ${api.rulesPerBatch} at once; make the change in smaller steps`,
    );
  return { changes: [...creates, ...batches(want.port, changes)], rest };
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
      rule: have.name,
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

function create(
  model: ServiceModel,
  listener: ListenerModel,
  rule: RuleModel,
  priority: number,
  name: string,
): Change {
  if (rule.action.do === "wait") throw new TypeError(`${rule.from} waits and cannot be made`);
  return {
    do: "create-rule",
    port: listener.port,
    name,
    from: rule.from,
    match: rule.match,
    priority,
    action: rule.action,
    model,
    because: "missing",
  };
}

const nameOf = (change: Change | undefined): string => (change?.do === "create-rule" ? change.name : "");

/**
 * A rule's name says nothing but which match it was made for. A rule that was rewritten for another match keeps its name, so
 * that the plain one may be taken.
 */
function freeName(rule: RuleModel, taken: Set<string>): string {
  for (let attempt = 0; ; attempt += 1) {
    const name = `k8s-${letters(canonicalJson(rule.match) + (attempt === 0 ? "" : `#${attempt}`), 20)}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

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
