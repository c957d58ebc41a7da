import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { clusterApiOver } from "../../functions/status/cluster.k8s.ts";
import type { ClusterApi } from "../../functions/status/cluster.ts";
import { compose } from "../../functions/status/compose.ts";
import { conditions } from "../../functions/status/conditions.ts";
import { writeStatus } from "../../functions/status/write.ts";
import { epochMs } from "../../functions/model/ids.ts";
import { keyOf, type ObjectRef } from "../../functions/model/objects.ts";
import { controllers, type Report, type Verdict } from "../../functions/model/verdict.ts";
import { startApi, type TestApi } from "../infra/local/kubernetes/api.ts";
import { east } from "../support/builders.ts";

const apiVersion = "gateway.networking.k8s.io/v1";
const shop = `/apis/${apiVersion}/namespaces/shop`;
const route: ObjectRef = { cluster: east, kind: "HTTPRoute", namespace: "shop", name: "checkout" };
const gateway: ObjectRef = { cluster: east, kind: "Gateway", namespace: "shop", name: "prod" };
const paths = { HTTPRoute: `${shop}/httproutes/checkout`, Gateway: `${shop}/gateways/prod` } as const;

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
  await api.call("POST", "/api/v1/namespaces", { body: namespace });
  const made = [
    { kind: "HTTPRoute", plural: "httproutes", name: "checkout", spec: { parentRefs: [{ name: "prod" }] } },
    {
      kind: "Gateway",
      plural: "gateways",
      name: "prod",
      spec: { gatewayClassName: "espalier", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
    },
  ];
  for (const { kind, plural, name, spec } of made) {
    const body = { apiVersion, kind, metadata: { name, namespace: "shop" }, spec };
    expect((await api.call("POST", `${shop}/${plural}`, { body })).status).toBe(201);
  }
});
afterEach(() => api.server.close());

const cluster = (): ClusterApi =>
  clusterApiOver({ server: async () => ({ endpoint: api.url, ca: api.ca }), token: async () => "admin" });

const atParent: Verdict["subject"] = {
  at: "parent",
  ref: { group: "gateway.networking.k8s.io", kind: "Gateway", name: "prod" },
  controllerName: controllers.espalier,
};
const verdict = (over: Partial<Verdict> = {}): Verdict => ({
  subject: atParent,
  type: "Accepted",
  status: "True",
  reason: "Accepted",
  message: "",
  ...over,
});

/** Writes what is said of an object so many seconds after 1970. */
async function say(
  ref: ObjectRef,
  seconds: number,
  said: Partial<Report> & Pick<Report, "verdicts">,
  means: ClusterApi = cluster(),
) {
  return writeStatus(ref, {
    reports: async (live) => [{ on: keyOf(ref), uid: live.uid, generation: 1, ...said }],
    api: means,
    now: epochMs(seconds * 1_000),
    moved: false,
  });
}

const parent = z.looseObject({ controllerName: z.string(), conditions });
const read = async (kind: keyof typeof paths) => (await api.call("GET", paths[kind])).body;
const parents = async () =>
  z
    .looseObject({ parents: z.array(parent).default([]) })
    .default({ parents: [] })
    .parse((await read("HTTPRoute"))["status"]).parents;

const time = (seconds: number): string => `1970-01-01T00:00:${String(seconds).padStart(2, "0")}Z`;

const theirs = (name: string, over: object = {}) => ({
  parentRef: { group: "gateway.networking.k8s.io", kind: "Gateway", name },
  controllerName: "example.com/other",
  conditions: [
    {
      type: "Accepted",
      status: "False",
      reason: "Theirs",
      message: "theirs",
      observedGeneration: 7,
      lastTransitionTime: time(0),
    },
  ],
  ...over,
});

/** What other controllers have written of the route. */
async function othersWrote(entries: readonly unknown[]): Promise<void> {
  const body = { ...(await read("HTTPRoute")), status: { parents: entries } };
  expect((await api.call("PUT", `${paths.HTTPRoute}/status`, { body })).status).toBe(200);
}

describe("lastTransitionTime", () => {
  test("moves when the status does, and not with reason, message or generation", async () => {
    const at = async () => (await parents())[0]?.conditions[0];
    await say(route, 1, { verdicts: [verdict()] });
    await say(route, 2, { verdicts: [verdict({ message: "as of now" })] });
    expect(await at()).toMatchObject({ message: "as of now", lastTransitionTime: time(1) });
    await say(route, 3, { verdicts: [verdict({ reason: "Anew" })] });
    expect(await at()).toMatchObject({ reason: "Anew", lastTransitionTime: time(1) });
    await say(route, 4, { verdicts: [verdict({ reason: "Anew" })], generation: 2 });
    expect(await at()).toMatchObject({ observedGeneration: 2, lastTransitionTime: time(1) });
    await say(route, 5, { verdicts: [verdict({ status: "False", reason: "Anew" })], generation: 2 });
    expect(await at()).toMatchObject({ status: "False", lastTransitionTime: time(5) });
  });
});

describe("what other controllers say of a route", () => {
  test("stays as it is and where it is, before ours and after, of our own Gateway too", async () => {
    await othersWrote([theirs("first"), theirs("prod")]);
    await say(route, 1, { verdicts: [verdict()] });
    const [first, same, ours] = await parents();
    await othersWrote([first, ours, same, theirs("last")]);
    await say(route, 2, { verdicts: [verdict({ status: "False" })] });
    const after = await parents();
    expect(after.map(({ controllerName }) => controllerName)).toEqual([
      "example.com/other",
      controllers.espalier,
      "example.com/other",
      "example.com/other",
    ]);
    expect([after[0], after[2], after[3]]).toEqual([theirs("first"), theirs("prod"), theirs("last")]);
    await say(route, 3, { verdicts: [] });
    expect(await parents()).toEqual([theirs("first"), theirs("prod"), theirs("last")]);
  });

  test("gets nothing added where an older CRD let it have no conditions", () => {
    const { conditions: _none, ...bare } = theirs("first");
    const before = { parents: [bare] };
    expect(compose(before, route, [], time(1))).toEqual({ status: before, changed: false });
  });
});

test("what is said again is not written again, later or by another worker", async () => {
  const said = { verdicts: [verdict(), verdict({ type: "Programmed", status: "False", reason: "Pending" })] };
  expect(await say(route, 1, said)).toBe("written");
  const version = (await read("HTTPRoute")).metadata.resourceVersion;
  const never = async () => Promise.reject(new Error("nothing is to be written"));
  const means = { ...cluster(), putStatus: never, annotate: never, putEndpoints: never };
  expect(await say(route, 9, said, means)).toBe("unchanged");
  expect(await say(route, 9, { verdicts: said.verdicts.toReversed() }, means)).toBe("unchanged");
  expect((await read("HTTPRoute")).metadata.resourceVersion).toBe(version);
});

test("every condition names the generation it is about, of an object, its listeners and its parents", async () => {
  const types = ["Accepted", "Programmed", "ResolvedRefs"];
  const listeners = [{ name: "http", supportedKinds: [], attachedRoutes: 0 }];
  const on = (subject: Verdict["subject"]) => types.map((type) => verdict({ subject, type }));
  await say(route, 1, { verdicts: on(atParent), generation: 4 });
  const of = [...on({ at: "object" }), ...on({ at: "listener", name: "http" })];
  await say(gateway, 1, { verdicts: of, listeners, generation: 4 });
  const status = z
    .object({ conditions, listeners: z.array(z.object({ conditions })) })
    .parse((await read("Gateway"))["status"]);
  for (const all of [status, ...status.listeners, ...(await parents())]) {
    const ours = all.conditions.filter(({ type }) => types.includes(type));
    expect(ours.map((one) => one.observedGeneration)).toEqual([4, 4, 4]);
  }
});

test("what is said of an older generation is not written over what is said of a newer one", async () => {
  await say(route, 1, { verdicts: [verdict()], generation: 3 });
  expect(await say(route, 2, { verdicts: [verdict({ status: "False" })], generation: 2 })).toBe("unchanged");
});

test("who is overtaken reads again, and loses nothing that was written meanwhile", async () => {
  let overtaken = 0;
  const means: ClusterApi = {
    ...cluster(),
    async putStatus(ref, version, status) {
      if (overtaken === 0) await othersWrote([theirs("first")]);
      overtaken += 1;
      return cluster().putStatus(ref, version, status);
    },
  };
  expect(await say(route, 1, { verdicts: [verdict()] }, means)).toBe("written");
  expect(overtaken).toBe(2);
  expect((await parents()).map(({ controllerName }) => controllerName)).toEqual([
    "example.com/other",
    controllers.espalier,
  ]);
});
