import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";

import { wishPlace } from "../../../functions/bus/wish.ts";
import { allKinds, kinds } from "../../../functions/model/objects.ts";

const folder = new URL("../../../infra/cluster/", import.meta.url);
const object = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
});
const rule = z.object({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  resourceNames: z.array(z.string()).optional(),
  verbs: z.array(z.string()),
});
const read = (file: string): string => readFileSync(new URL(file, folder), "utf8");
const { resources } = z.object({ resources: z.array(z.string()) }).parse(parse(read("kustomization.yaml")));
const objects = resources.flatMap((file) =>
  parseAllDocuments(read(file)).map((document) => object.parse(document.toJS())),
);
const find = (kind: string, name: string) => {
  const found = objects.find((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
};
const rulesOf = (kind: string, name: string) => z.array(rule).parse(find(kind, name).rules);

test("the kustomization lists every manifest of the folder", () => {
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml") && file !== "kustomization.yaml");
  expect(resources.toSorted()).toEqual(files.toSorted());
});

describe("the forwarder", () => {
  test("may list and watch exactly the kinds that it sends, and change none of them", () => {
    const allowed = rulesOf("ClusterRole", "espalier-forwarder").flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.map((plural) => `${group}/${plural}: ${verbs.join(" ")}`)),
    );
    const needed = allKinds.map((kind) => `${kinds[kind].group}/${kinds[kind].plural}: get list watch`);
    expect(allowed.toSorted()).toEqual(needed.toSorted());
  });

  test("reads Secrets and CRDs in no wider a rule than theirs, so that an operator can take either away alone", () => {
    const rules = rulesOf("ClusterRole", "espalier-forwarder");
    for (const plural of ["secrets", "customresourcedefinitions"])
      expect(rules.filter(({ resources }) => resources.includes(plural))).toMatchObject([
        { resources: [plural] },
      ]);
  });

  test("writes nothing in its namespace but its own Lease", () => {
    const writes = rulesOf("Role", "espalier-forwarder").filter(({ verbs }) =>
      verbs.some((verb) => !["get", "list", "watch"].includes(verb)),
    );
    expect(writes.flatMap(({ resources }) => resources)).toEqual(["leases", "leases"]);
    expect(writes.map(({ verbs, resourceNames }) => [verbs, resourceNames])).toEqual([
      [["create"], undefined],
      [["get", "update"], [wishPlace.configMap]],
    ]);
  });

  test("runs under the restricted pod security standard", () => {
    const text = JSON.stringify(find("Deployment", wishPlace.configMap));
    for (const needed of [
      '"runAsNonRoot":true',
      '"allowPrivilegeEscalation":false',
      '"drop":["ALL"]',
      '"type":"RuntimeDefault"',
      '"readOnlyRootFilesystem":true',
    ]) {
      expect(text).toContain(needed);
    }
  });

  test("watches the ConfigMap that the control plane may annotate, in the namespace where both look", () => {
    expect(find("ConfigMap", wishPlace.configMap).metadata.namespace).toBe(wishPlace.namespace);
    expect(rulesOf("Role", "espalier-status")).toEqual([
      {
        apiGroups: [""],
        resources: ["configmaps"],
        resourceNames: [wishPlace.configMap],
        verbs: ["get", "patch"],
      },
    ]);
  });
});

test("the control plane may write no spec by update and nothing beyond the kinds whose status it owns, DNS endpoints and service accounts, of which it deletes none", () => {
  const rules = rulesOf("ClusterRole", "espalier-status");
  expect(
    rules.flatMap(({ resources, verbs }) => resources.map((name) => `${name}: ${verbs.join(" ")}`)),
  ).toEqual([
    "gatewayclasses/status: get patch update",
    "gateways/status: get patch update",
    "listenersets/status: get patch update",
    "httproutes/status: get patch update",
    "grpcroutes/status: get patch update",
    "tlsroutes/status: get patch update",
    "gatewayclasses: get patch",
    "gateways: get patch",
    "listenersets: get patch",
    "httproutes: get patch",
    "grpcroutes: get patch",
    "tlsroutes: get patch",
    "dnsendpoints: get create patch delete",
    "serviceaccounts: get create patch",
  ]);
  expect(find("ClusterRoleBinding", "espalier-status").subjects).toMatchObject([
    { kind: "Group", name: "espalier:status" },
  ]);
});
