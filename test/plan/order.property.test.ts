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
  rule,
  serviceModel,
  stepsOf,
  to,
  unusable,
  type Request,
} from "./listener.ts";

const paths = ["/", "/a", "/a/b", "/c"];
const requests: readonly Request[] = [...paths, "/a/", "/a/b/c", "/zzz"].flatMap((path) =>
  ["GET", "POST"].flatMap((method) =>
    [undefined, "one", "two"].map((version) => ({ path, method, version })),
  ),
);

const match: fc.Arbitrary<RuleMatch> = fc
  .record({
    kind: fc.constantFrom("exact", "prefix"),
    value: fc.constantFrom(...paths),
    method: fc.option(fc.constantFrom("GET", "POST"), { nil: undefined, freq: 2 }),
    version: fc.option(fc.constantFrom("one", "two"), { nil: undefined, freq: 2 }),
  })
  .map(({ kind, value, method, version }) => ({
    ...(method === undefined ? {} : { method }),
    path: { kind, value, caseSensitive: true },
    headers:
      version === undefined ? [] : [{ name: "version", kind: "exact", value: version, caseSensitive: true }],
  }));
/** What a rule does: behind group 9 nothing is usable, and `wait` is for a group that is not there yet. */
const doing = fc.constantFrom("1", "2", "3", "9", "wait");
/** What is wanted, one after the other: rules of few different matches in any order, so that the same ones change places. */
const histories: fc.Arbitrary<readonly (readonly RuleModel[])[]> = fc
  .uniqueArray(match, { minLength: 5, maxLength: 7, selector: (one) => JSON.stringify(one) })
  .chain((pool) => fc.array(rulesOf(pool), { minLength: 3, maxLength: 4 }));

/** Sometimes the user says the numbers. */
const rulesOf = (pool: readonly RuleMatch[]): fc.Arbitrary<readonly RuleModel[]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...pool], { minLength: 3 }),
      fc.array(doing, { minLength: 7, maxLength: 7 }),
      fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 7, maxLength: 7 }), {
        nil: undefined,
        freq: 4,
      }),
    )
    .map(([matches, actions, numbers]) =>
      matches.map((one, index) => {
        const group = actions[index] ?? "1";
        return rule(one, group === "wait" ? { do: "wait", for: [] } : to(group), {
          unusable: group === "9" ? unusable("9") : [],
          ...(numbers === undefined ? {} : { priority: numbers[index] }),
        });
      }),
    );
/** The same when all that was waited for is there. */
const mended = (want: readonly RuleModel[]): readonly RuleModel[] =>
  want.map((one) => ({
    ...one,
    unusable: [],
    action: one.action.do === "wait" ? to("4") : one.action,
  }));
/** In the order in which they count. */
const wantedOrder = (want: readonly RuleModel[]): readonly RuleModel[] =>
  want.toSorted((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
const isRefused = (plan: Plan): boolean =>
  plan.some((change) => change.do === "leave" && change.blocks === "refused");

test("between any two calls every request is answered as before or as wanted, and in the end as wanted", () => {
  const count = { plans: 0, refused: 0, stuck: 0, moved: 0 };
  /** Carries a plan out, and looks at every step. */
  const carryOut = (
    have: readonly ObservedRule[],
    want: readonly RuleModel[],
    quota: number,
  ): { readonly plan: Plan; readonly after: readonly ObservedRule[] } => {
    const plan = planned(have, want, quota);
    const before = inOrder(have);
    const wanted = wantedOrder(want);
    const steps = stepsOf(have, plan);
    for (const step of steps) {
      expect(step.length).toBeLessThanOrEqual(quota);
      for (const request of requests)
        expect([answer(before, request), answer(wanted, request)], JSON.stringify(request)).toContain(
          answer(inOrder(step), request),
        );
    }
    const after = steps.at(-1) ?? have;
    // Nothing goes to and fro while something is waited for.
    expect(price(planned(after, want, quota))).toBe(0);
    return { plan, after };
  };
  fc.assert(
    fc.property(histories, fc.integer({ min: 7, max: 9 }), (history, quota) => {
      let have: readonly ObservedRule[] = [];
      for (const want of history) {
        const now = carryOut(have, want, quota);
        const later = carryOut(now.after, mended(want), quota);
        count.plans += 1;
        if (now.plan.some((change) => change.do === "leave")) {
          count.stuck += 1;
          if (price(now.plan) > 0) count.moved += 1;
        }
        if (isRefused(later.plan)) count.refused += 1;
        else
          for (const request of requests)
            expect(answer(inOrder(later.after), request)).toBe(answer(wantedOrder(mended(want)), request));
        have = now.after;
      }
    }),
    { numRuns: 120, seed: 20260101 },
  );
  expect(count.plans).toBeGreaterThan(300);
  expect(count.refused / count.plans).toBeLessThan(0.2);
  // Of what can be done while something is waited for, much is done.
  expect(count.moved / count.stuck).toBeGreaterThan(0.6);
}, 60_000);

const planned = (
  have: readonly ObservedRule[],
  want: readonly RuleModel[],
  rulesPerListener: number,
): Plan => {
  const listener = listenerModel(want);
  return planRules(serviceModel([listener]), listener, observedListener(have), {
    ...defaultQuotas,
    rulesPerListener,
  });
};

/** Up to thirty rules in any order, none of which waits: more than one batch puts them in another. */
const many: fc.Arbitrary<readonly RuleModel[]> = fc
  .uniqueArray(fc.tuple(match, fc.constantFrom("1", "2", "3")), {
    minLength: 12,
    maxLength: 30,
    selector: ([one]) => JSON.stringify(one),
  })
  .map((all) => all.map(([one, group]) => rule(one, to(group))));

test("more rules than one batch moves change their order in steps, and no request is answered wrongly between them", () => {
  const quotas = { ...defaultQuotas, rulesPerListener: 60 };
  let steps = 0;
  fc.assert(
    fc.property(fc.array(many, { minLength: 6, maxLength: 9 }), (history) => {
      let have: readonly ObservedRule[] = [];
      for (const want of history) {
        const listener = listenerModel(want);
        const plan = planRules(serviceModel([listener]), listener, observedListener(have), quotas);
        expect(plan.filter((change) => change.do === "leave")).toEqual([]);
        const before = inOrder(have);
        for (const step of stepsOf(have, plan)) {
          for (const request of requests)
            expect([answer(before, request), answer(want, request)], JSON.stringify(request)).toContain(
              answer(inOrder(step), request),
            );
          have = step;
        }
        for (const request of requests) expect(answer(inOrder(have), request)).toBe(answer(want, request));
        expect(planRules(serviceModel([listener]), listener, observedListener(have), quotas)).toEqual([]);
        steps = Math.max(steps, plan.filter((change) => change.do === "update-rules").length);
      }
    }),
    { numRuns: 12, seed: 20260102 },
  );
  expect(steps).toBeGreaterThan(2);
}, 60_000);
