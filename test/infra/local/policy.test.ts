import { expect, test } from "vitest";
import { evaluate, statementsOf } from "../../../infra/local/aws/policy.ts";

const forwarder = "arn:aws:iam::111122223333:role/forwarder-east";
const ask = (over: Partial<Parameters<typeof evaluate>[1]> = {}) => ({
  principal: forwarder,
  action: "events:PutEvents",
  resource: "arn:aws:events:eu-central-1:111122223333:event-bus/espalier",
  context: { "events:source": ["espalier.east"] },
  ...over,
});
const policy = (statement: unknown) => statementsOf({ Statement: statement });
const allowing = (over: Readonly<Record<string, unknown>>) =>
  policy({ Effect: "Allow", Action: "events:PutEvents", Resource: "*", ...over });

test("nothing is allowed by silence, and a denial wins", () => {
  expect(evaluate([], ask())).toBe("silent");
  expect(evaluate(allowing({}), ask())).toBe("allowed");
  const denied = policy({ Effect: "Deny", Action: "events:*", Resource: "*" });
  expect(evaluate([...allowing({}), ...denied], ask())).toBe("denied");
});

test.each([
  ["another action", { Action: "events:PutRule" }, "silent"],
  ["an action by pattern, in any case", { Action: ["EVENTS:put*"] }, "allowed"],
  ["another resource", { Resource: "arn:aws:events:*:*:event-bus/other" }, "silent"],
  ["a resource by pattern", { Resource: ["arn:aws:events:*:111122223333:event-bus/*"] }, "allowed"],
  ["its principal", { Principal: { AWS: forwarder } }, "allowed"],
  ["another principal", { Principal: { AWS: `${forwarder}-2` } }, "silent"],
  ["its whole account", { Principal: { AWS: "arn:aws:iam::111122223333:root" } }, "allowed"],
  ["another account", { Principal: { AWS: ["444455556666"] } }, "silent"],
  ["everybody", { Principal: "*" }, "allowed"],
  ["a service", { Principal: { Service: "events.amazonaws.com" } }, "silent"],
  ["its source", { Condition: { StringEquals: { "events:source": "espalier.east" } } }, "allowed"],
  ["another source", { Condition: { StringEquals: { "events:source": ["espalier.west"] } } }, "silent"],
  ["a source by pattern", { Condition: { StringLike: { "events:source": "espalier.*" } } }, "allowed"],
  ["a key that the request lacks", { Condition: { StringEquals: { "aws:x": "y" } } }, "silent"],
])("a statement about %s", (_what, over, expected) => {
  expect(evaluate(allowing(over), ask())).toBe(expected);
});

test("every value of a request must be wanted", () => {
  const only = allowing({ Condition: { StringEquals: { "events:source": "espalier.east" } } });
  expect(evaluate(only, ask({ context: { "events:source": ["espalier.east", "espalier.west"] } }))).toBe(
    "silent",
  );
});

test("an element that is not understood is an error, not a hole", () => {
  expect(() => allowing({ NotAction: "events:PutEvents" })).toThrow();
  expect(() => allowing({ Condition: { NumericLessThan: { a: "1" } } })).toThrow();
});
