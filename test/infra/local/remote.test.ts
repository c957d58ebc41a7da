import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApiServer, type LocalApiServer } from "../../../infra/local/kubernetes/cluster.ts";
import { listedKinds } from "../../../infra/local/fleet/cluster.ts";
import type { RunDocument } from "../../../infra/local/proof/document.ts";
import { boot, conditionOf, eventually, kube, latticeCalls, manifestFolder, type Booted } from "./booted.ts";
import { fine } from "./manifests.ts";

/** An API server that Espalier did not start, with nothing of ours in it, and a kubeconfig of its administrator. */
describe("a cluster that is reached with a kubeconfig", () => {
  let real: LocalApiServer;
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
    const folder = manifestFolder({ "fine.yaml": fine });
    const config = join(manifestFolder({ kubeconfig: real.kubeconfigFor("admins-token") }), "kubeconfig");
    const args = ["--cluster", `east=${folder}`, "--kubeconfig", `east=${config}`];
    booted = await boot({ args: [...args, "--network", "net", "--requests", "20"] });
    document = await booted.prove();
  }, 90_000);
  afterAll(async () => {
    await booted?.stop();
    await real?.server.close();
  });

  test("gets what is missing of the CRDs, converges, and its pods answer", () => {
    expect(document.problems).toEqual([]);
    expect(document.converged).toBe(true);
    expect(document.services.map((one) => one.route)).toEqual(["shop/fine"]);
    expect(document.traffic.map((one) => one.by)).toEqual([{ "shop/web": 20 }]);
  });

  test("bears the conditions in its own API server", () => {
    const route = real.store.get(listedKinds.HTTPRoute, { namespace: "shop", name: "fine" });
    expect(conditionOf(route, "Programmed")).toMatchObject({ status: "True" });
  });

  test("lets the forwarder do no more than its RBAC says, and gets no forwarder of its own", async () => {
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
