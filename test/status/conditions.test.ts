import { expect, test } from "vitest";
import { merged, type Said } from "../../functions/status/conditions.ts";

const now = "2026-01-01T00:00:00Z";
const say = (type: string, message: string): Said => ({
  type,
  status: "False",
  reason: "Because",
  message,
  generation: 3,
});
const types = ["Accepted", "ResolvedRefs", "Programmed", "PartiallyInvalid"];
const notes = ["Hostnames", "BackendPorts", "RuleFields", "ReferenceGrant", "ServiceName"].map(
  (name) => `espalier.dev/${name}`,
);
const all = [...types, ...notes].map((type) => say(type, `about ${type}`));

test("of more conditions than Kubernetes takes none is lost: minor notes share one, whatever order they are said in", () => {
  const found = merged([], all, now);
  expect(found).toHaveLength(8);
  const text = JSON.stringify(found);
  for (const { message } of all) expect(text).toContain(message);
  expect(found.at(-1)).toMatchObject({ type: "espalier.dev/Notes", status: "False", observedGeneration: 3 });
  expect(found.map(({ type }) => type)).toContain("espalier.dev/ServiceName");
  const turned = merged([], all.toReversed(), now);
  expect(turned.find(({ type }) => type === "espalier.dev/Notes")).toEqual(found.at(-1));
  expect(merged(found, all, now)).toEqual(found);
});

test("conditions of others have their places, and what was folded is itself again when there is room", () => {
  const theirs = {
    type: "example.com/Theirs",
    status: "True",
    lastTransitionTime: now,
    reason: "R",
    message: "",
  };
  const found = merged([theirs, ...merged([], all, now)], all, now);
  expect(found).toHaveLength(8);
  expect(found[0]).toEqual(theirs);
  const text = JSON.stringify(found);
  for (const { message } of all) expect(text).toContain(message);
  const fewer = merged(found, all.slice(0, 6), now);
  expect(fewer.map(({ type }) => type)).toEqual(["example.com/Theirs", ...types, ...notes.slice(0, 2)]);
});
