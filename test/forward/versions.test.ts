import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createApi } from "../../functions/forward/api.k8s.ts";
import { kubernetesSource } from "../../functions/forward/source.k8s.ts";
import { trim } from "../../functions/forward/trim.ts";
import { allKinds } from "../../functions/model/objects.ts";
import { startApi, type TestApi } from "../infra/local/kubernetes/api.ts";
import { servedOnlyAs } from "../support/olderapi.ts";

let api: TestApi;
beforeEach(async () => {
  api = await startApi(
    servedOnlyAs({
      Gateway: "v1beta1",
      HTTPRoute: "v1beta1",
      ReferenceGrant: "v1beta1",
      TLSRoute: "v1alpha2",
    }),
  );
});
afterEach(() => api.server.close());

function source() {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: "c", server: api.url, caData: Buffer.from(api.ca).toString("base64") }],
    users: [{ name: "me", token: "admin" }],
    contexts: [{ name: "x", cluster: "c", user: "me" }],
    currentContext: "x",
  });
  return kubernetesSource(createApi(config));
}

test("a cluster with an older Gateway API lists every kind, so that its first inventory is whole", async () => {
  const from = source();
  const open = new AbortController().signal;
  for (const kind of allKinds) await from.list(kind, { limit: 5 }, open);
});

test("a TLSRoute of v1alpha2 reads as one of v1 does, without hostnames too", async () => {
  await api.call("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
  });
  const apiVersion = "gateway.networking.k8s.io/v1alpha2";
  const { status } = await api.call("POST", `/apis/${apiVersion}/namespaces/shop/tlsroutes`, {
    body: {
      apiVersion,
      kind: "TLSRoute",
      metadata: { name: "checkout", namespace: "shop" },
      spec: { parentRefs: [{ name: "prod" }], rules: [{ backendRefs: [{ name: "cart", port: 443 }] }] },
    },
  });
  expect(status).toBe(201);
  const { items } = await source().list("TLSRoute", { limit: 5 }, new AbortController().signal);
  expect(items.map((one) => trim("TLSRoute", one).body)).toMatchObject([
    {
      ok: true,
      object: {
        kind: "TLSRoute",
        spec: { parentRefs: [{ name: "prod" }], hostnames: [], rules: [{ backendRefs: [{ name: "cart" }] }] },
      },
    },
  ]);
});
