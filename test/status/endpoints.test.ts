import { afterEach, beforeEach, expect, test } from "vitest";
import { east } from "../support/builders.ts";
import { dnsEndpoints } from "../support/externaldns.ts";
import { startApi, type TestApi } from "../infra/local/kubernetes/api.ts";
import { clusterApiOver } from "../../functions/status/cluster.k8s.ts";
import type { ObjectRef } from "../../functions/model/objects.ts";

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
  await api.call("POST", "/api/v1/namespaces", { body: namespace });
  await api.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", { body: dnsEndpoints });
});
afterEach(() => api.server.close());

const cluster = () =>
  clusterApiOver({
    server: async () => ({ endpoint: api.url, ca: api.ca }),
    token: async () => "admin",
  });
const route: ObjectRef = { cluster: east, kind: "HTTPRoute", namespace: "shop", name: "checkout" };
const all = "/apis/externaldns.k8s.io/v1alpha1/namespaces/shop/dnsendpoints";
const path = `${all}/checkout-dns`;
const point = (target: string) => [{ hostname: "shop.example.com", target }];

test("a route's hostname gets a record that is owned by the route, follows its service, and goes with the hostname", async () => {
  expect(await cluster().putEndpoints(route, "uid-1", [])).toBe("unchanged");
  expect(await cluster().putEndpoints(route, "uid-1", point("a.on.aws"))).toBe("written");
  const made = (await api.call("GET", path)).body;
  expect(made.metadata["ownerReferences"]).toMatchObject([
    { kind: "HTTPRoute", name: "checkout", uid: "uid-1", controller: true },
  ]);
  expect(made["spec"]).toEqual({
    endpoints: [{ dnsName: "shop.example.com", recordType: "CNAME", recordTTL: 300, targets: ["a.on.aws"] }],
  });
  expect(await cluster().putEndpoints(route, "uid-1", point("a.on.aws"))).toBe("unchanged");
  expect(await cluster().putEndpoints(route, "uid-1", point("b.on.aws"))).toBe("written");
  expect((await api.call("GET", path)).body["spec"]).toMatchObject({
    endpoints: [{ targets: ["b.on.aws"] }],
  });
  expect(await cluster().putEndpoints(route, "uid-1", [])).toBe("written");
  expect((await api.call("GET", path)).status).toBe(404);
});

test("a hostname whose service is on its way keeps its record, and gets none when it has none; those beside it go on", async () => {
  const good = { hostname: "good.example.com", target: "g.on.aws" };
  const waiting = { hostname: "shop.example.com" };
  expect(await cluster().putEndpoints(route, "uid-1", [waiting])).toBe("unchanged");
  expect(await cluster().putEndpoints(route, "uid-1", [good, waiting])).toBe("written");
  const names = async () => (await api.call("GET", path)).body["spec"];
  expect(await names()).toMatchObject({ endpoints: [{ dnsName: "good.example.com" }] });
  await cluster().putEndpoints(route, "uid-1", [good, ...point("a.on.aws")]);
  expect(await cluster().putEndpoints(route, "uid-1", [{ ...good, target: "h.on.aws" }, waiting])).toBe(
    "written",
  );
  expect(await names()).toMatchObject({ endpoints: [{ targets: ["h.on.aws"] }, { targets: ["a.on.aws"] }] });
  expect(await cluster().putEndpoints(route, "uid-1", [waiting])).toBe("written");
  expect(await names()).toMatchObject({ endpoints: [{ targets: ["a.on.aws"] }] });
  expect(await cluster().putEndpoints(route, "uid-1", [])).toBe("written");
});

test("an endpoint of that name which somebody else made stays as it is", async () => {
  const theirs = {
    apiVersion: "externaldns.k8s.io/v1alpha1",
    kind: "DNSEndpoint",
    metadata: { name: "checkout-dns", namespace: "shop" },
    spec: { endpoints: [{ dnsName: "theirs.example.com" }] },
  };
  expect((await api.call("POST", all, { body: theirs })).status).toBe(201);
  expect(await cluster().putEndpoints(route, "uid-1", point("a.on.aws"))).toBe("foreign");
  expect(await cluster().putEndpoints(route, "uid-1", [])).toBe("foreign");
  expect((await api.call("GET", path)).body["spec"]).toEqual(theirs.spec);
});
