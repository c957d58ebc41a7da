import * as fc from "fast-check";
import { expect, test } from "vitest";
import { defaultQuotas } from "../../functions/model/limits.ts";
import type { ObservedRule, RuleMatch, RuleModel } from "../../functions/model/lattice.ts";
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
/** Rules with different matches, in any order: compile's own order is one of them. */
const rules: fc.Arbitrary<readonly RuleModel[]> = fc
  .uniqueArray(fc.tuple(match, fc.constantFrom("1", "2", "3", "wait")), {
    maxLength: 7,
    selector: ([one]) => JSON.stringify(one),
  })
  .map((all) => all.map(([one, group]) => rule(one, group === "wait" ? { do: "wait", for: [] } : to(group))));

test("between any two calls every request is answered as before or as wanted, and in the end as wanted", () => {
  let refused = 0;
  let plans = 0;
  fc.assert(
    fc.property(
      fc.array(rules, { minLength: 2, maxLength: 5 }),
      fc.integer({ min: 7, max: 9 }),
      (history, quota) => {
        let have: readonly ObservedRule[] = [];
        for (const want of history) {
          const listener = listenerModel(want);
          const quotas = { ...defaultQuotas, rulesPerListener: quota };
          const plan = planRules(serviceModel([listener]), listener, observedListener(have), quotas);
          plans += 1;
          const before = inOrder(have);
          for (const step of stepsOf(have, plan)) {
            expect(step.length).toBeLessThanOrEqual(quota);
            for (const request of requests) {
              const got = answer(inOrder(step), request);
              const allowed = [answer(before, request), answer(want, request)];
              expect(allowed, JSON.stringify(request)).toContain(got);
            }
            have = step;
          }
          const left = plan.filter((change) => change.do === "leave");
          if (left.some((change) => change.do === "leave" && change.blocks === "refused")) refused += 1;
          if (left.length > 0) continue;
          for (const request of requests) expect(answer(inOrder(have), request)).toBe(answer(want, request));
          expect(planRules(serviceModel([listener]), listener, observedListener(have), quotas)).toEqual([]);
        }
      },
    ),
    { numRuns: 130, seed: 20260101 },
  );
  expect(plans).toBeGreaterThan(300);
  expect(refused / plans).toBeLessThan(0.2);
}, 60_000);

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
