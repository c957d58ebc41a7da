import type { ObservedRule, RuleModel } from "../model/lattice.ts";
import { overlap } from "./overlap.ts";

/** A wanted rule beside the observed one with the same match. */
export interface Pair {
  readonly want: RuleModel;
  readonly have: ObservedRule | undefined;
}

/** What the rules of a listener can be brought to now. */
export interface Goal {
  /** In order; also rules that are no longer wanted and are still needed. */
  readonly pairs: readonly Pair[];
  /** Those that go on as they are: with what they do, or not being there. */
  readonly stays: ReadonlySet<Pair>;
  /** Rules that are no longer wanted and may go. */
  readonly leaving: readonly ObservedRule[];
}

/**
 * What can be done while some rules cannot do what they are to do: they wait for a target group, or nothing is usable behind it.
 * Each request must be answered as it was or as it is to be. Whoever stays answers as it did; so for requests that are its own too,
 * what answered them before it must go on doing so, and nothing that comes after it in the end may begin to. `wanted` is in order
 * of precedence, `stuck` are those of it that cannot do what they are to do. Answers undefined when no order is right for all of them.
 */
export function goalOf(
  wanted: readonly Pair[],
  leaving: readonly ObservedRule[],
  stuck: ReadonlySet<Pair>,
): Goal | undefined {
  if (stuck.size === 0) return { pairs: wanted, stays: stuck, leaving };
  const stays = stayingOf(wanted, stuck);
  const kept = new Map<ObservedRule, Pair>();
  const fixed = wanted.some(({ want }) => want.priority !== undefined);
  for (let before = -1; before < stays.size;) {
    before = stays.size;
    for (const pair of falling(wanted, stays)) stays.add(pair);
    for (const rule of leaving) {
      if (kept.has(rule) || !isNeeded(rule, stays)) continue;
      const pair = keptAs(rule, fixed);
      kept.set(rule, pair);
      stays.add(pair);
    }
  }
  const pairs = inOrder(wanted, [...kept.values()], stays);
  return pairs && { pairs, stays, leaving: leaving.filter((rule) => !kept.has(rule)) };
}

/** Those that are stuck, and what comes after one of these that is not there and could answer its requests. */
function stayingOf(wanted: readonly Pair[], stuck: ReadonlySet<Pair>): Set<Pair> {
  const stays = new Set<Pair>();
  for (const pair of wanted)
    if (stuck.has(pair) || [...stays].some((other) => isGap(other) && meet(other, pair))) stays.add(pair);
  return stays;
}

const isGap = (pair: Pair): boolean => pair.have === undefined;

/** Rules that would come from above one that stays to below it: what they are to do would reach requests of it before. */
const falling = (wanted: readonly Pair[], stays: ReadonlySet<Pair>): readonly Pair[] =>
  wanted.filter(
    (pair, index) =>
      !stays.has(pair) &&
      wanted
        .slice(0, index)
        .some((above) => stays.has(above) && stoodAbove(pair.have, above.have) && meet(pair, above)),
  );

/** Whether a rule that is no longer wanted has requests that one would answer that stays, or that are for one that is not there. */
const isNeeded = (rule: ObservedRule, stays: ReadonlySet<Pair>): boolean =>
  [...stays].some(
    (pair) => (isGap(pair) || stoodAbove(rule, pair.have)) && overlap(pair.want.match, rule.match),
  );

/** A rule that stays though it is no longer wanted; where the user says all numbers it keeps its own. */
const keptAs = (rule: ObservedRule, fixed: boolean): Pair => ({
  want: {
    from: `rule ${rule.name}`,
    match: rule.match,
    action: rule.action,
    unusable: [],
    ...(fixed ? { priority: rule.priority } : {}),
  },
  have: rule,
});

const meet = (a: Pair, b: Pair): boolean => overlap(a.want.match, b.want.match);

const stoodAbove = (a: ObservedRule | undefined, b: ObservedRule | undefined): boolean =>
  a !== undefined && b !== undefined && a.priority < b.priority;

/** The first of all orders in which nobody comes before what must go before it; undefined when there is none. */
function inOrder(
  wanted: readonly Pair[],
  kept: readonly Pair[],
  stays: ReadonlySet<Pair>,
): readonly Pair[] | undefined {
  const at = new Map(wanted.map((pair, index) => [pair, index]));
  const mustPrecede = (a: Pair, b: Pair): boolean => {
    if (!meet(a, b)) return false;
    // Of two that stay, the old order counts; what is new below what stays counts on it, and what stays on what stood above it.
    if (stays.has(b)) return stoodAbove(a.have, b.have);
    const [first, second] = [at.get(a), at.get(b)];
    return first !== undefined && second !== undefined && first < second;
  };
  const left = [...wanted, ...kept].toSorted((a, b) => placeOf(a, wanted, at) - placeOf(b, wanted, at));
  const done: Pair[] = [];
  while (left.length > 0) {
    const next = left.findIndex((pair) => !left.some((other) => other !== pair && mustPrecede(other, pair)));
    if (next === -1) return undefined;
    done.push(...left.splice(next, 1));
  }
  return done;
}

/** What is no longer wanted goes before the first that stood below it. */
function placeOf(pair: Pair, wanted: readonly Pair[], at: ReadonlyMap<Pair, number>): number {
  const index = at.get(pair);
  if (index !== undefined) return index;
  const below = wanted.findIndex((other) => stoodAbove(pair.have, other.have));
  return below === -1 ? wanted.length : below - 0.5;
}
