import { describe, expect, test } from "vitest";

import { detailOf, type BusEvent } from "../../functions/bus/events.ts";
import { parseObject } from "../../functions/bus/objects.ts";
import { parseEnvelope } from "../../functions/bus/parse.ts";
import { clusterName, rv } from "../../functions/model/ids.ts";

import { httpRoute } from "./raw.ts";

const route = parseObject("HTTPRoute", httpRoute("checkout"));
if (!route.ok) throw new Error(route.problems);

const origin = { version: 1, cluster: clusterName("east"), epoch: "epoch-1" } as const;
const name = { kind: "Service", namespace: "shop", name: "cart", uid: "", rv: rv(9) } as const;
const put = { op: "put", kind: "HTTPRoute", object: route.object, rv: rv(12), trim: 1 } as const;

const events: readonly BusEvent[] = [
  {
    type: "Objects Changed",
    ...origin,
    changes: [put, { op: "delete", ...name }, { op: "refuse", ...name, uid: "u", reason: "too large" }],
  },
  {
    type: "Inventory",
    ...origin,
    id: "i",
    chunk: 0,
    chunks: 1,
    full: true,
    kinds: ["HTTPRoute", "Service"],
    taken: { HTTPRoute: rv(20), Service: rv(21) },
    entries: [["HTTPRoute", "shop", "checkout", "uid-checkout", rv(12), "hash", true]],
    absent: [["Service", "shop", "cart"]],
    bodies: [put],
  },
  {
    type: "Heartbeat",
    ...origin,
    versions: { forwarder: "0.1.0", trim: 1 },
    counts: { HTTPRoute: 1 },
    last: { HTTPRoute: rv(12) },
    watches: [
      { kind: "HTTPRoute", ok: true },
      { kind: "EndpointSlice", ok: false, reason: "403: forbidden" },
    ],
  },
];

const delivered = (event: BusEvent, over: object = {}) => ({
  version: "0",
  id: "1-2-3",
  "detail-type": event.type,
  source: "espalier.east",
  account: "111122223333",
  time: "2026-01-01T00:00:05Z",
  region: "eu-central-1",
  resources: [],
  detail: { ...Object(JSON.parse(detailOf(event))), ...over },
});

test.each(events)("$type arrives as it was sent", (event) => {
  expect(parseEnvelope(delivered(event))).toEqual({
    ok: true,
    event,
    envelope: {
      id: "1-2-3",
      account: "111122223333",
      source: "espalier.east",
      time: Date.parse("2026-01-01T00:00:05Z"),
    },
  });
});

describe("what cannot be read is refused with its reason", () => {
  const [changed, inventory, heartbeat] = events;
  if (changed === undefined || inventory === undefined || heartbeat === undefined)
    throw new Error("three events");
  const { kind: _kind, ...noKind } = name;
  const table: readonly [string, unknown, RegExp][] = [
    ["no envelope", "hello", /^not an event as EventBridge delivers it: \(the whole\): expected object/],
    ["no detail", { ...delivered(changed), detail: undefined }, /delivers it: detail: expected object/],
    [
      "unknown type",
      { ...delivered(changed), "detail-type": "Objects Moved" },
      /^event 1-2-3 from espalier\.east: unknown detail-type "Objects Moved" \(known: Objects Changed, Inventory, Heartbeat\)$/,
    ],
    [
      "future version",
      delivered(changed, { version: 2 }),
      /unknown version 2 of "Objects Changed" \(known: 1\)/,
    ],
    [
      "no version",
      delivered(changed, { version: undefined }),
      /unknown version undefined of "Objects Changed"/,
    ],
    [
      "a name of the object prototype",
      { ...delivered(changed), "detail-type": "toString" },
      /unknown detail-type/,
    ],
    ["not a cluster", delivered(changed, { cluster: "East!" }), /cluster: not a cluster name: "East!"/],
    [
      "a kind that is not read here",
      delivered(changed, { changes: [{ op: "delete", ...noKind, kind: "Pod" }] }),
      /broken "Objects Changed" version 1: changes\[0\]\.kind: not a kind that is read here: "Pod"/,
    ],
    [
      "a broken object",
      delivered(changed, { changes: [put, { ...put, object: { ...put.object, spec: 1 } }] }),
      /changes\[1\]\.object: spec: expected object, received number/,
    ],
    [
      "an rv that is no number",
      delivered(changed, { changes: [{ op: "delete", ...name, rv: -1 }] }),
      /changes\[0\]\.rv: not a numeric resourceVersion/,
    ],
    [
      "a Service without namespace",
      delivered(changed, { changes: [{ op: "delete", ...name, namespace: "" }] }),
      /changes\[0\]\.namespace: a namespaced kind has a namespace/,
    ],
    [
      "an operation that is none",
      delivered(changed, { changes: [{ op: "patch", ...name }] }),
      /changes\[0\]\.op/,
    ],
    ["a chunk beyond the last", delivered(inventory, { chunk: 1 }), /chunk: not below the number of chunks/],
    [
      "a kind without the rv of its list",
      delivered(inventory, { taken: { HTTPRoute: 1 } }),
      /taken\.Service: missing for a kind that is listed/,
    ],
    ["a count of what is no kind", delivered(heartbeat, { counts: { Pod: 1 } }), /counts\.Pod: not a kind/],
  ];
  test.each(table)("%s", (_name, envelope, expected) => {
    const received = parseEnvelope(envelope);
    expect(received.ok ? "parsed" : received.refused).toMatch(expected);
  });
});
