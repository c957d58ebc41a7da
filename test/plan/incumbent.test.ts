import { describe, expect, test } from "vitest";
import { defaultQuotas } from "../../functions/model/limits.ts";
import type { ObservedRule, ObservedService, RuleModel } from "../../functions/model/lattice.ts";
import type { Plan } from "../../functions/plan/change.ts";
import { planService } from "../../functions/plan/service.ts";
import {
  inOrder,
  listenerModel,
  observedListener,
  observedService,
  path,
  rule,
  seen,
  serviceModel,
  stepsOf,
  to,
} from "./listener.ts";

/** A service that a moved cluster has: the in-cluster controller made it. */
const service = (rules: readonly ObservedRule[], more: Partial<ObservedService> = {}): ObservedService =>
  observedService([observedListener(rules)], {
    associations: [{ id: "snsa-1", network: "sn-prod", lifecycle: "active" }],
    ...more,
  });
const plan = (want: readonly RuleModel[], have: ObservedService, customDomainName?: string): Plan =>
  planService(
    serviceModel([{ ...listenerModel(want), dense: true }], { customDomainName }),
    have,
    defaultQuotas,
    [],
  );
const [a, b, all] = [path("exact", "/a"), path("exact", "/b"), path("prefix", "/")];
const numbers = (have: readonly ObservedRule[], made: Plan): readonly number[] =>
  inOrder(stepsOf(have, made).at(-1) ?? have).map((one) => one.priority);

describe("the numbers of the in-cluster controller", () => {
  test("the first rules are numbered from 1", () => {
    const made = plan([rule(a, to("1")), rule(b, to("1")), rule(all, to("2"))], service([]));
    expect(numbers([], made)).toEqual([1, 2, 3]);
  });

  test("a number that is in order stays, whatever it is, and the next one follows", () => {
    const have = [seen(3, a, to("1")), seen(7, b, to("1"))];
    const made = plan([rule(a, to("1")), rule(b, to("1")), rule(all, to("2"))], service(have));
    expect(numbers(have, made)).toEqual([3, 7, 8]);
  });

  test("where there is no room the next ones move on", () => {
    const have = [seen(1, a, to("1")), seen(2, all, to("2"))];
    const made = plan([rule(a, to("1")), rule(b, to("1")), rule(all, to("2"))], service(have));
    expect(numbers(have, made)).toEqual([1, 2, 3]);
  });
});

test("two backends of one target group are one to Lattice or two, and nothing differs", () => {
  const have = { do: "forward", groups: ["1", "1", "2"].map((id) => ({ id, weight: 5 })) } as const;
  const want = {
    do: "forward",
    groups: [
      { id: "2", weight: 5 },
      { id: "1", weight: 10 },
    ],
  } as const;
  expect(plan([rule(all, want)], service([seen(1, all, have)]))).toEqual([]);
});

test("a hostname that changes is ignored, with a reason, and all else goes on", () => {
  const have = service([seen(1, all, to("1"))], { customDomainName: "old.example.com" });
  expect(plan([rule(all, to("2"))], have, "new.example.com")).toMatchObject([
    {
      do: "leave",
      blocks: "refused",
      because: expect.stringContaining("is old.example.com and cannot become new.example.com"),
    },
    { do: "update-rules", updates: [{ rule: "name-1", action: to("2") }] },
  ]);
});

test("what passes TLS through stays while somebody must act, and is refused, not waited for, as a rule would be", () => {
  const waits = (because?: string): Plan =>
    planService(
      serviceModel([
        {
          ...listenerModel([]),
          protocol: "TLS_PASSTHROUGH",
          defaultAction: { do: "wait", for: [], ...(because === undefined ? {} : { because }) },
        },
      ]),
      service([], {
        listeners: [{ ...observedListener([]), protocol: "TLS_PASSTHROUGH", defaultAction: to("1") }],
      }),
      defaultQuotas,
      [],
    );
  expect(waits("ServiceImport v2 is not served")).toMatchObject([{ do: "leave", blocks: "refused" }]);
  expect(waits()).toMatchObject([{ do: "leave", blocks: "pending" }]);
});
