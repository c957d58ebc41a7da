import { canonicalJson, letters } from "../model/canonical.ts";
import type { ListenerModel, ObservedRule, RuleModel, ServiceModel } from "../model/lattice.ts";
import { api } from "../model/limits.ts";
import type { Change, Plan, RuleUpdate } from "./change.ts";
import { below } from "./priorities.ts";
import { inPlace, reorder, type Standing } from "./reorder.ts";

/** A wanted rule that no observed one has the match of, and the number that it should have in the end. */
export interface Missing {
  readonly want: RuleModel;
  readonly number: number;
}

/** What is known when rules are to be put in their places. */
interface Situation {
  readonly observed: readonly ObservedRule[];
  readonly leaving: readonly ObservedRule[];
  readonly missing: readonly Missing[];
  readonly updates: readonly RuleUpdate[];
  /** Every wanted rule that is there or will be, in order: the name of one that is there, or the missing one. */
  readonly order: readonly (string | Missing)[];
  /** Whether any numbers will do. */
  readonly free: boolean;
  /** How many more rules there would be, for a moment, than the quota allows: so many leaving ones are rewritten. */
  readonly over: number;
}

interface Placed {
  readonly changes: Plan;
  /** Leaving rules that are still there and go last, from the bottom up. */
  readonly rest: readonly ObservedRule[];
}

/** The changes that put rules in their places, or why that cannot be done now; undefined when the numbers do not suffice. */
export function place(model: ServiceModel, want: ListenerModel, s: Situation): Placed | Change | undefined {
  const atOnce = placeAtOnce(model, want, s);
  const room = roomFor(want, s);
  if (room === undefined) return atOnce;
  const after = placeAtOnce(model, want, room.after);
  if (after === undefined || "do" in after) return atOnce;
  const changes = [...room.moves, ...after.changes];
  // What is done anyway may move too in the same call.
  const isMore = atOnce !== undefined && !("do" in atOnce) && atOnce.changes.length < changes.length;
  return isMore ? atOnce : { ...after, changes };
}

/** The moves that make room where all that is there keeps its order, and what is to be done then; undefined where it does not. */
function roomFor(
  { port }: ListenerModel,
  s: Situation,
): { readonly moves: Plan; readonly after: Situation } | undefined {
  const numbers = new Map(
    s.updates.flatMap(({ rule, priority }) => (priority === undefined ? [] : [[rule, priority]])),
  );
  const there = s.observed.map(({ name, priority }): Standing => ({ name, number: priority }));
  const steps = numbers.size === 0 ? undefined : inPlace(there, numbers);
  return (
    steps && {
      moves: steps.flatMap((step) => batches(port, step.map(move))),
      after: {
        ...s,
        observed: s.observed.map((rule) => ({ ...rule, priority: numbers.get(rule.name) ?? rule.priority })),
        updates: s.updates.flatMap(({ rule, action }) => (action === undefined ? [] : [{ rule, action }])),
      },
    }
  );
}

const move = ({ name, number }: Standing): RuleUpdate => ({ rule: name, priority: number });

/** As place, without room being made first. */
function placeAtOnce(model: ServiceModel, want: ListenerModel, s: Situation): Placed | Change | undefined {
  // From the bottom up: what a rule that is gone had answered is then answered by the new ones, not by another that leaves.
  const going = s.leaving.toSorted((a, b) => b.priority - a.priority);
  const [given, rest] = [going.slice(0, s.over), going.slice(s.over)];
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
  // The last of the new ones wait for the batch: before it they would be answered for by nobody above them.
  const made = s.missing.slice(0, s.missing.length - s.over);
  const rewritten = s.missing.slice(made.length);
  const wanted = new Set(
    s.missing.map((one) => one.number).concat(s.updates.flatMap((one) => one.priority ?? [])),
  );
  const displaced = displacedBy(s, rest, wanted);
  const lowest = below(
    s.observed.map((rule) => rule.priority).concat([...wanted]),
    made.length + displaced.length,
  );
  if (lowest === undefined) return undefined;
  const creates = made.map((one, index) =>
    create(model, want, one.want, lowest[index] ?? 0, freeName(one.want, names)),
  );
  const changes: readonly RuleUpdate[] = [
    ...s.updates,
    ...made.map((one, index) => ({ rule: nameOf(creates[index]), priority: one.number })),
    ...displaced.map((rule, index) => ({ rule: rule.name, priority: lowest[made.length + index] ?? 0 })),
    ...rewritten.flatMap(({ want: rule, number }, index): readonly RuleUpdate[] => {
      const old = given[index];
      if (old === undefined || rule.action.do === "wait") return [];
      return [{ rule: old.name, match: rule.match, priority: number, action: rule.action }];
    }),
  ];
  if (changes.length <= api.rulesPerBatch)
    return { changes: [...creates, ...batches(want.port, changes)], rest };
  // More than one batch at their final numbers may show a rule in its old place beside another in its new one.
  if (s.free && s.over === 0) {
    const steps = inSteps(want, s, creates, lowest);
    return steps && { changes: [...creates, ...steps], rest };
  }
  return stop(
    want,
    "refused",
    `the order of its rules changes in ${changes.length} places, and Lattice changes ${api.rulesPerBatch} at once; make the change in smaller steps`,
  );
}

/** The batches that bring more rules than fit into one into their order; undefined when no safe ones exist. */
function inSteps(
  want: ListenerModel,
  s: Situation,
  creates: readonly Change[],
  lowest: readonly number[],
): Plan | undefined {
  const made = creates.map((one, index): Standing => ({ name: nameOf(one), number: lowest[index] ?? 0 }));
  const there = s.observed.map(({ name, priority }): Standing => ({ name, number: priority }));
  const order = s.order.flatMap((one) => {
    const name = typeof one === "string" ? one : made[s.missing.indexOf(one)]?.name;
    return [...there, ...made].find((standing) => standing.name === name) ?? [];
  });
  const steps = reorder(order, [...there, ...made]);
  if (steps === undefined) return undefined;
  const actions = new Map(
    s.updates.flatMap((one) => (one.action === undefined ? [] : [[one.rule, one.action]])),
  );
  const climbed = new Set(steps.up.flat().map(({ name }) => name));
  const up = steps.up.map((step) =>
    step.map((one): RuleUpdate => {
      const action = actions.get(one.name);
      return { ...move(one), ...(action === undefined ? {} : { action }) };
    }),
  );
  // What stays at the end may do something else only when all that goes before it is in its place.
  const kept = [...actions]
    .filter(([name]) => !climbed.has(name))
    .map(([rule, action]) => ({ rule, action }));
  return [...steps.down.map((step) => step.map(move)), ...up, kept].flatMap((step) =>
    batches(want.port, step),
  );
}

/**
 * Leaving rules that must go below all others in the batch: whose numbers are needed, or above which a rule stands that comes
 * below them; and with each of them all that stand below it, so that their own order stays. In the order of their numbers.
 */
function displacedBy(
  s: Situation,
  rest: readonly ObservedRule[],
  wanted: ReadonlySet<number>,
): readonly ObservedRule[] {
  const falls = s.updates.flatMap((one) => {
    const from = s.observed.find((rule) => rule.name === one.rule)?.priority ?? 0;
    return one.priority === undefined ? [] : [{ from, to: one.priority }];
  });
  const first = Math.min(
    ...rest
      .map((rule) => rule.priority)
      .filter((number) => wanted.has(number) || falls.some(({ from, to }) => from < number && number < to)),
  );
  return rest.filter((rule) => rule.priority >= first).toSorted((a, b) => a.priority - b.priority);
}

/** One call for every ten updates. */
export function batches(port: number, updates: readonly RuleUpdate[]): Plan {
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

/** Why nothing is done with the rules of a listener. */
export const stop = (listener: ListenerModel, blocks: "pending" | "refused", because: string): Change => ({
  do: "leave",
  what: `listener ${listener.name}`,
  blocks,
  because,
});
