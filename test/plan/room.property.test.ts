import * as fc from "fast-check";
import { expect, test } from "vitest";
import { defaultQuotas } from "../../functions/model/limits.ts";
import type { ObservedRule, RuleMatch, RuleModel } from "../../functions/model/lattice.ts";
import { price, type Plan } from "../../functions/plan/change.ts";
import { planRules } from "../../functions/plan/rules.ts";
import {
  answer,
  inOrder,
  listenerModel,
  observedListener,
  path,
  rule,
  seen,
  serviceModel,
  stepsOf,
  to,
} from "./listener.ts";

/** What Lattice takes, written down again. */
const [mostPerBatch, lastNumber] = [10, 2000];
const quotas = { ...defaultQuotas, rulesPerListener: 100 };

/** A prefix of this length: each of a longer one is also one of it, so that any two rules in a wrong order answer somebody wrongly. */
const prefix = (length: number): RuleMatch => path("prefix", `/${"a".repeat(length)}`);
const ruleOf = (length: number): RuleModel => rule(prefix(length), to(`${length}`));
/** The longest first, as the standard has it. */
const rulesOf = (lengths: readonly number[]): readonly RuleModel[] =>
  lengths.toSorted((a, b) => b - a).map(ruleOf);

const planned = (want: readonly RuleModel[], have: readonly ObservedRule[]): Plan => {
  const listener = listenerModel(want);
  return planRules(serviceModel([listener]), listener, observedListener(have), quotas);
};

/** Carries a plan out: between any two calls every request is answered as before or as wanted, and in the end as wanted. */
function carriedOut(want: readonly RuleModel[], have: readonly ObservedRule[]) {
  const plan = planned(want, have);
  expect(plan.filter((change) => change.do === "leave")).toEqual([]);
  const before = inOrder(have);
  const requests = [...want, ...have].map(({ match }) => ({ path: match.path?.value ?? "", method: "GET" }));
  let after = have;
  for (const step of stepsOf(have, plan)) {
    const wrong = requests.filter(
      (request) => ![answer(before, request), answer(want, request)].includes(answer(inOrder(step), request)),
    );
    expect(wrong).toEqual([]);
    after = step;
  }
  expect(inOrder(after).map(({ match }) => match)).toEqual(want.map(({ match }) => match));
  for (const { priority } of after) {
    expect(priority).toBeGreaterThan(0);
    expect(priority).toBeLessThanOrEqual(lastNumber);
  }
  expect(planned(want, after)).toEqual([]);
  return { plan, after };
}

/** How many rules must move for so many to come in before the one at a place: the smallest run around it that has room for them. */
function fewestMoved(numbers: readonly number[], place: number, added: number): number {
  let fewest = numbers.length;
  for (let start = 0; start <= place; start += 1)
    for (let end = place; end <= numbers.length; end += 1) {
      const room = (numbers[end] ?? lastNumber + 1) - (numbers[start - 1] ?? 0) - 1;
      if (room >= end - start + added) fewest = Math.min(fewest, end - start);
    }
  return fewest;
}

const numbersOf = (rules: readonly ObservedRule[]): readonly number[] =>
  inOrder(rules).map(({ priority }) => priority);

/** Numbers one after the other with gaps like these, or against the end of all numbers. */
const numbered = (gaps: readonly number[], fromTheEnd: boolean): readonly number[] => {
  const sums = gaps.map((_, index) => gaps.slice(0, index + 1).reduce((sum, gap) => sum + gap, 0));
  return fromTheEnd ? sums.map((sum) => lastNumber + 1 - sum).toReversed() : sums;
};
const gap = fc.oneof(
  { weight: 30, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.integer({ min: 2, max: 9 }) },
);

test("rules that come in where no number is free cost a call each, and one for every ten of the fewest that must move", () => {
  const batches: number[] = [];
  fc.assert(
    fc.property(
      fc.array(gap, { minLength: 1, maxLength: 90, size: "max" }),
      fc.boolean(),
      fc.nat(90),
      fc.integer({ min: 1, max: 3 }),
      (gaps, fromTheEnd, at, added) => {
        const numbers = numbered(gaps, fromTheEnd);
        const place = at % (numbers.length + 1);
        const lengths = numbers.map((_, index) => 4 * (numbers.length - index));
        const have = numbers.map((number, index) =>
          seen(number, prefix(lengths[index] ?? 0), to(`${lengths[index]}`)),
        );
        const fresh = Array.from({ length: added }, (_, index) => 4 * (numbers.length - place) + 1 + index);
        const { plan } = carriedOut(rulesOf([...lengths, ...fresh]), have);
        const moves = Math.ceil(fewestMoved(numbers, place, added) / mostPerBatch);
        expect(price(plan)).toBe(added + moves);
        batches.push(moves);
      },
    ),
    { numRuns: 200, seed: 20260103 },
  );
  expect(batches).toContain(0);
  expect(Math.max(...batches)).toBeGreaterThan(2);
}, 60_000);

test("rules that come and go at any places, and change what they do, are never answered for by another", () => {
  fc.assert(
    fc.property(
      fc.array(gap, { minLength: 5, maxLength: 50 }),
      fc.boolean(),
      fc.array(fc.nat(200), { maxLength: 4 }),
      fc.array(fc.nat(200), { maxLength: 4 }),
      fc.array(fc.nat(200), { maxLength: 2 }),
      (gaps, fromTheEnd, come, go, change) => {
        const numbers = numbered(gaps, fromTheEnd);
        const lengths = numbers.map((_, index) => 4 * (numbers.length - index));
        const have = numbers.map((number, index) =>
          seen(number, prefix(lengths[index] ?? 0), to(`${lengths[index]}`)),
        );
        const left = lengths.filter((_, index) => !go.includes(index));
        const want = rulesOf([...new Set([...left, ...come])]);
        carriedOut(
          want.map((one, index) => (change.includes(index) ? { ...one, action: to("other") } : one)),
          have,
        );
      },
    ),
    { numRuns: 200, seed: 20260104 },
  );
}, 60_000);

test("forty rules one after the other at one place cost no more than that", () => {
  const [longest, inserted] = [100, 40];
  for (const order of ["from the top", "by turns", "in the middle"] as const) {
    const base = [
      ...Array.from({ length: 15 }, (_, index) => longest + index),
      ...Array.from({ length: 15 }, (_, index) => index),
    ];
    let rules = carriedOut(rulesOf(base), []).after;
    let lengths: readonly number[] = base;
    const moved: number[] = [];
    for (let index = 0; index < inserted; index += 1) {
      const next = {
        "from the top": longest - 1 - index,
        "by turns": index % 2 === 0 ? longest - 1 - index : 20 + index,
        "in the middle": 20 + ((index * 17) % inserted),
      }[order];
      const numbers = numbersOf(rules);
      const place = lengths.filter((length) => length > next).length;
      lengths = [...lengths, next];
      const { plan, after } = carriedOut(rulesOf(lengths), rules);
      const fewest = fewestMoved(numbers, place, 1);
      expect(price(plan), `${order}, ${index}`).toBe(1 + Math.ceil(fewest / mostPerBatch));
      moved.push(fewest);
      rules = after;
    }
    expect(
      moved.some((count) => count > 0),
      order,
    ).toBe(true);
  }
}, 60_000);
