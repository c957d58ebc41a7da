import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { clusterName } from "../../../../functions/model/ids.ts";
import { converge } from "../../../../infra/local/proof/converge.ts";
import { problemLines } from "../../../../infra/local/proof/problems.ts";
import { saidIn } from "../../../../infra/local/proof/settled.ts";
import type { KubeObject } from "../../../../infra/local/kubernetes/objects.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Conditions = readonly (readonly [type: string, status: string, reason: string, generation?: number])[];

const controllerName = "application-networking.k8s.aws/gateway-api-controller";
const conditionsOf = (all: Conditions) =>
  all.map(([type, status, reason, observedGeneration = 1]) => ({
    type,
    status,
    reason,
    message: `about ${type}`,
    observedGeneration,
  }));

const object = (kind: string, name: string, rest: Readonly<Record<string, unknown>>): KubeObject => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind,
  metadata: { name, ...(kind === "GatewayClass" ? {} : { namespace: "shop" }), generation: 1 },
  ...rest,
});

/** A cluster with a class, a Gateway and a route of ours, of which this is said. */
function clusterThatSays(d: {
  readonly route?: Conditions;
  /** A second parent of the route: a listener of the Gateway, and what is said there. */
  readonly also?: { readonly sectionName: string; readonly says: Conditions };
  readonly gateway?: Conditions;
  readonly listener?: Conditions;
  readonly parent?: string;
}) {
  const taken: Conditions = [["Accepted", "True", "Accepted"]];
  const good: Conditions = [...taken, ["Programmed", "True", "Programmed"]];
  const listeners = [{ name: "http", conditions: conditionsOf(d.listener ?? good) }];
  const served: Conditions = [...good, ["ResolvedRefs", "True", "ResolvedRefs"]];
  const saidAt = (ref: Readonly<Record<string, string>>, says: Conditions) => ({
    controllerName,
    parentRef: { name: "net", ...ref },
    conditions: conditionsOf(says),
  });
  const parents = [
    saidAt(d.parent === undefined ? {} : { name: d.parent }, d.route ?? served),
    ...(d.also === undefined ? [] : [saidAt({ sectionName: d.also.sectionName }, d.also.says)]),
  ];
  const objects = [
    object("GatewayClass", "lattice", {
      spec: { controllerName },
      status: { conditions: conditionsOf(taken) },
    }),
    object("Gateway", "net", {
      spec: { gatewayClassName: "lattice" },
      status: { conditions: conditionsOf(d.gateway ?? good), listeners },
    }),
    object("HTTPRoute", "cart", {
      spec: { parentRefs: parents.map(({ parentRef }) => parentRef) },
      status: { parents },
    }),
  ];
  return {
    name: clusterName("east"),
    list: async (kind: string) => objects.filter((one) => one.kind === kind),
  };
}

/** What is said to be wrong, or not said yet. */
const problemsOf = async (d: Parameters<typeof clusterThatSays>[0]): Promise<readonly string[]> =>
  problemLines(await saidIn(clusterThatSays(d)));

const accepted = ["Accepted", "True", "Accepted"] as const;
const resolved = ["ResolvedRefs", "True", "ResolvedRefs"] as const;
const programmed = ["Programmed", "True", "Programmed"] as const;

test.each<[what: string, route: Conditions, told: string]>([
  [
    "is not accepted",
    [["Accepted", "False", "NoMatchingParent"], resolved],
    "Accepted is False (NoMatchingParent): about Accepted",
  ],
  [
    "names what is not there",
    [accepted, ["ResolvedRefs", "False", "BackendNotFound"], programmed],
    "ResolvedRefs is False (BackendNotFound): about ResolvedRefs",
  ],
  [
    "loses a part",
    [accepted, resolved, programmed, ["PartiallyInvalid", "True", "UnsupportedValue"]],
    "PartiallyInvalid is True (UnsupportedValue): about PartiallyInvalid",
  ],
  [
    "cannot be programmed",
    [accepted, resolved, ["Programmed", "False", "Invalid"]],
    "Programmed is False (Invalid): about Programmed",
  ],
])("a route that %s is at rest, and not right", async (_what, route, told) => {
  expect(await problemsOf({ route })).toEqual([`east HTTPRoute shop/cart at Gateway shop/net: ${told}`]);
  const said = await saidIn(clusterThatSays({ route }));
  expect(said.map((one) => one.waiting)).toEqual([undefined, undefined, undefined]);
});

test("so is a Gateway, and one of its listeners", async () => {
  expect(
    await problemsOf({
      gateway: [
        ["Accepted", "False", "Invalid"],
        ["Programmed", "False", "Invalid"],
      ],
    }),
  ).toEqual([
    "east Gateway shop/net: Accepted is False (Invalid): about Accepted",
    "east Gateway shop/net: Programmed is False (Invalid): about Programmed",
  ]);
  expect(await problemsOf({ listener: [["Conflicted", "True", "ProtocolConflict"]] })).toEqual([
    "east Gateway shop/net listener http: Conflicted is True (ProtocolConflict): about Conflicted",
  ]);
});

test("what is right is no problem; what only waits, or was said of an older generation, is waited for", async () => {
  expect(await problemsOf({})).toEqual([]);
  expect(await problemsOf({ gateway: [accepted, ["Programmed", "False", "Pending"]] })).toEqual([
    "east Gateway shop/net: Programmed is False (Pending): about Programmed",
  ]);
  expect(await problemsOf({ route: [["Accepted", "False", "NoMatchingParent", 0]] })).toEqual([
    "east HTTPRoute shop/cart at Gateway shop/net: no condition Accepted for generation 1 yet",
  ]);
});

describe("a route with two parents", () => {
  const good = [accepted, resolved, programmed];

  test("is told of at the one that it is about", async () => {
    const also = {
      sectionName: "more",
      says: [["Accepted", "False", "NoMatchingParent"], resolved],
    } as const;
    expect(await problemsOf({ route: good, also })).toEqual([
      "east HTTPRoute shop/cart at Gateway shop/net, listener more: Accepted is False (NoMatchingParent): about Accepted",
    ]);
    const [, , said] = await saidIn(clusterThatSays({ route: good, also }));
    expect(said?.parents.map(({ text, conditions }) => [text, conditions[0]?.status])).toEqual([
      ["Gateway shop/net", "True"],
      ["Gateway shop/net, listener more", "False"],
    ]);
  });

  test("waits for what is not said at one of them, whatever is said twice at the other", async () => {
    const also = { sectionName: "more", says: [] } as const;
    expect(await problemsOf({ route: good, also })).toEqual([
      "east HTTPRoute shop/cart at Gateway shop/net, listener more: no condition Accepted for generation 1 yet",
    ]);
  });
});

test("what is said in the same words of a Gateway, its listeners and its routes is one line that names them all", async () => {
  const invalid = ["Programmed", "False", "Invalid"] as const;
  expect(
    await problemsOf({
      gateway: [accepted, invalid],
      listener: [accepted, invalid],
      route: [accepted, ["ResolvedRefs", "False", "BackendNotFound"], invalid],
    }),
  ).toEqual([
    "east Gateway shop/net, Gateway shop/net listener http, HTTPRoute shop/cart at Gateway shop/net: Programmed is False (Invalid): about Programmed",
    "east HTTPRoute shop/cart at Gateway shop/net: ResolvedRefs is False (BackendNotFound): about ResolvedRefs",
  ]);
});

test("whoever waits for something that does not come is told every quarter of a minute what it is", async () => {
  const told: (string | undefined)[] = [];
  const over = converge({
    clusters: [clusterThatSays({ gateway: [accepted, ["Programmed", "False", "Pending"]] })],
    idle: async () => true,
    withinMs: 40_000,
    now: Date.now,
    onWaiting: (said) => told.push(said.find((one) => one.waiting !== undefined)?.waiting?.what),
  });
  await vi.advanceTimersByTimeAsync(41_000);
  expect((await over).converged).toBe(false);
  expect(told).toEqual(Array.from({ length: 2 }, () => "Programmed is False (Pending)"));
});

test("a route none of whose parents is there, of which no status may speak, is told of", async () => {
  const all = await saidIn(clusterThatSays({ parent: "nte" }));
  const what = "there is no Gateway shop/nte; nothing serves it";
  expect(all.find(({ kind }) => kind === "HTTPRoute")?.refused).toEqual([{ at: "", what, message: "" }]);
});
