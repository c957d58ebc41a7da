import { afterEach, beforeEach, expect, test } from "vitest";
import { east } from "../support/builders.ts";
import { startApi, type TestApi } from "../infra/local/kubernetes/api.ts";
import { clusterApiOver } from "../../functions/status/cluster.k8s.ts";
import { writeStatus } from "../../functions/status/write.ts";
import { epochMs } from "../../functions/model/ids.ts";
import type { ObjectRef } from "../../functions/model/objects.ts";

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
  await api.call("POST", "/api/v1/namespaces", { body: namespace });
});
afterEach(() => api.server.close());

const ref: ObjectRef = { cluster: east, kind: "HTTPRoute", namespace: "shop", name: "checkout" };
const all = "/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes";
const theirs = "httproute.k8s.aws/resources";

async function made(finalizers: readonly string[]): Promise<void> {
  const body = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: "checkout", namespace: "shop", finalizers },
    spec: { parentRefs: [{ name: "prod" }] },
  };
  expect((await api.call("POST", all, { body })).status).toBe(201);
}

const cluster = () =>
  clusterApiOver({
    server: async () => ({ endpoint: api.url, ca: api.ca }),
    token: async () => "admin",
  });

const write = (moved: boolean) =>
  writeStatus(ref, {
    reports: async () => [],
    api: cluster(),
    now: epochMs(0),
    moved,
  });

test("in a cluster that has moved over, the in-cluster controller's finalizer is taken away, and others stay", async () => {
  await made([theirs, "example.com/own"]);
  await write(false);
  expect((await api.call("GET", `${all}/checkout`)).body.metadata["finalizers"]).toHaveLength(2);
  await write(true);
  expect((await api.call("GET", `${all}/checkout`)).body.metadata["finalizers"]).toEqual(["example.com/own"]);
});

test("a route that waits for nothing else is gone with it", async () => {
  await made([theirs]);
  await api.call("DELETE", `${all}/checkout`);
  expect((await api.call("GET", `${all}/checkout`)).status).toBe(200);
  expect(await write(true)).toBe("gone");
  expect((await api.call("GET", `${all}/checkout`)).status).toBe(404);
});

test("what changed meanwhile is looked at again", async () => {
  await made([theirs]);
  expect(await cluster().setFinalizers(ref, "1", [])).toBe("conflict");
  expect((await api.call("GET", `${all}/checkout`)).body.metadata["finalizers"]).toEqual([theirs]);
});
