import { expect, test } from "vitest";
import { defaultQuotas } from "../../functions/model/limits.ts";
import type { ObservedAssociation, RuleModel } from "../../functions/model/lattice.ts";
import { asRootKey } from "../../functions/model/ids.ts";
import { planService } from "../../functions/plan/service.ts";
import {
  listenerModel,
  observedListener,
  observedService,
  path,
  rule,
  seen,
  serviceModel,
  to,
} from "./listener.ts";

const all = path("prefix", "/");
const old = [rule(all, to("1"))];
const changed = [rule(all, to("2"))];
const coming = asRootKey("target-group/east/HTTPRoute/shop/checkout/_/shop/cart/80/HTTP/HTTP1/IPV4");
const waiting = [rule(all, { do: "wait", for: [coming] })];
const refused = [rule(all, { do: "wait", for: [coming], because: "an import" })];

/** What is done, with networks by their names, for a service that answers for `/` with group 1. */
function doneFor(
  networks: readonly string[],
  rules: readonly RuleModel[],
  has: Readonly<Record<string, ObservedAssociation["lifecycle"]>>,
  listens: "to all" | "to nobody" | "not" = "to all",
): readonly string[] {
  const rulesThere = listens === "to all" ? [seen(10, all, to("1"))] : [];
  const have = observedService(listens === "not" ? [] : [observedListener(rulesThere)], {
    associations: Object.entries(has).map(([network, lifecycle]) => ({
      id: `snsa-${network}`,
      network,
      lifecycle,
    })),
  });
  const want = serviceModel([listenerModel(rules)], {
    networks: networks.map((id) => ({ name: id, id, arn: `arn:${id}` })),
  });
  return planService(want, have, defaultQuotas, ["prod", "inner"]).map((change) => {
    switch (change.do) {
      case "associate":
        return `into ${change.network.id}`;
      case "disassociate":
        return `out of ${change.network}`;
      case "leave":
        return `${change.what} ${change.blocks}`;
      default:
        return change.do;
    }
  });
}

const active = "active";

/** The networks that are wanted, the rules, and the networks that it is in; and what is done. */
test.each<readonly [string, Parameters<typeof doneFor>, readonly string[]]>([
  ["a network more, and nothing else", [["prod", "inner"], old, { prod: active }], ["into inner"]],
  [
    "a network more sees the new rules only",
    [["prod", "inner"], changed, { prod: active }],
    ["update-rules", "into inner"],
  ],
  [
    "a network more waits for what the rules wait for",
    [["prod", "inner"], waiting, { prod: active }],
    ["listener http pending", "network inner pending"],
  ],
  [
    "what a person has to mend keeps no network out",
    [["prod", "inner"], refused, { prod: active }],
    ["listener http refused", "into inner"],
  ],
  ["a network less, and nothing else", [["prod"], old, { prod: active, inner: active }], ["out of inner"]],
  [
    "a network less does not see the new rules",
    [["prod"], changed, { prod: active, inner: active }],
    ["out of inner", "its rules pending"],
  ],
  [
    "the rules change once it is out",
    [["prod"], changed, { prod: active, inner: "deleting" }],
    ["its rules pending"],
  ],
  [
    "what Lattice cannot undo stops no rule",
    [["prod"], changed, { prod: active, inner: "delete-failed" }],
    ["out of inner", "update-rules"],
  ],
  [
    "one network for another, and nothing else",
    [["inner"], old, { prod: active }],
    ["out of prod", "into inner"],
  ],
  [
    "one network for another, and new rules: out first",
    [["inner"], changed, { prod: active }],
    ["out of prod", "its rules pending"],
  ],
  ["then the rules, then in", [["inner"], changed, {}], ["update-rules", "into inner"]],
  [
    "what was associated by hand stays, and nothing waits for it",
    [["prod"], changed, { prod: active, theirs: active }],
    ["update-rules"],
  ],
  [
    "without a rule nobody is answered, so it is early in its networks",
    [["prod"], old, {}, "not"],
    ["into prod", "create-listener", "create-rule"],
  ],
  [
    "also where its listeners are there already",
    [["prod"], waiting, {}, "to nobody"],
    ["into prod", "listener http pending"],
  ],
])("%s", (_, asked, expected) => {
  expect(doneFor(...asked)).toEqual(expected);
});
