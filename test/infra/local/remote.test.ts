import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDynamo, startSqs, type Backend } from "../../../infra/local/aws/backends.ts";
import { startApiServer, type LocalApiServer } from "../../../infra/local/kubernetes/cluster.ts";
import { listedKinds } from "../../../infra/local/fleet/cluster.ts";
import type { RunDocument } from "../../../infra/local/proof/document.ts";
import { boot, conditionOf, eventually, kube, latticeCalls, manifestFolder, type Booted } from "./booted.ts";
import { fine } from "./manifests.ts";

/** Servers that Espalier did not start: an API server with nothing of ours in it, a DynamoDB and an SQS. */
describe("a run against servers of somebody else", () => {
  let real: LocalApiServer;
  let backends: readonly Backend[] = [];
  let booted: Booted;
  let document: RunDocument;

  beforeAll(async () => {
    real = await startApiServer({
      name: "real",
      now: Date.now,
      uid: randomUUID,
      crds: [],
      tokens: new Map([["admins-token", { name: "admin", groups: ["system:masters"] }]]),
    });
    const [dynamodb, sqs] = await Promise.all([startDynamo(), startSqs()]);
    backends = [dynamodb, sqs];
    const folder = manifestFolder({ "fine.yaml": fine });
    const config = join(manifestFolder({ kubeconfig: real.kubeconfigFor("admins-token") }), "kubeconfig");
    const args = ["--cluster", `east=${folder}`, "--kubeconfig", `east=${config}`];
    const endpoints = ["--endpoint", `dynamodb=${dynamodb.url}`, "--endpoint", `sqs=${sqs.url}`];
    booted = await boot({ args: [...args, ...endpoints, "--requests", "20"] });
    document = await booted.prove();
  }, 90_000);
  afterAll(async () => {
    await booted?.stop();
    await real?.server.close();
    for (const one of backends) await one.stop();
  });

  test("keeps desired state in the DynamoDB that it was given", async () => {
    const client = new DynamoDBClient({
      endpoint: backends[0]?.url ?? "",
      region: "eu-central-1",
      credentials: { accessKeyId: "anyone", secretAccessKey: "anyone" },
    });
    const { Count } = await client.send(new ScanCommand({ TableName: "espalier", Select: "COUNT" }));
    client.destroy();
    expect(Count).toBeGreaterThan(10);
  });

  test("installs what is missing of the CRDs, converges, and the pods answer", () => {
    expect(document.problems).toEqual([]);
    expect(document.converged).toBe(true);
    expect(document.services.map((one) => one.route)).toEqual(["shop/fine"]);
    expect(document.traffic.map((one) => one.by)).toEqual([{ "shop/web": 20 }]);
  });

  test("writes the conditions into that API server", () => {
    const route = real.store.get(listedKinds.HTTPRoute, { namespace: "shop", name: "fine" });
    expect(conditionOf(route, "Programmed")).toMatchObject({ status: "True" });
  });

  test("lets the forwarder do no more than its RBAC says, and starts no second one in the cluster", async () => {
    const forwarder = kube(booted, {
      ...booted.east,
      kubeconfigFor: () => booted.east.kubeconfigFor("forwarder"),
    });
    expect((await forwarder.get("Service", { namespace: "shop", name: "web" })).status).toBe(200);
    const denied = await forwarder.remove("Service", { namespace: "shop", name: "web" });
    expect(denied.status).toBe(403);
    const deployment = real.store.get(listedKinds.Deployment, {
      namespace: "espalier-system",
      name: "espalier-forwarder",
    });
    expect(deployment["spec"]).toMatchObject({ replicas: 0 });
  });

  test("hears of a change, at the price of one call", async () => {
    booted.system.calls.reset();
    real.store.create(listedKinds.Deployment, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { namespace: "shop", name: "web" },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: { containers: [{ name: "web", image: "web" }] },
        },
      },
    });
    await eventually("three new pods are targets and the two before are not", async () => {
      const targets = (await booted.lattice()).targetGroups[0]?.targets ?? [];
      return targets.filter((one) => one.status !== "DRAINING").length === 3;
    });
    expect(latticeCalls(booted)).toMatchObject({ RegisterTargets: 1 });
  });
});
