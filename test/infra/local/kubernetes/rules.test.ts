import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { carrierOf } from "../../../../functions/compile/routekinds.ts";
import { crds } from "../../../../infra/local/fleet/crds.ts";
import { createAdmission } from "../../../../infra/local/kubernetes/admission.ts";
import type { KubeObject } from "../../../../infra/local/kubernetes/objects.ts";
import { mergePatched } from "../../../../infra/local/kubernetes/patch.ts";
import { isObject } from "../../../../infra/local/kubernetes/schema.ts";
import { KubeError } from "../../../../infra/local/kubernetes/status.ts";
import { createStore } from "../../../../infra/local/kubernetes/store.ts";
import * as gateways from "./rules/gateways.ts";
import * as routes from "./rules/routes.ts";
import type { KindRules, Rules } from "./rules/table.ts";

const kinds: readonly KindRules[] = [...Object.values(gateways), ...Object.values(routes)];
const definitions = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };

/** A store that serves these definitions. */
function storeOf(all: readonly KubeObject[]) {
  const store = createStore({ now: () => 0, uid: () => "uid", admit: createAdmission() });
  for (const crd of all) store.create(definitions, crd);
  return store;
}

const withoutEnums = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutEnums);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([key, one]) => !(key === "enum" && Array.isArray(one)));
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutEnums(one)]));
};

const store = storeOf(crds);
const loose = storeOf(crds.map((crd) => withoutEnums(crd) as KubeObject));

/** Rule and message of every rule in a schema. */
function* rulesIn(value: unknown): Generator<{ readonly rule: string; readonly message: string }> {
  if (Array.isArray(value)) for (const one of value) yield* rulesIn(one);
  if (!isObject(value)) return;
  const here = value["x-kubernetes-validations"];
  if (Array.isArray(here)) yield* here as { readonly rule: string; readonly message: string }[];
  for (const one of Object.values(value)) yield* rulesIn(one);
}

const nameOf = ({ plural }: KindRules) => ({ group: "gateway.networking.k8s.io", version: "v1", plural });
let count = 0;
const objectOf = (of: KindRules, change: object): KubeObject => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: of.kind,
  metadata: { name: `one-${(count += 1)}`, namespace: "default" },
  spec: mergePatched(of.spec, change),
});

/** What a store has against a change of a valid object of a kind: the messages of its causes. */
function refusal(act: () => unknown): readonly string[] {
  try {
    act();
    return [];
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 422) throw error;
    return error.causes.map((one) => one.message);
  }
}

const created = (of: KindRules, change: object) =>
  refusal(() => store.create(nameOf(of), objectOf(of, change)));
const createdLoose = (of: KindRules, change: object) =>
  refusal(() => loose.create(nameOf(of), objectOf(of, change)));
const updated = (of: KindRules, change: object) => {
  const { metadata } = store.create(nameOf(of), objectOf(of, {}));
  return refusal(() => store.mergePatch(nameOf(of), metadata, { spec: change }));
};
const withStatus = (of: KindRules, change: object) => {
  const { metadata } = store.create(nameOf(of), objectOf(of, {}));
  return refusal(() => store.mergePatch(nameOf(of), metadata, { status: change }, "status"));
};

const groups = (of: KindRules): readonly [Rules | undefined, typeof created][] => [
  [of.onCreate, created],
  [of.onUpdate, updated],
  [of.onStatus, withStatus],
  [of.behindEnums, createdLoose],
];
const messagesOf = (of: KindRules): readonly string[] =>
  groups(of).flatMap(([rules]) => Object.keys(rules ?? {}));
const crdOf = ({ kind }: KindRules): KubeObject | undefined =>
  crds.find((crd) => JSON.stringify(crd["spec"]).includes(`"kind":"${kind}"`));

test("every kind of the standard is here, and every rule of each", () => {
  expect(kinds.map((one) => `${one.plural}.gateway.networking.k8s.io`).toSorted()).toEqual(
    crds.map((crd) => crd.metadata.name).toSorted(),
  );
  for (const one of kinds)
    expect([
      one.kind,
      [...new Set([...rulesIn(crdOf(one))].map(({ message }) => message))].toSorted(),
    ]).toEqual([one.kind, messagesOf(one).toSorted()]);
  expect(new Set([...rulesIn(crds)].map(({ rule }) => rule)).size).toBe(79);
});

test.each(Object.values(carrierOf))("what a condition says to write is taken: %s", (said) => {
  const listener: unknown = parse(said.slice(said.indexOf("{"), said.lastIndexOf("}") + 1));
  expect(created(gateways.gateway, { listeners: [listener] })).toEqual([]);
});

describe.each(kinds)("$kind", (of) => {
  test("as it is, is taken", () => {
    expect(created(of, {})).toEqual([]);
  });

  const cases = groups(of).flatMap(([rules, act]) =>
    Object.entries(rules ?? {}).map(([message, [broken, whole, ...others]]) => ({
      message,
      broken,
      whole,
      expected: [message, ...others],
      act,
    })),
  );
  test.for(cases)("$message", ({ broken, whole, expected, act }) => {
    const known = messagesOf(of);
    const said = act(of, broken).map((message) => known.find((one) => message.endsWith(`: ${one}`)));
    expect([...new Set(said)].filter((one) => one !== undefined).toSorted()).toEqual(
      [...expected].toSorted(),
    );
    expect(act(of, whole)).toEqual([]);
  });
});
