import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clusterName } from "../../../../functions/model/ids.ts";
import { converge } from "../../../../infra/local/proof/converge.ts";
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
  readonly gateway?: Conditions;
  readonly listener?: Conditions;
  readonly parent?: string;
}) {
  const taken: Conditions = [["Accepted", "True", "Accepted"]];
  const good: Conditions = [...taken, ["Programmed", "True", "Programmed"]];
  const listeners = [{ name: "http", conditions: conditionsOf(d.listener ?? good) }];
  const served: Conditions = [...good, ["ResolvedRefs", "True", "ResolvedRefs"]];
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
      spec: { parentRefs: [{ name: d.parent ?? "net" }] },
      status: { parents: [{ controllerName, conditions: conditionsOf(d.route ?? served) }] },
    }),
  ];
  return {
    name: clusterName("east"),
    list: async (kind: string) => objects.filter((one) => one.kind === kind),
  };
}

/** What is refused, of all objects, with the last word of each name. */
const refusedIn = async (d: Parameters<typeof clusterThatSays>[0]): Promise<readonly string[]> =>
  (await saidIn(clusterThatSays(d))).flatMap((one) => one.refused.map((why) => `${one.name}: ${why}`));

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
  expect(await refusedIn({ route })).toEqual([`cart: ${told}`]);
  const said = await saidIn(clusterThatSays({ route }));
  expect(said.map((one) => one.waiting)).toEqual([undefined, undefined, undefined]);
});

test("so is a Gateway, and one of its listeners", async () => {
  expect(
    await refusedIn({
      gateway: [
        ["Accepted", "False", "Invalid"],
        ["Programmed", "False", "Invalid"],
      ],
    }),
  ).toEqual([
    "net: Accepted is False (Invalid): about Accepted",
    "net: Programmed is False (Invalid): about Programmed",
  ]);
  expect(await refusedIn({ listener: [["Conflicted", "True", "ProtocolConflict"]] })).toEqual([
    "net: listener http: Conflicted is True (ProtocolConflict): about Conflicted",
  ]);
});

test("what is right, what only waits, and what was said of an older generation is no refusal", async () => {
  expect(await refusedIn({})).toEqual([]);
  expect(await refusedIn({ gateway: [accepted, ["Programmed", "False", "Pending"]] })).toEqual([]);
  expect(await refusedIn({ route: [["Accepted", "False", "NoMatchingParent", 0]] })).toEqual([]);
});

test("whoever waits for something that does not come is told every quarter of a minute what it is", async () => {
  const told: (string | undefined)[] = [];
  const over = converge({
    clusters: [clusterThatSays({ gateway: [accepted, ["Programmed", "False", "Pending"]] })],
    idle: async () => true,
    withinMs: 40_000,
    now: Date.now,
    onWaiting: (said) => told.push(said.find((one) => one.waiting !== undefined)?.waiting),
  });
  await vi.advanceTimersByTimeAsync(41_000);
  expect((await over).converged).toBe(false);
  expect(told).toEqual(Array.from({ length: 2 }, () => "Programmed is Pending: about Programmed"));
});

test("a route none of whose parents is there, of which no status may speak, is told of", async () => {
  expect(await refusedIn({ parent: "nte" })).toEqual([
    "cart: there is no Gateway shop/nte; nothing serves it",
  ]);
});
