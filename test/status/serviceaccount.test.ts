import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clusterApiOver } from "../../functions/status/cluster.k8s.ts";
import type { Infrastructure } from "../../functions/model/infrastructure.ts";
import type { ObjectRef } from "../../functions/model/objects.ts";
import { startApi, type TestApi } from "../infra/local/kubernetes/api.ts";
import { east } from "../support/builders.ts";
import { accountsIn, accountsPath, bearing, borneIn, onlyAccount, ours } from "./accounts.ts";

const named = (name: string): ObjectRef => ({ cluster: east, kind: "Gateway", namespace: "shop", name });
const gateway = named("prod");
const nothing = bearing({});

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
  await api.call("POST", "/api/v1/namespaces", { body: namespace });
});
afterEach(() => api.server.close());

const cluster = (token = async () => "admin") =>
  clusterApiOver({ server: async () => ({ endpoint: api.url, ca: api.ca }), token });
const put = (wanted: Infrastructure, uid = "uid-1", ref = gateway) =>
  cluster().putInfrastructure(ref, uid, wanted);
const accounts = () => accountsIn(api);
const only = () => onlyAccount(api);
const borne = () => borneIn(api);

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
    expect(new Map(all.map((one) => [one.ownerReferences[0]?.uid, one.labels["team"]]))).toEqual(
      new Map([
        ["uid-1", "a"],
        ["uid-2", "b"],
        ["uid-3", "c"],
        ["uid-4", "d"],
      ]),
    );
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
      return cluster(token).putInfrastructure(gateway, "uid-1", bearing({ team: "b" }));
    };
    expect(await overtaken(() => put(bearing({ team: "a" })))).toEqual({ is: "overtaken" });
    expect(await overtaken(() => put(bearing({ team: "c" })))).toEqual({ is: "overtaken" });
    const { name } = (await only()).metadata;
    expect(await overtaken(() => api.call("DELETE", `${accountsPath}/${name}`))).toEqual({ is: "overtaken" });
  });
});
