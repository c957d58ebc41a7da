import { describe, expect, test } from "vitest";

import { parseObject } from "../../functions/bus/objects.ts";
import type { Kind } from "../../functions/model/objects.ts";

import { clusterScoped, endpointSlice, gateway, httpRoute, metadata, service } from "./raw.ts";

function parsed(kind: Kind, raw: unknown): unknown {
  const answer = parseObject<Kind>(kind, raw);
  if (!answer.ok) throw new Error(answer.problems);
  return answer.object;
}

const spec = (kind: Kind, raw: unknown): unknown => Reflect.get(Object(parsed(kind, raw)), "spec");
const meta = (kind: Kind, raw: unknown): unknown => Reflect.get(Object(parsed(kind, raw)), "metadata");

const anyRule = {
  matches: [{ path: { type: "PathPrefix", value: "/" }, headers: [], queryParams: [] }],
  filters: [],
};
const defaults: readonly [string, Kind, unknown, unknown][] = [
  [
    "a route without rules has one that matches everything",
    "HTTPRoute",
    httpRoute("r"),
    {
      parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "front" }],
      hostnames: [],
      rules: [{ ...anyRule, backendRefs: [] }],
    },
  ],
  [
    "a rule without matches has one, and a backend is a Service of weight 1",
    "HTTPRoute",
    httpRoute("r", { rules: [{ matches: [], backendRefs: [{ name: "a", port: 80 }] }] }),
    expect.objectContaining({
      rules: [
        {
          ...anyRule,
          backendRefs: [{ group: "", kind: "Service", name: "a", port: 80, weight: 1, filters: [] }],
        },
      ],
    }),
  ],
  [
    "a match by header keeps its path of / and is exact",
    "HTTPRoute",
    httpRoute("r", { rules: [{ matches: [{ headers: [{ name: "a", value: "b" }] }] }] }),
    expect.objectContaining({
      rules: [
        {
          ...anyRule,
          matches: [
            {
              path: { type: "PathPrefix", value: "/" },
              headers: [{ type: "Exact", name: "a", value: "b" }],
              queryParams: [],
            },
          ],
          backendRefs: [],
        },
      ],
    }),
  ],
  [
    "a listener takes routes of its own namespace",
    "Gateway",
    gateway("g"),
    {
      gatewayClassName: "amazon-vpc-lattice",
      listeners: [
        {
          name: "http",
          port: 80,
          protocol: "HTTP",
          allowedRoutes: { namespaces: { from: "Same" }, kinds: [] },
        },
      ],
      addresses: [],
      allowedListeners: { namespaces: { from: "None" } },
      tls: [],
    },
  ],
  [
    "a certificate is a Secret and TLS terminates",
    "Gateway",
    gateway("g", {
      listeners: [{ name: "s", port: 443, protocol: "HTTPS", tls: { certificateRefs: [{ name: "c" }] } }],
    }),
    expect.objectContaining({
      listeners: [
        expect.objectContaining({
          tls: {
            mode: "Terminate",
            certificateRefs: [{ group: "", kind: "Secret", name: "c" }],
            options: {},
          },
        }),
      ],
    }),
  ],
  [
    "a Service is IPv4 with TCP ports, and its unnamed port has no name",
    "Service",
    service("s", { ports: [{ name: "", port: 80 }] }),
    { type: "ClusterIP", ipFamilies: ["IPv4"], ports: [{ port: 80, protocol: "TCP" }] },
  ],
  [
    "an ExternalName has no families",
    "Service",
    service("s", { type: "ExternalName", ports: null }),
    { type: "ExternalName", ipFamilies: [], ports: [] },
  ],
];

describe("defaults of the API", () => {
  test.each(defaults)("%s", (_name, kind, raw, expected) => {
    expect(spec(kind, raw)).toEqual(expected);
  });

  test("an empty EndpointSlice has null where lists are", () => {
    expect(parsed("EndpointSlice", endpointSlice("e", "s", { ports: null, endpoints: null }))).toMatchObject({
      addressType: "IPv4",
      ports: [],
      endpoints: [],
    });
  });

  test("v1 and v1beta1 read alike", () => {
    const v1 = httpRoute("r");
    expect(parsed("HTTPRoute", { ...v1, apiVersion: "gateway.networking.k8s.io/v1beta1" })).toEqual(
      parsed("HTTPRoute", v1),
    );
  });

  test("an item of a list does not name its kind", () => {
    expect(parsed("Service", service("s"))).toMatchObject({ kind: "Service", metadata: { generation: 0 } });
  });
});

describe("what is dropped", () => {
  test("status, managed fields, outputs and noise go, what users wrote stays", () => {
    const annotations = {
      "application-networking.k8s.aws/lattice-service-arn": "arn",
      "application-networking.k8s.aws/lattice-assigned-domain-name": "d",
      "kubectl.kubernetes.io/last-applied-configuration": "{}",
      "application-networking.k8s.aws/rule-0-priority": "1",
    };
    const object = parsed("HTTPRoute", httpRoute("r", {}, { annotations, labels: { team: "a" } }));
    expect(Object.keys(Object(object))).toEqual(["kind", "metadata", "spec"]);
    expect(Reflect.get(Object(object), "metadata")).toEqual({
      namespace: "shop",
      name: "r",
      uid: "uid-r",
      generation: 1,
      creationTimestamp: "2026-01-01T00:00:00Z",
      labels: {},
      annotations: { "application-networking.k8s.aws/rule-0-priority": "1" },
    });
  });

  test("labels stay where somebody selects by them", () => {
    expect(meta("Namespace", { metadata: clusterScoped("shop", { labels: { team: "a" } }) })).toMatchObject({
      namespace: "",
      labels: { team: "a" },
    });
    expect(meta("EndpointSlice", endpointSlice("e", "s"))).toMatchObject({
      labels: { "kubernetes.io/service-name": "s" },
    });
  });
});

describe("problems name their field", () => {
  const table: readonly [string, Kind, unknown, RegExp][] = [
    [
      "wrong type deep inside",
      "HTTPRoute",
      httpRoute("r", { rules: [{ backendRefs: [{ name: "a" }, { name: "b", weight: "1" }] }] }),
      /^spec\.rules\[0\]\.backendRefs\[1\]\.weight: expected number, received string$/,
    ],
    [
      "several at once",
      "Gateway",
      { metadata: metadata("g"), spec: {} },
      /^spec\.gatewayClassName: .*string/,
    ],
    [
      "no namespace",
      "Service",
      { metadata: clusterScoped("s"), spec: {} },
      /^metadata\.namespace: expected string/,
    ],
    [
      "a namespace too many",
      "Namespace",
      { metadata: metadata("n") },
      /^metadata\.namespace: Namespace is cluster-scoped$/,
    ],
    [
      "another kind",
      "Service",
      { kind: "Pod", metadata: metadata("s"), spec: {} },
      /^kind: expected "Service"/,
    ],
    ["nothing at all", "Service", undefined, /^\(the whole\): expected object, received undefined$/],
    [
      "a port that cannot be",
      "Service",
      service("s", { ports: [{ port: 70_000 }] }),
      /^spec\.ports\[0\]\.port: Too big/,
    ],
  ];
  test.each(table)("%s", (_name, kind, raw, expected) => {
    const answer = parseObject<Kind>(kind, raw);
    expect(answer.ok ? "parsed" : answer.problems).toMatch(expected);
  });
});
