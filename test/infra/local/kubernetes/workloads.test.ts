import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  deployment,
  deployments,
  namespaces,
  pods,
  service,
  services,
  startCluster,
  type TestCluster,
} from "./cluster.ts";

const app = { app: "checkout" };
const port80 = [{ port: 80, targetPort: 8090 }];
const name = { namespace: "default", name: "checkout" };

let cluster: TestCluster;
beforeEach(() => {
  cluster = startCluster();
});
afterEach(() => cluster.stop());

async function shop(replicas = 3): Promise<void> {
  cluster.store.create(deployments, deployment("checkout", replicas, { ...app, version: "v1" }));
  cluster.store.create(services, service("checkout", { selector: app, ports: port80 }));
  await cluster.settled();
}

describe("a Service with a selector", () => {
  test("has as many ready pods as its Deployment says, each with an address of the cluster", async () => {
    await shop();
    const found = cluster.pods();
    expect(found).toHaveLength(3);
    expect(new Set(found.map((one) => one.ip)).size).toBe(3);
    for (const one of found) {
      expect(one.name).toMatch(/^checkout-[0-9a-f]{10}-[0-9a-f]{5}$/);
      expect(one.ip).toMatch(/^10\.1\.\d+\.\d+$/);
      expect(one.labels).toMatchObject({ app: "checkout", version: "v1" });
      expect(one.status).toMatchObject({ phase: "Running" });
    }
    expect(cluster.store.get(deployments, name)["status"]).toMatchObject({ replicas: 3, readyReplicas: 3 });
  });

  test("has two pods without a Deployment", async () => {
    cluster.store.create(services, service("alone", { selector: { app: "alone" }, ports: port80 }));
    await cluster.settled();
    expect(cluster.pods().map((one) => one.labels)).toEqual([{ app: "alone" }, { app: "alone" }]);
  });

  test("has one EndpointSlice as the real controller writes it", async () => {
    await shop(1);
    const [pod] = cluster.pods();
    const { object } = cluster.slice("checkout-local");
    expect(object.metadata.labels).toEqual({
      "kubernetes.io/service-name": "checkout",
      "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    });
    expect(object).toMatchObject({
      addressType: "IPv4",
      endpoints: [
        {
          addresses: [pod?.ip],
          conditions: { ready: true, serving: true, terminating: false },
          targetRef: { kind: "Pod", name: pod?.name, namespace: "default" },
        },
      ],
      ports: [{ name: "", port: 8090, protocol: "TCP" }],
    });
  });

  test("uses pods that somebody made by hand too, and never removes them", async () => {
    await shop(1);
    cluster.store.create(pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "by-hand", namespace: "default", labels: app },
      spec: { containers: [{ name: "app", image: "app:1" }] },
    });
    await cluster.settled();
    const byHand = cluster.pods().find((one) => one.name === "by-hand");
    expect(byHand?.ip).toMatch(/^10\.1\./);
    expect(cluster.slice("checkout-local").ready).toContain(byHand?.ip);
    cluster.scale(name, 0);
    await cluster.settled();
    await cluster.pass();
    expect(cluster.pods().map((one) => one.name)).toEqual(["by-hand"]);
    expect(cluster.slice("checkout-local").addresses).toEqual([byHand?.ip]);
  });

  test("shares the pods of a Deployment with other Services that select it", async () => {
    await shop(2);
    cluster.store.create(
      services,
      service("checkout-v1", { selector: { version: "v1" }, ports: [{ port: 8080 }] }),
    );
    await cluster.settled();
    expect(cluster.pods()).toHaveLength(2);
    expect(cluster.slice("checkout-v1-local").addresses).toEqual(cluster.slice("checkout-local").addresses);
  });

  test("lists the pods of all Deployments that it selects", async () => {
    await shop(1);
    cluster.store.create(deployments, deployment("checkout-v2", 2, { ...app, version: "v2" }));
    await cluster.settled();
    expect(cluster.slice("checkout-local").ready).toHaveLength(3);
  });

  test("takes its pods and its slice with it, and leaves those of others", async () => {
    await shop();
    cluster.store.create(services, service("other", { selector: { app: "other" }, ports: port80 }));
    cluster.store.remove(services, name);
    await cluster.settled();
    expect(cluster.pods().map((one) => one.labels["app"])).toEqual(["other", "other"]);
    expect(cluster.slices()).toEqual(["other-local"]);
  });

  test("that gets another selector gets other pods", async () => {
    cluster.store.create(services, service("moved", { selector: { app: "old" }, ports: port80 }));
    await cluster.settled();
    cluster.store.mergePatch(services, { ...name, name: "moved" }, { spec: { selector: { app: "new" } } });
    await cluster.settled();
    await cluster.pass();
    expect(cluster.pods().map((one) => one.labels)).toEqual([{ app: "new" }, { app: "new" }]);
    expect(cluster.slice("moved-local").ready).toHaveLength(2);
  });
});

describe("ports", () => {
  test("a named target is looked up in the Deployment's containers; one that none has is left out", async () => {
    cluster.store.create(deployments, deployment("checkout", 1, app, [{ name: "web", containerPort: 9000 }]));
    const ports = [
      { name: "http", port: 80, targetPort: "web" },
      { name: "admin", port: 81, targetPort: "nowhere" },
      { name: "same", port: 82 },
    ];
    cluster.store.create(services, service("checkout", { selector: app, ports }));
    await cluster.settled();
    expect(cluster.slice("checkout-local").ports).toEqual([
      { name: "http", port: 9000, protocol: "TCP" },
      { name: "same", port: 82, protocol: "TCP" },
    ]);
  });

  test("follow the Service, and those that stay keep their order", async () => {
    const [a, b, c] = ["a", "b", "c"].map((one, index) => ({ name: one, port: 80 + index }));
    cluster.store.create(services, service("checkout", { selector: app, ports: [a, b] }));
    await cluster.settled();
    cluster.store.mergePatch(services, name, { spec: { ports: [c, b, a] } });
    await cluster.settled();
    expect(cluster.slice("checkout-local").ports.map((one) => one.name)).toEqual(["a", "b", "c"]);
    const [pod] = cluster.pods();
    await expect.poll(() => cluster.echo.addressOf(pod?.ip ?? "", 82)).toBeDefined();
  });
});

describe("a pod that goes", () => {
  test("is listed as terminating for a while, at its place, and then no longer", async () => {
    await shop();
    const before = cluster.slice("checkout-local").addresses;
    cluster.scale(name, 1);
    await cluster.settled();
    const during = cluster.slice("checkout-local");
    expect(during.addresses).toEqual(before);
    expect(during.terminating).toEqual(before.slice(1));
    expect(cluster.pods()).toHaveLength(1);
    expect(cluster.echo.addressOf(before[1] ?? "", 8090)).toBeDefined();
    await cluster.pass();
    expect(cluster.slice("checkout-local").addresses).toEqual(before.slice(0, 1));
    expect(cluster.echo.addressOf(before[1] ?? "", 8090)).toBeUndefined();
    expect(cluster.store.get(deployments, name)["status"]).toMatchObject({ readyReplicas: 1 });
  });

  test("is replaced when it was deleted by hand, by one with another address", async () => {
    await shop(2);
    const [first, second] = cluster.pods();
    cluster.store.remove(pods, { namespace: "default", name: first?.name ?? "" });
    await cluster.settled();
    const after = cluster.pods();
    expect(after).toHaveLength(2);
    expect(after.map((one) => one.ip)).not.toContain(first?.ip);
    const slice = cluster.slice("checkout-local");
    expect(slice.addresses.slice(0, 2)).toEqual([first?.ip, second?.ip]);
    expect(slice.terminating).toEqual([first?.ip]);
    expect(slice.ready).toHaveLength(2);
  });

  test("and was made by hand answers no longer once its time is over", async () => {
    await shop(0);
    cluster.store.create(pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "by-hand", namespace: "default", labels: app },
      spec: { containers: [{ name: "app", image: "app:1" }] },
    });
    await cluster.settled();
    const [ip = ""] = cluster.slice("checkout-local").ready;
    await expect.poll(() => cluster.echo.addressOf(ip, 8090)).toBeDefined();
    cluster.store.remove(pods, { namespace: "default", name: "by-hand" });
    await cluster.pass();
    expect(cluster.echo.addressOf(ip, 8090)).toBeUndefined();
  });

  test("leaves the others where they are when more pods come", async () => {
    await shop(2);
    const before = cluster.slice("checkout-local").addresses;
    cluster.scale(name, 4);
    await cluster.settled();
    const { addresses } = cluster.slice("checkout-local");
    expect(addresses.slice(0, 2)).toEqual(before);
    expect(addresses).toHaveLength(4);
  });
});

describe("quiet", () => {
  test("nothing is written when nothing changes", async () => {
    await shop();
    const version = cluster.store.version();
    cluster.store.mergePatch(services, name, { metadata: { annotations: { looked: "at" } } });
    await cluster.settled();
    expect(cluster.store.version()).toBe(version + 1);
  });

  test("a pod that is not ready any more is listed as such", async () => {
    await shop(1);
    const [pod] = cluster.pods();
    const conditions = [{ type: "Ready", status: "False" }];
    cluster.store.mergePatch(
      pods,
      { namespace: "default", name: pod?.name ?? "" },
      { status: { conditions } },
      "status",
    );
    await cluster.settled();
    const slice = cluster.slice("checkout-local");
    expect([slice.addresses, slice.ready]).toEqual([[pod?.ip], []]);
  });

  test("a namespace that goes takes all with it, also where a Service has a finalizer", async () => {
    cluster.store.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "gone" } });
    const kept = service("kept", { selector: app, ports: port80 });
    cluster.store.create(services, {
      ...kept,
      metadata: { ...kept.metadata, namespace: "gone", finalizers: ["example.com/wait"] },
    });
    await cluster.settled();
    expect(cluster.pods("gone")).toHaveLength(2);
    cluster.store.remove(namespaces, { name: "gone" });
    await cluster.settled();
    await cluster.pass();
    expect(cluster.pods("gone")).toEqual([]);
    expect(cluster.timers()).toBe(0);
  });

  test("a manifest that only a real server would refuse does not stop the others", async () => {
    const odd = deployment("odd", 1, { app: "odd" });
    cluster.store.create(deployments, {
      ...odd,
      spec: {
        selector: {},
        template: { spec: { containers: [{ name: "a", ports: [{ containerPort: "x" }] }] } },
      },
    });
    cluster.store.create(services, { apiVersion: "v1", kind: "Service", metadata: { ...name, name: "odd" } });
    await shop(1);
    expect(cluster.slice("checkout-local").ready).toHaveLength(1);
  });
});
