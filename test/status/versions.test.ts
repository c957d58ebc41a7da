import { afterEach, beforeEach, expect, test } from "vitest";
import { clusterApiOver } from "../../functions/status/cluster.k8s.ts";
import type { Kind, ObjectRef } from "../../functions/model/objects.ts";
import { startApi, type TestApi } from "../infra/local/kubernetes/api.ts";
import { east } from "../support/builders.ts";
import { dnsEndpoints } from "../support/externaldns.ts";
import { servedOnlyAs } from "../support/olderapi.ts";

const older = { HTTPRoute: "v1beta1", TLSRoute: "v1alpha2" } as const;
const group = "gateway.networking.k8s.io";
const pathOf = (version: string, plural: string) => `/apis/${group}/${version}/namespaces/shop/${plural}`;

let api: TestApi;
beforeEach(async () => {
  api = await startApi(servedOnlyAs(older));
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
  await api.call("POST", "/api/v1/namespaces", { body: namespace });
});
afterEach(() => api.server.close());

function cluster() {
  let calls = 0;
  const ours = clusterApiOver({
    server: async () => ({ endpoint: api.url, ca: api.ca }),
    async token() {
      calls += 1;
      return "admin";
    },
  });
  return { ...ours, calls: () => calls };
}

const refOf = (kind: Kind, name: string): ObjectRef => ({ cluster: east, kind, namespace: "shop", name });
const status = {
  parents: [
    {
      parentRef: { name: "prod" },
      controllerName: "espalier.dev/gateway-controller",
      conditions: [
        {
          type: "Accepted",
          status: "True",
          reason: "Accepted",
          message: "",
          lastTransitionTime: "2026-01-01T00:00:00Z",
        },
      ],
    },
  ],
};

test.each([
  ["HTTPRoute", "httproutes"],
  ["TLSRoute", "tlsroutes"],
] as const)(
  "a %s of which only an older version is served is told all that one of v1 is",
  async (kind, plural) => {
    const version = older[kind];
    const rules = [{ backendRefs: [{ name: "cart", port: 80 }] }];
    const body = {
      apiVersion: `${group}/${version}`,
      kind,
      metadata: { name: "checkout", namespace: "shop", finalizers: ["example.com/theirs"] },
      spec: { parentRefs: [{ name: "prod" }], hostnames: ["shop.example.com"], rules },
    };
    expect((await api.call("POST", pathOf(version, plural), { body })).status).toBe(201);
    const ref = refOf(kind, "checkout");
    const means = cluster();
    const resourceVersion = (await means.get(ref))?.resourceVersion ?? "not found";
    expect(await means.putStatus(ref, resourceVersion, status)).toBe("written");
    expect(await means.putStatus(ref, resourceVersion, status)).toBe("conflict");
    expect(await means.annotate(ref, { "example.com/note": "here" })).toBe("written");
    const now = (await means.get(ref))?.resourceVersion ?? "not found";
    expect(await means.setFinalizers(ref, now, [])).toBe("written");
    const { body: found } = await api.call("GET", `${pathOf(version, plural)}/checkout`);
    expect(found).toMatchObject({ metadata: { annotations: { "example.com/note": "here" } }, status });
    expect(found.metadata["finalizers"] ?? []).toEqual([]);
  },
);

test("the record of a route is owned by it in a version that is served", async () => {
  await api.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", { body: dnsEndpoints });
  const body = {
    apiVersion: `${group}/v1beta1`,
    kind: "HTTPRoute",
    metadata: { name: "checkout", namespace: "shop" },
    spec: { parentRefs: [{ name: "prod" }] },
  };
  await api.call("POST", pathOf("v1beta1", "httproutes"), { body });
  const ref = refOf("HTTPRoute", "checkout");
  const means = cluster();
  const uid = (await means.get(ref))?.uid ?? "not found";
  await means.putEndpoints(ref, uid, [{ hostname: "shop.example.com", target: "a.on.aws" }]);
  const path = "/apis/externaldns.k8s.io/v1alpha1/namespaces/shop/dnsendpoints/checkout-dns";
  expect((await api.call("GET", path)).body.metadata["ownerReferences"]).toMatchObject([
    { apiVersion: `${group}/v1beta1`, kind: "HTTPRoute", uid },
  ]);
});

test("an object that is gone costs one call where its kind is served as v1", async () => {
  const means = cluster();
  expect(await means.get(refOf("Gateway", "prod"))).toBeUndefined();
  expect(means.calls()).toBe(1);
});
