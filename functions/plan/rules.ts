import type {
  Action,
  ListenerModel,
  ObservedListener,
  ObservedRule,
  ServiceModel,
  Unusable,
  Waiting,
} from "../model/lattice.ts";
import { api, type Quotas } from "../model/limits.ts";
import type { Change, Plan, RuleUpdate } from "./change.ts";
import { sameAction, sameMatch } from "./equal.ts";
import { goalOf, type Pair } from "./goal.ts";
import { batches, place, stop, type Missing } from "./place.ts";
import { numbered } from "./priorities.ts";

/**
 * Brings the rules of one listener to what is wanted, so that between any two calls every request is answered as before or
 * as wanted. Where every number may stay: new rules from the top down, each at its final number; then actions; then what is no
 * longer wanted goes, from the bottom up. Where rules that keep their order must make room, they do so before. Where the order
 * changes: new rules come below all others, where they answer only what nothing answered; then one batch, which is judged as one,
 * puts everything in its place.
 */
export function planRules(
  model: ServiceModel,
  want: ListenerModel,
  have: ObservedListener | undefined,
  quotas: Quotas,
): Plan {
  const observed = have?.rules ?? [];
  const plan = planWith(model, want, observed, quotas);
  if (plan !== undefined) return plan;
  // Numbers grow with every change of order: once they are used up, all rules move up as they stand, from the first down.
  const compact = observed
    .toSorted((a, b) => a.priority - b.priority)
    .map((rule, index) => ({ ...rule, priority: index + 1 }));
  const again = planWith(model, want, compact, quotas);
  if (again !== undefined) {
    const moves = compact.map(({ name, priority }): RuleUpdate => ({ rule: name, priority }));
    return [...batches(want.port, moves), ...again];
  }
  return [
    stop(
      want,
      "refused",
      `the order of its rules cannot change: no numbers are free below ${api.priorityMax}`,
    ),
  ];
}

/** As planRules, for rules with these numbers; undefined when the numbers do not suffice. */
function planWith(
  model: ServiceModel,
  want: ListenerModel,
  observed: readonly ObservedRule[],
  quotas: Quotas,
): Plan | undefined {
  const wanted = pairsOf(want, observed);
  const kept = new Set(wanted.flatMap((pair) => (pair.have === undefined ? [] : [pair.have.id])));
  const blocks = wanted.flatMap((pair) => blockOf(pair) ?? []);
  const goal = goalOf(
    wanted,
    observed.filter((rule) => !kept.has(rule.id)),
    new Set(blocks.map(({ pair }) => pair)),
  );
  const later = [...told(want, blocks), stop(want, "pending", "the order changes after that")];
  if (goal === undefined) return later;
  const { pairs, stays, leaving } = goal;
  // A rule that is no longer wanted and stays all the same is of a route that nobody knows any more.
  const isOurs = [...stays].every((pair) => wanted.includes(pair));
  const why = told(want, blocks, isOurs ? stays : undefined);
  const numbers = numbersOf(want, pairs, leaving);
  if (numbers === undefined)
    return [
      stop(want, "refused", `its ${wanted.length} rules do not fit into the numbers 1 to ${api.priorityMax}`),
    ];
  // Where the user says all numbers, they may be such that what stays would not be in its place.
  if (stays.size > 0 && numbers.some((number, index) => number <= (numbers[index - 1] ?? 0))) return later;
  const missing = pairs.flatMap((pair, index): readonly Missing[] =>
    pair.have === undefined && !stays.has(pair) ? [{ want: pair.want, number: numbers[index] ?? 0 }] : [],
  );
  if (wanted.length > quotas.rulesPerListener)
    return [stop(want, "refused", `needs ${wanted.length} rules, quota ${quotas.rulesPerListener}`)];
  const over = observed.length + missing.length - quotas.rulesPerListener;
  if (over > leaving.length)
    return [...why, stop(want, "pending", "the listener is full, so nothing is moved before")];
  const placed = place(model, want, {
    observed,
    leaving,
    missing,
    updates: updatesOf(pairs, numbers, stays),
    order: pairs.flatMap((pair) => pair.have?.name ?? missing.find((one) => one.want === pair.want) ?? []),
    free: pairs.every((pair) => pair.want.priority === undefined),
    over: Math.max(0, over),
  });
  if (placed === undefined) return undefined;
  if ("do" in placed) return [placed];
  return [
    ...placed.changes,
    ...why,
    ...placed.rest.map((rule): Change => ({
      do: "delete-rule",
      port: want.port,
      rule,
      because: "no longer wanted",
    })),
  ];
}

/** The wanted rules in order of precedence, each with the observed one that has its match. */
const pairsOf = ({ rules }: ListenerModel, observed: readonly ObservedRule[]): readonly Pair[] =>
  rules
    .toSorted((a, b) => (a.priority ?? 0) - (b.priority ?? 0))
    .map((rule) => ({ want: rule, have: observed.find((one) => sameMatch(one.match, rule.match)) }));

/** Why a rule cannot do yet what it is to do. */
interface Block {
  readonly pair: Pair;
  readonly leave: Change | undefined;
}

function blockOf(pair: Pair): Block | undefined {
  const { want, have } = pair;
  if (want.action.do === "wait") return { pair, leave: undefined };
  const leave = have && heldBack(want.from, want.unusable, want.action, have.action);
  return leave && { pair, leave };
}

/**
 * What is said of rules that cannot do yet what they are to do. `stays` are all that go on as they did because of these; without it
 * nobody is said to be as wanted.
 */
function told(want: ListenerModel, blocks: readonly Block[], stays?: ReadonlySet<Pair>): Plan {
  const waiting = blocks.flatMap(({ pair }) => (pair.want.action.do === "wait" ? [pair] : []));
  const behind =
    stays && [...stays].filter(isBehind).map(({ want: { from } }) => ({ port: want.port, from }));
  const all: Plan = [
    ...blocks.flatMap(({ leave }) => leave ?? []),
    ...(waiting.length > 0
      ? [
          stop(
            want,
            waiting.some(({ want: { action } }) => mustBeMended(action)) ? "refused" : "pending",
            waitingFor(waiting),
          ),
        ]
      : []),
  ];
  return behind === undefined
    ? all
    : all.map((one) => (one.do === "leave" ? { ...one, rules: behind } : one));
}

/** Whether a rule does not do yet what it is to do. */
const isBehind = ({ want, have }: Pair): boolean =>
  have === undefined || want.action.do === "wait" || !sameAction(want.action, have.action);

/** What each pair should be numbered: the user's numbers, or observed numbers where they are in order. */
function numbersOf(
  { dense }: ListenerModel,
  pairs: readonly Pair[],
  leaving: readonly ObservedRule[],
): readonly number[] | undefined {
  const fixed = pairs.map((pair) => pair.want.priority);
  if (fixed.some((number) => number !== undefined)) {
    const all = fixed.flatMap((number) => (number === undefined ? [] : [number]));
    return all.length === pairs.length ? all : undefined;
  }
  return numbered(
    pairs.map((pair) => pair.have?.priority),
    new Set(leaving.map((rule) => rule.priority)),
    ...(dense === true ? [1] : []),
  );
}

function updatesOf(
  pairs: readonly Pair[],
  numbers: readonly number[],
  stays: ReadonlySet<Pair>,
): readonly RuleUpdate[] {
  return pairs.flatMap((pair, index): readonly RuleUpdate[] => {
    const { want, have } = pair;
    if (have === undefined) return [];
    const number = numbers[index];
    const priority = number === have.priority ? undefined : number;
    const action =
      want.action.do === "wait" || stays.has(pair) || sameAction(want.action, have.action)
        ? undefined
        : want.action;
    if (priority === undefined && action === undefined) return [];
    return [
      {
        rule: have.name,
        ...(priority === undefined ? {} : { priority }),
        ...(action === undefined ? {} : { action }),
      },
    ];
  });
}

/** Traffic is not moved to a group behind which nothing answers, while it goes somewhere else now. */
export function heldBack(
  what: string,
  unusable: readonly Unusable[],
  want: Action,
  have: Action,
): Extract<Change, { do: "leave" }> | undefined {
  if (want.do !== "forward" || have.do !== "forward" || sameAction(want, have)) return undefined;
  const now = new Set(have.groups.filter((group) => group.weight > 0).map((group) => group.id));
  const dead = unusable.filter(({ group }) =>
    want.groups.some(({ id, weight }) => id === group && weight > 0 && !now.has(id)),
  );
  if (dead.length === 0) return undefined;
  return {
    do: "leave",
    what,
    blocks: "pending",
    because: `${dead.map((one) => one.backend).join("; ")}: 0 endpoints are ready and registered; traffic stays where it is`,
  };
}

const waitingFor = (pairs: readonly Pair[]): string => {
  const why = pairs.flatMap(({ want: { action } }) => (action.do === "wait" ? waitText(action) : []));
  return [...new Set(why)].toSorted().join("; ");
};

/** Whether it is for a person to do something about what an action waits for. */
export const mustBeMended = (action: Action | Waiting): boolean =>
  action.do === "wait" && action.because !== undefined;

/** What an action waits for, in words. */
export const waitText = (action: Waiting): string =>
  action.because ?? `waits for ${action.for.toSorted().join(", ")}`;
