import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { handmade, service, services, slices, startCluster, type TestCluster } from "./cluster.ts";

const app = { app: "checkout" };
const port80 = [{ port: 80, targetPort: 8090 }];

let cluster: TestCluster;
beforeEach(() => {
  cluster = startCluster();
});
afterEach(() => cluster.stop());

describe("EndpointSlices of a Service with a selector", () => {
  test("has an EndpointSlice too when it is headless, with the pods' own ports", async () => {
    const spec = { clusterIP: "None", selector: app, ports: [{ port: 80, targetPort: 8090 }] };
    cluster.store.create(services, service("bare", spec));
    await cluster.settled();
    const { object, ready, ports } = cluster.slice("bare-local");
    expect(ready).toEqual(cluster.pods().map((one) => one.ip));
    expect(ready).toHaveLength(2);
    expect(ports).toEqual([{ name: "", port: 8090, protocol: "TCP" }]);
    expect(object.metadata.labels).toMatchObject({ "service.kubernetes.io/headless": "" });
  });

  test("has its slice beside those that somebody wrote by hand, which stay as they are", async () => {
    const byHand = handmade("checkout");
    const { metadata } = cluster.store.create(slices, byHand);
    cluster.store.create(services, service("checkout", { selector: app, ports: port80 }));
    await cluster.settled();
    expect(cluster.slices().toSorted()).toEqual(["checkout-local", "mine"]);
    cluster.store.remove(services, { namespace: "default", name: "checkout" });
    await cluster.settled();
    expect(cluster.slices()).toEqual(["mine"]);
    expect(cluster.slice("mine").version).toBe(metadata.resourceVersion);
  });
});

describe("no pods of ours", () => {
  test.each([
    ["without a selector", { clusterIP: "None", ports: port80 }],
    ["that is an external name", { type: "ExternalName", externalName: "a.example", selector: app }],
  ])("for a Service %s", async (_what, spec) => {
    cluster.store.create(slices, handmade("plain"));
    cluster.store.create(services, service("plain", spec));
    await cluster.settled();
    expect(cluster.pods()).toEqual([]);
    expect(cluster.slices()).toEqual(["mine"]);
    expect(cluster.slice("mine").addresses).toEqual(["10.9.9.9"]);
  });
});
