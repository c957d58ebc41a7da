import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dnsEndpoints } from "../../../support/externaldns.ts";
import { startApi, type TestApi } from "./api.ts";

const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const gateways = "/apis/gateway.networking.k8s.io/v1";
const metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
const metadataList = metadataOnly.replaceAll("Metadata;", "MetadataList;");

const ruled = (rule: string) => ({
  openAPIV3Schema: {
    type: "object",
    properties: { spec: { type: "object", "x-kubernetes-validations": [{ rule }] } },
  },
});
const endpoints = "/apis/externaldns.k8s.io/v1alpha1/namespaces/default/dnsendpoints";
const endpoint = (name: string) => ({
  metadata: { name },
  spec: { endpoints: [{ dnsName: "a.example.com", other: 1 }] },
});

interface Listed {
  readonly kind: string;
  readonly items: readonly { readonly kind: string; readonly metadata: { readonly name: string } }[];
}

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.server.close());

describe("the CRDs of the standard", () => {
  test("are objects that say which bundle they are of", async () => {
    const { body } = await api.call("GET", `${crds}/grpcroutes.gateway.networking.k8s.io`);
    expect(body.metadata.annotations).toMatchObject({
      "gateway.networking.k8s.io/bundle-version": "v1.6.1",
      "gateway.networking.k8s.io/channel": "standard",
    });
    expect(body["status"]).toMatchObject({ acceptedNames: { kind: "GRPCRoute" }, storedVersions: ["v1"] });
  });

  test("are listed and watched without their schemas by whoever asks for metadata", async () => {
    const { body } = await api.call("GET", crds, { accept: metadataList });
    const { kind, items } = body as unknown as Listed;
    expect(kind).toBe("PartialObjectMetadataList");
    expect(items.map((one) => one.metadata.name)).toContain("listenersets.gateway.networking.k8s.io");
    for (const one of items) expect(Object.keys(one).toSorted()).toEqual(["apiVersion", "kind", "metadata"]);
    const watch = await api.watch(`${crds}?watch=1&sendInitialEvents=true&allowWatchBookmarks=true`, {
      accept: metadataOnly,
    });
    for (const one of items) {
      const { type, object } = await watch.next();
      expect([type, object.kind, object.metadata.name]).toEqual([
        "ADDED",
        "PartialObjectMetadata",
        one.metadata.name,
      ]);
      expect(object).not.toHaveProperty("spec");
    }
    expect(await watch.next()).toMatchObject({ type: "BOOKMARK", object: { kind: "PartialObjectMetadata" } });
  });

  test("are served, with their status apart", async () => {
    const { body } = await api.call("GET", gateways);
    const { resources } = body as unknown as { readonly resources: readonly { readonly name: string }[] };
    const served = resources.map((one) => one.name);
    for (const plural of [
      "grpcroutes",
      "tlsroutes",
      "listenersets",
      "backendtlspolicies",
      "tcproutes",
      "udproutes",
    ])
      expect(served).toEqual(expect.arrayContaining([plural, `${plural}/status`]));
  });
});

describe("a CRD that is installed later", () => {
  test("is served from then on, and no longer when it is deleted; its objects and watches end with it", async () => {
    expect((await api.call("GET", endpoints)).status).toBe(404);
    expect((await api.call("POST", crds, { body: dnsEndpoints })).status).toBe(201);
    const created = await api.call("POST", endpoints, { body: endpoint("first") });
    expect(created.body["spec"]).toEqual({ endpoints: [{ dnsName: "a.example.com" }] });
    const wrong = await api.call("POST", endpoints, {
      body: { metadata: { name: "bad" }, spec: { endpoints: 1 } },
    });
    expect(wrong.status).toBe(422);
    const groups = await api.call("GET", "/apis");
    expect(JSON.stringify(groups.body)).toContain("externaldns.k8s.io/v1alpha1");
    const watch = await api.watch(`${endpoints}?watch=1`);
    expect((await watch.next()).type).toBe("ADDED");
    await api.call("DELETE", `${crds}/${dnsEndpoints.metadata.name}`);
    expect(await watch.next()).toMatchObject({ type: "DELETED", object: { metadata: { name: "first" } } });
    await watch.ended;
    expect((await api.call("GET", endpoints)).status).toBe(404);
    await api.call("POST", crds, { body: dnsEndpoints });
    expect(((await api.call("GET", endpoints)).body as unknown as Listed).items).toEqual([]);
  });

  test.each([
    [
      "another name than its kind's",
      { metadata: { ...dnsEndpoints.metadata, name: "dns.externaldns.k8s.io" } },
      'must be spec.names.plural+"."+spec.group',
    ],
    [
      "a community's group without its approval",
      { metadata: { name: dnsEndpoints.metadata.name } },
      "protected groups must have approval annotation",
    ],
    [
      "no schema",
      { spec: { ...dnsEndpoints.spec, versions: [{ name: "v1", served: true, storage: true }] } },
      "spec.versions[0].schema: Invalid value",
    ],
    [
      "a rule that is no expression",
      {
        spec: {
          ...dnsEndpoints.spec,
          versions: [{ ...dnsEndpoints.spec.versions[0], schema: ruled("self.(") }],
        },
      },
      "compilation failed: self.(",
    ],
    [
      "no version that is stored",
      {
        spec: {
          ...dnsEndpoints.spec,
          versions: dnsEndpoints.spec.versions.map((one) => ({ ...one, storage: false })),
        },
      },
      "must have exactly one version marked as storage version",
    ],
  ])("is refused with %s", async (_what, change, message) => {
    const answer = await api.call("POST", crds, { body: { ...dnsEndpoints, ...change } });
    expect(answer.status).toBe(422);
    expect(answer.body["message"]).toContain(message);
  });
});
