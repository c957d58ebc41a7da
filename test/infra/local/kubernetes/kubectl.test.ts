import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { KubeObject } from "../../../../infra/local/kubernetes/objects.ts";
import { startApi, type TestApi } from "./api.ts";
import * as gateways from "./rules/gateways.ts";
import * as routes from "./rules/routes.ts";

/** What kubectl sends for its everyday commands, as it was seen to. */
let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.server.close());

const group = "gateway.networking.k8s.io";
const table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const strict = "fieldManager=kubectl-client-side-apply&fieldValidation=Strict";

const openapi = z.looseObject({
  components: z.object({
    schemas: z.record(
      z.string(),
      z.object({
        properties: z.record(z.string(), z.looseObject({ description: z.string().optional() })),
        "x-kubernetes-group-version-kind": z.array(z.object({ kind: z.string(), version: z.string() })),
      }),
    ),
  }),
});

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

/** The columns that are shown without `-o wide`, and the first cells of each row. */
async function columnsOf(path: string): Promise<readonly [readonly string[], readonly unknown[]]> {
  const { columnDefinitions, rows } = (await api.call("GET", path, { accept: table }))
    .body as unknown as Table;
  return [
    columnDefinitions.filter((one) => one.priority === 0).map((one) => one.name),
    rows.map((one) => one.cells.slice(0, 2)),
  ];
}

const kinds = [
  { ...gateways.listenerSet, columns: ["Name", "Accepted", "Programmed", "Age"], second: "Unknown" },
  { ...routes.grpcRoute, columns: ["Name", "Hostnames", "Age"], second: "" },
  { ...routes.tlsRoute, columns: ["Name", "Age"], second: expect.stringMatching(/^\d+s$/) as unknown },
  {
    ...gateways.backendTlsPolicy,
    columns: ["Name", "Age"],
    second: expect.stringMatching(/^\d+s$/) as unknown,
  },
] as const;

describe.each(kinds)("of a $kind", ({ plural, kind, spec, onCreate, columns, second }) => {
  const path = `/apis/${group}/v1/namespaces/default/${plural}`;
  const object = (name: string) => ({ apiVersion: `${group}/v1`, kind, metadata: { name }, spec });

  test("explain finds what the definition says of its fields", async () => {
    const { body } = await api.call("GET", `/openapi/v3/apis/${group}/v1`);
    const { components } = openapi.parse(body);
    const [found] = Object.values(components.schemas).filter((one) =>
      one["x-kubernetes-group-version-kind"].some((its) => its.kind === kind && its.version === "v1"),
    );
    expect(found?.properties["spec"]?.description).toMatch(/^Spec defines/);
    expect(Object.keys(found?.properties ?? {})).toEqual(
      expect.arrayContaining(["apiVersion", "kind", "metadata"]),
    );
  });

  test("apply creates, and an apply of the same changes nothing; a field that nobody knows is an error", async () => {
    const created = await api.call("POST", `${path}?${strict}`, { body: object("applied") });
    expect(created.status).toBe(201);
    const again = await api.call("PATCH", `${path}/applied?${strict}`, {
      body: { spec },
      type: "application/merge-patch+json",
    });
    expect(again.body.metadata.resourceVersion).toBe(created.body.metadata.resourceVersion);
    const unknown = { ...object("unknown"), spec: { ...spec, colour: "red" } };
    expect((await api.call("POST", `${path}?${strict}`, { body: unknown })).body["message"]).toContain(
      'strict decoding error: unknown field "spec.colour"',
    );
  });

  test("apply --server-side creates, changes nothing the second time, and takes away what is no longer applied", async () => {
    const apply = (labels: Readonly<Record<string, string>>) =>
      api.call("PATCH", `${path}/ssa?fieldManager=kubectl`, {
        body: { ...object("ssa"), metadata: { name: "ssa", labels } },
        type: "application/apply-patch+yaml",
      });
    const created = await apply({ team: "a", tier: "web" });
    expect([created.status, created.body.metadata.generation]).toEqual([201, 1]);
    const again = await apply({ team: "a", tier: "web" });
    expect(again.body.metadata.generation).toBe(1);
    expect((await apply({ team: "b" })).body.metadata.labels).toEqual({ team: "b" });
  });

  test("patch changes, and counts a generation; label does not", async () => {
    await api.call("POST", path, { body: object("patched") });
    const patch = (body: object, type: string) => api.call("PATCH", `${path}/patched`, { body, type });
    const labelled = await patch({ metadata: { labels: { team: "a" } } }, "application/merge-patch+json");
    expect(labelled.body.metadata).toMatchObject({ generation: 1, labels: { team: "a" } });
    const [[, change] = []] = Object.values(onCreate);
    const merged = await patch({ spec: change }, "application/merge-patch+json");
    expect(merged.body.metadata.generation).toBe(2);
    const operations = Object.entries(spec).map(([key, value]) => ({
      op: "replace",
      path: `/spec/${key}`,
      value,
    }));
    const back = await patch(operations, "application/json-patch+json");
    expect(back.body.metadata.generation).toBe(3);
    expect((await patch({ spec }, "application/strategic-merge-patch+json")).status).toBe(415);
  });

  test("get prints the columns of its CRD", async () => {
    await api.call("POST", path, { body: object("printed") });
    const [names, cells] = await columnsOf(`${path}?fieldSelector=metadata.name%3Dprinted`);
    expect(names).toEqual(columns);
    expect(cells).toEqual([["printed", second]]);
  });

  test("delete says what went", async () => {
    await api.call("POST", path, { body: object("deleted") });
    const { body } = await api.call("DELETE", `${path}/deleted`);
    expect(body).toMatchObject({ status: "Success", details: { name: "deleted", group, kind: plural } });
    expect((await api.call("GET", `${path}/deleted`)).status).toBe(404);
  });
});

describe("a dry run", () => {
  const path = `/apis/${group}/v1/namespaces/default/tlsroutes`;
  const body = { metadata: { name: "dry" }, spec: routes.tlsRoute.spec };

  test("says what would be stored, and stores nothing", async () => {
    const version = api.store.version();
    const created = await api.call("POST", `${path}?dryRun=All`, { body });
    expect(created.body["spec"]).toMatchObject({ parentRefs: [{ group, kind: "Gateway", name: "front" }] });
    expect(api.store.version()).toBe(version);
    expect((await api.call("GET", `${path}/dry`)).status).toBe(404);
  });

  test("refuses what would be refused", async () => {
    const spec = { ...body.spec, hostnames: ["10.0.0.1"] };
    const refused = await api.call("POST", `${path}?dryRun=All`, { body: { ...body, spec } });
    expect(refused.body).toMatchObject({
      code: 422,
      details: {
        name: "dry",
        group,
        kind: "TLSRoute",
        causes: [{ field: "spec.hostnames", reason: "FieldValueInvalid" }],
      },
    });
  });
});

describe("a kind that is served in two versions", () => {
  const both = [gateways.gatewayClass, gateways.gateway, routes.httpRoute, gateways.referenceGrant];

  test.each(both)("$kind is one object in both", async ({ plural, kind, spec }) => {
    const place = plural === "gatewayclasses" ? "" : "namespaces/default/";
    const at = (version: string) => `/apis/${group}/${version}/${place}${plural}`;
    const apiVersion = `${group}/v1beta1`;
    const old = await api.call("POST", at("v1beta1"), {
      body: { apiVersion, kind, metadata: { name: "both" }, spec },
    });
    expect([old.status, old.body.apiVersion]).toEqual([201, apiVersion]);
    const now = await api.call("GET", `${at("v1")}/both`);
    expect(now.body).toEqual({ ...old.body, apiVersion: `${group}/v1` });
    const watch = await api.watch(`${at("v1")}?watch=1&resourceVersion=${api.store.version()}`);
    await api.call("PATCH", `${at("v1beta1")}/both`, {
      body: { metadata: { labels: { seen: "yes" } } },
      type: "application/merge-patch+json",
    });
    expect(await watch.next()).toMatchObject({
      type: "MODIFIED",
      object: { apiVersion: `${group}/v1`, metadata: { labels: { seen: "yes" } } },
    });
    const { body } = await api.call("GET", at("v1beta1"));
    const { items } = body as unknown as { readonly items: readonly KubeObject[] };
    expect([body.kind, ...items.map((one) => one.apiVersion)]).toEqual([`${kind}List`, apiVersion]);
    expect(JSON.stringify((await api.call("GET", "/apis")).body)).toContain(
      `"preferredVersion":{"groupVersion":"${group}/v1"`,
    );
  });
});

test("what kubectl create sends as protobuf is answered with what is understood, and how to send that", async () => {
  const answer = await api.call("POST", "/api/v1/namespaces/default/secrets", {
    body: "k8s\0",
    type: "application/vnd.kubernetes.protobuf",
  });
  expect(answer.body).toMatchObject({
    code: 415,
    message: expect.stringMatching(
      /application\/json, application\/yaml.*--dry-run=client -o yaml.*kubectl apply -f -/,
    ) as unknown,
  });
});

test("metadata that no server could decode is refused, and what kubectl leaves null in it is not there", async () => {
  const secret = (metadata: object) =>
    api.call("POST", "/api/v1/namespaces/default/secrets", {
      body: { apiVersion: "v1", kind: "Secret", metadata: { name: "decoded", ...metadata } },
    });
  expect((await secret({ labels: { version: 1 } })).body).toMatchObject({
    code: 400,
    message: expect.stringContaining("metadata.labels.version") as unknown,
  });
  expect((await secret({ creationTimestamp: null })).status).toBe(201);
});
