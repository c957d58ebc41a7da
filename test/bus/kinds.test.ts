import { describe, expect, test } from "vitest";

import { parseObject } from "../../functions/bus/objects.ts";
import type { Kind, ObjectOf } from "../../functions/model/objects.ts";

import { clusterScoped, gateway, metadata } from "./raw.ts";

function parsed<K extends Kind>(kind: K, raw: unknown): ObjectOf<K> {
  const answer = parseObject(kind, raw);
  if (!answer.ok) throw new Error(answer.problems);
  return answer.object;
}

const problemsIn = (kind: Kind, raw: unknown): string => {
  const answer = parseObject<Kind>(kind, raw);
  return answer.ok ? "parsed" : answer.problems;
};

const gatewayApi = "gateway.networking.k8s.io";
const object = (spec: object) => ({ metadata: metadata("one"), spec, status: { parents: [] } });
const anyService = { group: "", kind: "Service", weight: 1, filters: [] };

test("a ListenerSet adds to a Gateway, and its listeners are as a Gateway's", () => {
  const raw = object({
    parentRef: { name: "front" },
    listeners: [
      { name: "tls", port: 443, protocol: "TLS", hostname: "a.example.com", tls: { mode: "Passthrough" } },
    ],
  });
  expect(parsed("ListenerSet", raw).spec).toEqual({
    parentRef: { group: gatewayApi, kind: "Gateway", name: "front" },
    listeners: [
      {
        name: "tls",
        port: 443,
        protocol: "TLS",
        hostname: "a.example.com",
        tls: { mode: "Passthrough", certificateRefs: [], options: {} },
        allowedRoutes: { namespaces: { from: "Same" }, kinds: [] },
      },
    ],
  });
  expect(problemsIn("ListenerSet", object({ listeners: [] }))).toMatch(/^spec\.parentRef: expected object/);
});

describe("a GRPCRoute", () => {
  test("matches methods exactly where it does not say how", () => {
    const raw = object({
      parentRefs: [{ name: "front", kind: "ListenerSet" }],
      hostnames: ["grpc.example.com"],
      rules: [
        {
          matches: [{ method: { service: "shop.Cart" }, headers: [{ name: "a", value: "b" }] }],
          backendRefs: [{ name: "cart", port: 50_051 }],
        },
      ],
    });
    expect(parsed("GRPCRoute", raw).spec).toEqual({
      parentRefs: [{ group: gatewayApi, kind: "ListenerSet", name: "front" }],
      hostnames: ["grpc.example.com"],
      rules: [
        {
          matches: [
            {
              method: { type: "Exact", service: "shop.Cart" },
              headers: [{ type: "Exact", name: "a", value: "b" }],
            },
          ],
          filters: [],
          backendRefs: [{ ...anyService, name: "cart", port: 50_051 }],
        },
      ],
    });
  });

  test("takes every call by a rule without matches, and none without rules", () => {
    expect(parsed("GRPCRoute", object({ rules: [{ matches: [] }, {}] })).spec.rules).toEqual([
      { matches: [{ headers: [] }], filters: [], backendRefs: [] },
      { matches: [{ headers: [] }], filters: [], backendRefs: [] },
    ]);
    expect(parsed("GRPCRoute", object({})).spec.rules).toEqual([]);
  });

  test("keeps which filters and whether sessions it asks for, so that a refusal can name them", () => {
    const [rule] = parsed(
      "GRPCRoute",
      object({
        rules: [
          {
            filters: [{ type: "RequestMirror", requestMirror: { backendRef: { name: "a" } } }],
            sessionPersistence: { sessionName: "s" },
            backendRefs: [{ name: "b", filters: [{ type: "RequestHeaderModifier" }] }],
          },
        ],
      }),
    ).spec.rules;
    expect(rule).toMatchObject({
      filters: [{ type: "RequestMirror" }],
      sessionPersistence: { sessionName: "s" },
      backendRefs: [{ filters: [{ type: "RequestHeaderModifier" }] }],
    });
    expect(JSON.stringify(rule)).not.toContain("requestMirror");
  });
});

test("a TLSRoute forwards by hostname alone", () => {
  const raw = object({
    parentRefs: [{ name: "front", sectionName: "tls" }],
    hostnames: ["a.example.com"],
    rules: [{ name: "all", backendRefs: [{ name: "a", port: 443, weight: 0 }] }],
  });
  expect(parsed("TLSRoute", raw).spec).toEqual({
    parentRefs: [{ group: gatewayApi, kind: "Gateway", name: "front", sectionName: "tls" }],
    hostnames: ["a.example.com"],
    rules: [{ name: "all", backendRefs: [{ ...anyService, name: "a", port: 443, weight: 0 }] }],
  });
});

describe("a Gateway", () => {
  const spec = (more: Record<string, unknown>) => parsed("Gateway", gateway("front", more)).spec;

  test("is open to no ListenerSet unless it says so", () => {
    expect(spec({}).allowedListeners).toEqual({ namespaces: { from: "None" } });
    expect(spec({ allowedListeners: {} }).allowedListeners).toEqual({ namespaces: { from: "None" } });
    expect(spec({ allowedListeners: { namespaces: {} } }).allowedListeners).toEqual({
      namespaces: { from: "None" },
    });
    const selector = { matchLabels: { team: "a" } };
    expect(
      spec({ allowedListeners: { namespaces: { from: "Selector", selector } } }).allowedListeners,
    ).toEqual({
      namespaces: { from: "Selector", selector: { matchLabels: { team: "a" }, matchExpressions: [] } },
    });
  });

  test("keeps what its objects are to bear", () => {
    const infrastructure = { labels: { team: "a" }, annotations: { "example.com/owner": "b" } };
    expect(spec({ infrastructure }).infrastructure).toEqual(infrastructure);
    expect(spec({ infrastructure: { labels: { team: "a" } } }).infrastructure).toEqual({
      labels: { team: "a" },
      annotations: {},
    });
    expect(spec({}).infrastructure).toBeUndefined();
  });

  test("keeps which parts of TLS it asks for, and nothing of what is in them", () => {
    const validation = { caCertificateRefs: [{ name: "ca" }] };
    expect(spec({}).tls).toEqual([]);
    expect(spec({ tls: { frontend: { default: { validation } } } }).tls).toEqual(["frontend"]);
    expect(spec({ tls: { backend: {}, frontend: null } }).tls).toEqual(["backend"]);
    expect(spec({ tls: { backend: {}, frontend: {} } }).tls).toEqual(["frontend", "backend"]);
  });
});

test("a CustomResourceDefinition is which bundle it is of, and nothing else", () => {
  const bundle = { [`${gatewayApi}/bundle-version`]: "v1.6.1", [`${gatewayApi}/channel`]: "standard" };
  const annotations = {
    ...bundle,
    "api-approved.kubernetes.io": "https://example.com",
    other: "x".repeat(1000),
  };
  const name = `gatewayclasses.${gatewayApi}`;
  const crd = parsed("CustomResourceDefinition", {
    metadata: clusterScoped(name, { annotations, labels: { app: "a" } }),
    spec: { group: gatewayApi },
  });
  expect(crd).toEqual({
    kind: "CustomResourceDefinition",
    metadata: {
      namespace: "",
      name,
      uid: `uid-${name}`,
      generation: 1,
      creationTimestamp: "2026-01-01T00:00:00Z",
      labels: {},
      annotations: bundle,
    },
  });
});
