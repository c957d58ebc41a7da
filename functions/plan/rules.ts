import type {
  Action,
  ListenerModel,
  ObservedListener,
  ObservedRule,
  RuleModel,
  ServiceModel,
  Waiting,
} from "../model/lattice.ts";
import { api, type Quotas } from "../model/limits.ts";
import type { Change, Plan, RuleUpdate } from "./change.ts";
import { sameAction, sameMatch } from "./equal.ts";
import { overlap } from "./overlap.ts";
import { batches, place, stop, type Missing } from "./place.ts";
import { numbered } from "./priorities.ts";

/** A wanted rule beside the observed one with the same match. */
interface Pair {
  readonly want: RuleModel;
  readonly have: ObservedRule | undefined;
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
  const pairs = want.rules.map((rule): Pair => ({
    want: rule,
    have: observed.find((one) => sameMatch(one.match, rule.match)),
  }));
  const kept = new Set(pairs.flatMap((pair) => (pair.have === undefined ? [] : [pair.have.id])));
  const leaving = observed.filter((rule) => !kept.has(rule.id));
  const numbers = numbersOf(want, pairs, leaving);
  if (numbers === undefined)
    return [
      stop(want, "refused", `its ${pairs.length} rules do not fit into the numbers 1 to ${api.priorityMax}`),
    ];
  const waiting = pairs.filter((pair) => pair.want.action.do === "wait");
  const early = tooEarly(pairs);
  const missing = pairs.flatMap((pair, index): readonly Missing[] =>
    pair.have === undefined && pair.want.action.do !== "wait" && !early.has(pair)
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
  const updates = updatesOf(pairs, numbers, early);
  const moves = updates.changes.some((one) => one.priority !== undefined);
  // A rule that waits still does what it did, and others what it is to do: in another place they might do so for other requests.
  if (moves && waiting.length > 0)
    return [stop(want, "pending", `${waitingFor(waiting)}; the order changes after that`)];
  const placed = place(model, want, {
    observed,
    leaving,
    missing,
    updates: updates.changes,
    order: pairs.flatMap((pair) => pair.have?.name ?? missing.find((one) => one.want === pair.want) ?? []),
    free: pairs.every((pair) => pair.want.priority === undefined),
    over: Math.max(0, over),
  });
  if (placed === undefined) return undefined;
  if ("do" in placed) return [placed];
  return [
    ...placed.changes,
    ...updates.leaves,
    ...(waiting.length > 0
      ? [
          stop(
            want,
            waiting.some(({ want: { action } }) => mustBeMended(action)) ? "refused" : "pending",
            waitingFor(waiting),
          ),
        ]
      : placed.rest.map((rule): Change => ({
          do: "delete-rule",
          port: want.port,
          rule,
          because: "no longer wanted",
        }))),
  ];
}

/**
 * Rules that come after one that is not there yet and could answer its requests: what they are to do is not done before, because to
 * these requests it would be neither what was nor what is to be. Rules that are held back for that hold back others.
 */
function tooEarly(pairs: readonly Pair[]): ReadonlySet<Pair> {
  const early = new Set<Pair>();
  const gaps: Pair[] = [];
  for (const pair of pairs) {
    if (gaps.some((gap) => overlap(gap.want.match, pair.want.match))) early.add(pair);
    if (pair.have === undefined && (pair.want.action.do === "wait" || early.has(pair))) gaps.push(pair);
  }
  return early;
}

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
  early: ReadonlySet<Pair>,
): { readonly changes: readonly RuleUpdate[]; readonly leaves: Plan } {
  const changes: RuleUpdate[] = [];
  const leaves: Change[] = [];
  for (const [index, pair] of pairs.entries()) {
    const { want, have } = pair;
    if (have === undefined) continue;
    const number = numbers[index];
    const priority = number === have.priority ? undefined : number;
    const waits = want.action.do === "wait" || early.has(pair);
    const held = waits ? undefined : heldBack(want.from, want.unusable, want.action, have.action);
    if (held !== undefined) leaves.push(held);
    const action =
      held !== undefined || waits || sameAction(want.action, have.action) ? undefined : want.action;
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
export function heldBack(
  what: string,
  unusable: readonly string[],
  want: Action,
  have: Action,
): Change | undefined {
  if (want.do !== "forward" || have.do !== "forward" || sameAction(want, have)) return undefined;
  const now = new Set(have.groups.filter((group) => group.weight > 0).map((group) => group.id));
  const dead = want.groups.filter(
    (group) => group.weight > 0 && !now.has(group.id) && unusable.includes(group.id),
  );
  if (dead.length === 0) return undefined;
  return {
    do: "leave",
    what,
    blocks: "pending",
    because: `no usable endpoint behind ${dead.map((group) => group.id).join(", ")}; traffic stays where it is`,
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
