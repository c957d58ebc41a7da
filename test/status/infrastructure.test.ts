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

const accountsPath = "/api/v1/namespaces/shop/serviceaccounts";
const gateways = "/apis/gateway.networking.k8s.io/v1/namespaces/shop/gateways";
const named = (name: string): ObjectRef => ({ cluster: east, kind: "Gateway", namespace: "shop", name });
const gateway = named("prod");
const bearing = (labels: Infrastructure["labels"], annotations: Infrastructure["annotations"] = {}) => ({
  labels,
  annotations,
});
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
const put = (wanted: Infrastructure, uid = "uid-1", ref = gateway) =>
  cluster().putInfrastructure(ref, uid, wanted);

const account = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    resourceVersion: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(z.looseObject({ uid: z.string() })).default([]),
  }),
});
const accounts = async () =>
  z.looseObject({ items: z.array(account) }).parse((await api.call("GET", accountsPath)).body).items;
const only = async () => {
  const all = await accounts();
  expect(all.length).toBe(1);
  return account.parse(all[0]);
};
const ours = { "gateway.networking.k8s.io/gateway-name": "prod" };
/** What an account bears for its users: without the note of what was put there. */
const borne = async () => {
  const { labels, annotations } = (await only()).metadata;
  const { "espalier.dev/infrastructure": _note, ...rest } = annotations;
  return { labels, annotations: rest };
};

describe("the ServiceAccount of a Gateway", () => {
  test("bears its labels and annotations, is owned by it, and can do nothing", async () => {
    expect(await put(bearing({ team: "a" }, { "example.com/owner": "b" }))).toEqual({ is: "written" });
    expect(await borne()).toEqual(bearing({ team: "a", ...ours }, { "example.com/owner": "b" }));
    expect(await only()).toMatchObject({
      automountServiceAccountToken: false,
      metadata: {
        ownerReferences: [
          {
            apiVersion: "gateway.networking.k8s.io/v1",
            kind: "Gateway",
            name: "prod",
            uid: "uid-1",
          },
        ],
      },
    });
  });

  test("follows what its Gateway says, is written only when that changes, and is bare at last", async () => {
    await put(bearing({ team: "a", stage: "test" }, { owner: "b" }));
    const first = (await only()).metadata.resourceVersion;
    expect(await put(bearing({ stage: "test", team: "a" }, { owner: "b" }))).toEqual({ is: "unchanged" });
    expect((await only()).metadata.resourceVersion).toBe(first);
    expect(await put(bearing({ team: "c" }, { since: "now" }))).toEqual({ is: "written" });
    expect(await borne()).toEqual(bearing({ team: "c", ...ours }, { since: "now" }));
    expect(await put(nothing)).toEqual({ is: "written" });
    expect(await borne()).toEqual(bearing(ours));
    expect(await put(nothing)).toEqual({ is: "unchanged" });
  });

  test("is not made while there is nothing to bear", async () => {
    expect(await put(nothing)).toEqual({ is: "unchanged" });
    expect(await accounts()).toEqual([]);
  });

  test("keeps what others have put on it, and takes back what they have changed of its own", async () => {
    await put(bearing({ team: "a" }));
    const { name } = (await only()).metadata;
    const theirs = { labels: { team: "x", tool: "theirs" }, annotations: { "example.com/theirs": "too" } };
    const body = { metadata: theirs, automountServiceAccountToken: true };
    await api.call("PATCH", `${accountsPath}/${name}`, { body, type: "application/merge-patch+json" });
    expect(await put(bearing({ team: "a" }))).toEqual({ is: "written" });
    expect(await borne()).toEqual(bearing({ team: "a", tool: "theirs", ...ours }, theirs.annotations));
    expect(await only()).toMatchObject({ automountServiceAccountToken: false });
    await put(nothing);
    expect(await borne()).toEqual(bearing({ tool: "theirs", ...ours }, theirs.annotations));
  });

  test("is another one for another Gateway, and for one of the same name that was made anew", async () => {
    await put(bearing({ team: "a" }));
    await put(bearing({ team: "b" }), "uid-2");
    // Cut to the same beginning, of which the last character could end no name.
    const long = `${"a".repeat(41)}.${"b".repeat(20)}`;
    for (const [end, uid] of [
      ["c", "uid-3"],
      ["d", "uid-4"],
    ] as const)
      expect(await put(bearing({ team: end }), uid, named(`${long}${end}`))).toEqual({ is: "written" });
    const all = (await accounts()).map(({ metadata }) => metadata);
    expect(all.map((one) => [one.ownerReferences[0]?.uid, one.labels["team"]]).toSorted()).toEqual([
      ["uid-1", "a"],
      ["uid-2", "b"],
      ["uid-3", "c"],
      ["uid-4", "d"],
    ]);
    for (const { name } of all) expect(name).toMatch(/^(?=.{1,63}$)[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  test("stays as it is when it is not the Gateway's own", async () => {
    await put(bearing({ team: "a" }));
    const { name } = (await only()).metadata;
    await api.call("DELETE", `${accountsPath}/${name}`);
    const theirs = {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name, labels: { theirs: "yes" } },
    };
    await api.call("POST", accountsPath, { body: theirs });
    const before = await only();
    expect(await put(bearing({ team: "a" }))).toMatchObject({ is: "foreign" });
    expect(await put(nothing)).toEqual({ is: "unchanged" });
    expect(await only()).toEqual(before);
  });

  test("that somebody makes, changes or removes meanwhile is looked at again", async () => {
    /** Somebody acts between the look and the write. */
    const overtaken = (meanwhile: () => Promise<unknown>) => {
      let calls = 0;
      const token = async () => {
        calls += 1;
        if (calls === 2) await meanwhile();
        return "admin";
      };
      const means = clusterApiOver({ server: async () => ({ endpoint: api.url, ca: api.ca }), token });
      return means.putInfrastructure(gateway, "uid-1", bearing({ team: "b" }));
    };
    expect(await overtaken(() => put(bearing({ team: "a" })))).toEqual({ is: "overtaken" });
    expect(await overtaken(() => put(bearing({ team: "c" })))).toEqual({ is: "overtaken" });
    const { name } = (await only()).metadata;
    expect(await overtaken(() => api.call("DELETE", `${accountsPath}/${name}`))).toEqual({ is: "overtaken" });
  });
});

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

  const say = (infrastructure: Infrastructure, means: ClusterApi) =>
    writeStatus(gateway, {
      reports: async (live) => [
        { on: keyOf(gateway), uid: live.uid, generation: 1, verdicts: [accepted], infrastructure },
      ],
      api: means,
      now: epochMs(1_000),
      moved: false,
    });
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
    const means: ClusterApi = {
      ...cluster(),
      putInfrastructure: async () => ({ is: "foreign", why: "ServiceAccount shop/x is not the Gateway's" }),
    };
    await say(bearing({ team: "a" }), means);
    expect((await told()).infrastructure).toMatchObject({ status: "False", reason: "Foreign" });
  });

  test("is told all else while the API server fails to do it, and it is tried again", async () => {
    const failing: ClusterApi = {
      ...cluster(),
      putInfrastructure: async () => Promise.reject(new ClusterError("POST: 500: a webhook is down", 500)),
    };
    await expect(say(bearing({ team: "a" }), failing)).rejects.toThrow("a webhook is down");
    const { accepted: first, infrastructure } = await told();
    expect(first).toMatchObject({ status: "True" });
    expect(infrastructure).toMatchObject({ status: "False", reason: "Failed" });
    expect(await say(bearing({ team: "a" }), cluster())).toBe("written");
    expect((await told()).infrastructure).toBeUndefined();
    expect(await borne()).toEqual(bearing({ team: "a", ...ours }));
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
