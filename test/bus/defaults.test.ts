import { expect, test } from "vitest";

import { parseObject } from "../../functions/bus/objects.ts";
import { isKind, kinds, type Kind } from "../../functions/model/objects.ts";
import { crds } from "../../infra/local/fleet/crds.ts";
import { createAdmission } from "../../infra/local/kubernetes/admission.ts";
import { mergePatched } from "../../infra/local/kubernetes/patch.ts";
import { createStore } from "../../infra/local/kubernetes/store.ts";
import * as gateways from "../infra/local/kubernetes/rules/gateways.ts";
import * as routes from "../infra/local/kubernetes/rules/routes.ts";
import type { KindRules } from "../infra/local/kubernetes/rules/table.ts";

const definitions = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
const store = createStore({ now: () => 0, uid: () => "uid", admit: createAdmission() });
for (const crd of crds) store.create(definitions, crd);

const read: readonly (KindRules & { readonly kind: Kind })[] = [
  ...Object.values(gateways),
  ...Object.values(routes),
].flatMap((one) => (isKind(one.kind) ? [{ ...one, kind: one.kind }] : []));

/** Everything that users may write, as the tables of the rules have it. */
const specsOf = ({ spec, onCreate }: KindRules): readonly unknown[] => [
  spec,
  ...Object.values(onCreate).map(([, whole]) => mergePatched(spec, whole)),
];

test.each(read)("a $kind reads the same with the API server's defaults and without", (of) => {
  const { group, plural, namespaced } = kinds[of.kind];
  for (const [index, spec] of specsOf(of).entries()) {
    const stored = store.create(
      { group, version: "v1", plural },
      {
        apiVersion: `${group}/v1`,
        kind: of.kind,
        metadata: { name: `one-${index}`, ...(namespaced ? { namespace: "default" } : {}) },
        spec,
      },
    );
    const { metadata } = stored;
    const whole = parseObject<Kind>(of.kind, stored);
    expect(whole.ok ? "" : whole.problems).toBe("");
    expect(parseObject<Kind>(of.kind, { metadata, spec })).toEqual(whole);
  }
});
