import { describe, expect, test } from "vitest";
import { defaultQuotas } from "../../functions/model/limits.ts";
import type { ObservedRule, RuleMatch, RuleModel } from "../../functions/model/lattice.ts";
import { price, type Plan } from "../../functions/plan/change.ts";
import { planRules } from "../../functions/plan/rules.ts";
import {
  listenerModel,
  observedListener,
  path,
  rule,
  seen,
  serviceModel,
  stepsOf,
  inOrder,
  to,
  unusable,
} from "./listener.ts";

const plan = (want: readonly RuleModel[], have: readonly ObservedRule[], rulesPerListener = 10): Plan => {
  const listener = listenerModel(want);
  return planRules(serviceModel([listener]), listener, observedListener(have), {
    ...defaultQuotas,
    rulesPerListener,
  });
};
const [a, b, c, all] = [path("exact", "/a"), path("exact", "/b"), path("exact", "/c"), path("prefix", "/")];
/** A change in one line. */
const lines = (made: Plan): readonly string[] =>
  made.map((change) => {
    switch (change.do) {
      case "create-rule":
        return `create ${change.match.path?.value} at ${change.priority}`;
      case "update-rules":
        return `update ${change.updates.map((one) => `${one.rule}${one.priority === undefined ? "" : ` to ${one.priority}`}${one.action === undefined ? "" : " action"}${one.match === undefined ? "" : " match"}`).join(", ")}`;
      case "delete-rule":
        return `delete ${change.rule.name}`;
      case "leave":
        return `leave (${change.blocks}): ${change.because}`;
      default:
        return change.do;
    }
  });

/** A rule behind whose new group nothing answers, and what is said of it. */
const dead = (match: RuleMatch): RuleModel => rule(match, to("9"), { unusable: unusable("9") });
const stays = "leave (pending): Service 9: 0 endpoints are ready and registered; traffic stays where it is";

/** What is wanted, what there is, and what is done about it. */
const cases: readonly [string, readonly RuleModel[], readonly ObservedRule[], readonly string[]][] = [
  [
    "nothing differs, nothing is called",
    [rule(a, to("1")), rule(all, to("2"))],
    [seen(10, a, to("1")), seen(20, all, to("2"))],
    [],
  ],
  [
    "the first rules are numbered in tens",
    [rule(a, to("1")), rule(b, to("1")), rule(all, to("2"))],
    [],
    ["create /a at 10", "create /b at 20", "create / at 30"],
  ],
  ["a changed action is one call", [rule(a, to("2"))], [seen(10, a, to("1"))], ["update name-10 action"]],
  [
    "two changed actions are one call",
    [rule(a, to("3")), rule(b, to("3"))],
    [seen(10, a, to("1")), seen(20, b, to("2"))],
    ["update name-10 action, name-20 action"],
  ],
  [
    "a new rule comes into the gap, and no number that is in order changes",
    [rule(a, to("1")), rule(b, to("1")), rule(all, to("2"))],
    [seen(3, a, to("1")), seen(7, all, to("2"))],
    ["create /b at 5"],
  ],
  [
    "a rule that is no longer wanted goes last",
    [rule(b, to("2"))],
    [seen(10, a, to("1"))],
    ["create /b at 20", "delete name-10"],
  ],
  [
    "the order that the user wants is made in one batch",
    [rule(b, to("2")), rule(a, to("1"))],
    [seen(10, a, to("1")), seen(20, b, to("2"))],
    ["update name-10 to 30"],
  ],
  [
    "a rule whose group is not there yet is not made, and nothing is taken away meanwhile",
    [rule(a, { do: "wait", for: [] }), rule(all, to("2"))],
    [seen(10, b, to("1")), seen(20, all, to("2"))],
    ["leave (pending): waits for "],
  ],
  [
    "what comes after a rule that is not there yet, and could answer for it, waits too; what could not is made",
    [rule(a, { do: "wait", for: [] }), rule(b, to("1")), rule(all, to("2"))],
    [],
    ["create /b at 20", "leave (pending): waits for "],
  ],
  [
    "nor does such a rule do something else before",
    [rule(a, { do: "wait", for: [] }), rule(b, to("2")), rule(all, to("2"))],
    [seen(10, b, to("1")), seen(20, all, to("1"))],
    ["update name-10 action", "leave (pending): waits for "],
  ],
  [
    "what a rule that waits has no request in common with goes on: it is made, changed, moved and deleted",
    [rule(a, { do: "wait", for: [] }), rule(c, to("2")), rule(b, to("1"))],
    [seen(10, a, to("1")), seen(20, b, to("1")), seen(30, path("exact", "/d"), to("1"))],
    ["create /c at 15", "leave (pending): waits for ", "delete name-30"],
  ],
  [
    "what answers requests of a rule that stays as it is goes on answering them, and the rest goes",
    [dead(a)],
    [seen(10, all, to("1")), seen(20, a, to("2")), seen(30, c, to("3"))],
    [stays, "delete name-30"],
  ],
  [
    "and so does what answers requests of that",
    [dead(a)],
    [seen(10, b, to("3")), seen(20, all, to("1")), seen(30, a, to("2"))],
    [stays],
  ],
  [
    "a rule does not come below one that stays as it is, nor does something else before; others do",
    [dead(all), rule(a, to("4")), rule(b, to("3"))],
    [seen(10, a, to("1")), seen(20, all, to("2")), seen(30, b, to("1"))],
    ["update name-30 action", stays],
  ],
  [
    "more rules than the quota allows are refused",
    [rule(a, to("1")), rule(b, to("1")), rule(c, to("1"))],
    [],
    ["leave (refused): needs 3 rules, quota 2"],
  ],
];

describe("rules of a listener", () => {
  test.each(cases)("%s", (_what, want, have, expected) => {
    expect(lines(plan(want, have, expected[0]?.includes("quota 2") === true ? 2 : 10))).toEqual(expected);
  });

  test("on a full listener a leaving rule is rewritten in place, never deleted first", () => {
    const made = plan([rule(c, to("3")), rule(b, to("2"))], [seen(10, a, to("1")), seen(20, b, to("2"))], 2);
    expect(lines(made)).toEqual(["update name-10 to 11 action match"]);
    expect(price(made)).toBe(1);
  });

  test("traffic is not moved to a group behind which nothing answers", () => {
    const want = rule(a, to("2"), { unusable: unusable("2") });
    const made = plan([want], [seen(10, a, to("1"))]);
    expect(lines(made)).toEqual([
      "leave (pending): Service 2: 0 endpoints are ready and registered; traffic stays where it is",
    ]);
    // A weight that only shifts between groups that are used already is the user's own choice.
    const shifted = rule(
      a,
      {
        do: "forward",
        groups: [
          { id: "1", weight: 9 },
          { id: "2", weight: 1 },
        ],
      },
      { unusable: unusable("2") },
    );
    expect(lines(plan([shifted], [seen(10, a, to("1", "2"))]))).toEqual(["update name-10 action"]);
  });

  test("thirty weights of one deployment cost three calls", () => {
    const paths = Array.from({ length: 30 }, (_, index) => path("exact", `/${index}`));
    const have = paths.map((one, index) => seen(10 * (index + 1), one, to("1")));
    const made = plan(
      paths.map((one) => rule(one, to("2"))),
      have,
      100,
    );
    expect(made.map((one) => one.do)).toEqual(["update-rules", "update-rules", "update-rules"]);
  });

  test("a plan carried out leaves nothing to plan", () => {
    const have = [seen(10, a, to("1")), seen(20, b, to("2")), seen(30, all, to("1"))];
    const want = [rule(c, to("3")), rule(b, to("1")), rule(a, to("2"))];
    const after = inOrder(stepsOf(have, plan(want, have)).at(-1) ?? []);
    expect(plan(want, after)).toEqual([]);
    expect(after.map((one) => one.match)).toEqual([c, b, a]);
  });
});
