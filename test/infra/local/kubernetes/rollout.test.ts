import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  deployment,
  deployments,
  service,
  services,
  slices,
  startCluster,
  type TestCluster,
} from "./cluster.ts";

const app = { app: "checkout" };
const name = { namespace: "default", name: "checkout" };

let cluster: TestCluster;
beforeEach(() => {
  cluster = startCluster();
});
afterEach(() => cluster.stop());

async function shop(replicas: number): Promise<void> {
  cluster.store.create(deployments, deployment("checkout", replicas, app));
  cluster.store.create(services, service("checkout", { selector: app, ports: [{ port: 80 }] }));
  await cluster.settled();
}

describe("a Deployment", () => {
  const status = () => cluster.store.get(deployments, name)["status"];
  const counted = (count: number) => ({
    replicas: count,
    updatedReplicas: count,
    readyReplicas: count,
    availableReplicas: count,
  });
  const restart = () =>
    cluster.store.mergePatch(deployments, name, {
      spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "now" } } } },
    });

  test("tells what `kubectl rollout status` waits for", async () => {
    await shop(2);
    expect(status()).toMatchObject({ observedGeneration: 1, ...counted(2) });
    cluster.scale(name, 3);
    await cluster.settled();
    expect(status()).toMatchObject({ observedGeneration: 2, ...counted(3) });
    expect(status()).toMatchObject({ conditions: [{ type: "Available", status: "True" }] });
  });

  test("that no Service selects is told to be as it should, although nothing runs", async () => {
    cluster.store.create(deployments, deployment("alone", 1, { app: "alone" }));
    await cluster.settled();
    const found = cluster.store.get(deployments, { ...name, name: "alone" });
    expect(found["status"]).toMatchObject({ observedGeneration: 1, ...counted(1) });
    expect(cluster.pods()).toEqual([]);
  });

  test("that is restarted gets new pods, and the ones before go only once the new are ready", async () => {
    await shop(2);
    const before = cluster.pods().map((one) => one.name);
    const readies: (readonly string[])[] = [];
    const stop = cluster.store.watch(slices, String(cluster.store.version()), () =>
      readies.push(cluster.slice("checkout-local").ready),
    );
    restart();
    await cluster.settled();
    stop();
    expect(readies.map((ready) => ready.length)).toEqual([4, 2]);
    const after = cluster.pods().map((one) => one.name);
    expect(after).toHaveLength(2);
    expect(after.filter((one) => before.includes(one))).toEqual([]);
    expect(cluster.slice("checkout-local").terminating).toHaveLength(2);
    expect(status()).toMatchObject({ observedGeneration: 2, ...counted(2) });
  });
});
