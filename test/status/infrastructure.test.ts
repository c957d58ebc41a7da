import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { clusterApiOver } from "../../functions/status/cluster.k8s.ts";
import { ClusterError, type ClusterApi } from "../../functions/status/cluster.ts";
import { conditions } from "../../functions/status/conditions.ts";
import { writeStatus } from "../../functions/status/write.ts";
import type { Infrastructure } from "../../functions/model/infrastructure.ts";
import { epochMs } from "../../functions/model/ids.ts";
import { keyOf, type ObjectRef } from "../../functions/model/objects.ts";
import type { Verdict } from "../../functions/model/verdict.ts";
import { startApi, type TestApi } from "../infra/local/kubernetes/api.ts";
import { east } from "../support/builders.ts";
import { bearing, borneIn, ours } from "./accounts.ts";

const gateways = "/apis/gateway.networking.k8s.io/v1/namespaces/shop/gateways";
const gateway: ObjectRef = { cluster: east, kind: "Gateway", namespace: "shop", name: "prod" };
const nothing = bearing({});

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
  await api.call("POST", "/api/v1/namespaces", { body: namespace });
});
afterEach(() => api.server.close());

const cluster = (token = "admin"): ClusterApi =>
  clusterApiOver({ server: async () => ({ endpoint: api.url, ca: api.ca }), token: async () => token });
const borne = () => borneIn(api);

const accepted: Verdict = {
  subject: { at: "object" },
  type: "Accepted",
  status: "True",
  reason: "Accepted",
  message: "",
};

describe("a Gateway", () => {
  beforeEach(async () => {
    const spec = { gatewayClassName: "espalier", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] };
    const apiVersion = "gateway.networking.k8s.io/v1";
    const body = { apiVersion, kind: "Gateway", metadata: { name: "prod", namespace: "shop" }, spec };
    expect((await api.call("POST", gateways, { body })).status).toBe(201);
  });

  /** Writes what is said of it at each look. */
  const sayEach = (says: () => Promise<Infrastructure>, means: ClusterApi) =>
    writeStatus(gateway, {
      reports: async (live) => {
        const verdicts = [accepted];
        return [{ on: keyOf(gateway), uid: live.uid, generation: 1, verdicts, infrastructure: await says() }];
      },
      api: means,
      now: epochMs(1_000),
      moved: false,
    });
  const say = (infrastructure: Infrastructure, means: ClusterApi) =>
    sayEach(async () => infrastructure, means);
  const told = async () => {
    const { body } = await api.call("GET", `${gateways}/prod`);
    const all = z.looseObject({ conditions }).parse(body["status"]).conditions;
    const ofType = (type: string) => all.find((one) => one.type === type);
    return { accepted: ofType("Accepted"), infrastructure: ofType("espalier.dev/Infrastructure") };
  };

  /** The RBAC of `infra/cluster`, with or without the rule for ServiceAccounts, for the user of a token. */
  async function bind(mayMake: boolean): Promise<string> {
    const text = readFileSync(new URL("../../infra/cluster/status-rbac.yaml", import.meta.url), "utf8");
    const role = z
      .looseObject({
        kind: z.literal("ClusterRole"),
        rules: z.array(z.looseObject({ resources: z.array(z.string()) })),
      })
      .parse(parseAllDocuments(text)[0]?.toJS());
    const rules = role.rules.filter((one) => mayMake || !one.resources.includes("serviceaccounts"));
    const rbac = "/apis/rbac.authorization.k8s.io/v1";
    await api.call("POST", `${rbac}/clusterroles`, { body: { ...role, rules } });
    const apiGroup = "rbac.authorization.k8s.io";
    const body = {
      apiVersion: `${apiGroup}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: "espalier-status" },
      roleRef: { apiGroup, kind: "ClusterRole", name: "espalier-status" },
      subjects: [{ apiGroup, kind: "User", name: "reader" }],
    };
    expect((await api.call("POST", `${rbac}/clusterrolebindings`, { body })).status).toBe(201);
    return "reader";
  }

  /** Where somebody else has the name of every ServiceAccount. */
  const foreign = (): ClusterApi => ({
    ...cluster(),
    putInfrastructure: async () => ({ is: "foreign", why: "ServiceAccount shop/x is not the Gateway's" }),
  });

  test("has its ServiceAccount made and bared with what infra/cluster allows", async () => {
    const means = cluster(await bind(true));
    expect(await say(bearing({ team: "a" }), means)).toBe("written");
    expect(await borne()).toEqual(bearing({ team: "a", ...ours }));
    expect(await say(bearing({ team: "a" }), means)).toBe("unchanged");
    expect(await say(nothing, means)).toBe("written");
    expect(await borne()).toEqual(bearing(ours));
    expect((await told()).infrastructure).toBeUndefined();
  });

  test("is told when the cluster does not allow it, and all else is said", async () => {
    const means = cluster(await bind(false));
    expect(await say(bearing({ team: "a" }), means)).toBe("written");
    const { accepted: first, infrastructure } = await told();
    expect(first).toMatchObject({ status: "True" });
    expect(infrastructure).toMatchObject({ status: "False", reason: "Refused" });
    expect(infrastructure?.message).toMatch(/403: .*serviceaccounts.*status-rbac\.yaml/);
    expect(await say(bearing({ team: "a" }), means)).toBe("unchanged");
    // Who asks for nothing lacks nothing.
    expect(await say(nothing, means)).toBe("written");
    expect((await told()).infrastructure).toBeUndefined();
  });

  test("is told when somebody else has the name", async () => {
    await say(bearing({ team: "a" }), foreign());
    expect((await told()).infrastructure).toMatchObject({ status: "False", reason: "Foreign" });
  });

  test("is told all else while the API server fails to do it, and it is tried again", async () => {
    const failing: ClusterApi = {
      ...cluster(),
      putInfrastructure: async () => Promise.reject(new ClusterError("POST: 500: a webhook is down", 500)),
    };
    await expect(say(bearing({ team: "a" }), failing)).rejects.toThrow("a webhook is down");
    expect((await told()).accepted).toMatchObject({ status: "True" });
    expect((await told()).infrastructure).toBeUndefined();
    await say(bearing({ team: "a" }), foreign());
    const before = await told();
    await expect(say(bearing({ team: "a" }), failing)).rejects.toThrow("a webhook is down");
    expect(await told()).toEqual(before);
    expect(await say(bearing({ team: "a" }), cluster())).toBe("written");
    expect((await told()).infrastructure).toBeUndefined();
    expect(await borne()).toEqual(bearing({ team: "a", ...ours }));
  });

  test("has what it says now borne, also after a worker that stood still has written what it said before", async () => {
    await say(bearing({ team: "a" }), cluster());
    let looks = 0;
    const says = async () => {
      looks += 1;
      return bearing({ team: looks === 1 ? "old" : "a" });
    };
    await sayEach(says, cluster());
    expect(await borne()).toEqual(bearing({ team: "a", ...ours }));
  });

  test("is told all else where another controller changes its ServiceAccount back for ever", async () => {
    const means: ClusterApi = { ...cluster(), putInfrastructure: async () => ({ is: "written" }) };
    expect(await say(bearing({ team: "a" }), means)).toBe("written");
    expect((await told()).accepted).toMatchObject({ status: "True" });
  });

  test("whose ServiceAccount somebody else is at too gets it all the same", async () => {
    let overtaken = 0;
    const means: ClusterApi = {
      ...cluster(),
      async putInfrastructure(...asked) {
        overtaken += 1;
        return overtaken === 1 ? { is: "overtaken" } : cluster().putInfrastructure(...asked);
      },
    };
    expect(await say(bearing({ team: "a" }), means)).toBe("written");
    expect(await borne()).toEqual(bearing({ team: "a", ...ours }));
  });
});
