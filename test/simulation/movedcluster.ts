import { controllers } from "../../functions/model/verdict.ts";
import { sliceOf } from "./backends.ts";
import type { Manifest } from "./cluster.ts";
import type { Carried } from "./incumbent.ts";

/** The objects of a cluster that moves over from the in-cluster controller, and what that one has made of its routes. */

const certificate = "arn:aws:acm:eu-central-1:111122223333:certificate/0a1b";
/** The in-cluster controller registers it all the same. */
const unready = "10.1.1.3";
const pods = { checkout: ["10.1.1.1", "10.1.1.2", unready], v2: ["10.1.2.1"] };
const web = [
  { port: 80, protocol: "HTTP" },
  { port: 443, protocol: "HTTPS" },
] as const;

const path = (kind: "exact" | "prefix", value: string) => ({
  pathMatch: { match: { [kind]: value }, caseSensitive: true },
});
const header = (name: string, value: string) => ({ name, match: { exact: value }, caseSensitive: false });

/** What it has made of `manifests`. */
export const carried: readonly Carried[] = [
  {
    kind: "HTTPRoute",
    name: "checkout",
    hostname: "shop.example.com",
    certificate,
    networks: ["prod", "edge"],
    groups: pods,
    listeners: web,
    rules: [
      {
        match: {
          method: "GET",
          ...path("prefix", "/cart/"),
          headerMatches: [header("X-Canary", "Yes"), header("a", "b")],
        },
        to: [{ service: "v2", weight: 1 }],
      },
      {
        match: path("prefix", "/"),
        to: [
          { service: "checkout", weight: 90 },
          { service: "v2", weight: 10 },
        ],
      },
      { match: path("exact", "/health"), to: [{ service: "checkout", weight: 1 }] },
    ],
  },
  {
    kind: "GRPCRoute",
    name: "calls",
    certificate,
    networks: ["prod"],
    groups: { checkout: pods.checkout },
    listeners: [{ port: 443, protocol: "HTTPS" }],
    rules: [
      {
        match: { method: "POST", ...path("exact", "/pay.Pay/Charge") },
        to: [{ service: "checkout", weight: 1 }],
      },
      { match: { method: "POST", ...path("prefix", "/pay.Pay/") }, to: [{ service: "checkout", weight: 1 }] },
      { match: { method: "POST", ...path("prefix", "/") }, to: [{ service: "checkout", weight: 1 }] },
    ],
  },
  {
    kind: "TLSRoute",
    name: "through",
    hostname: "tls.example.com",
    networks: ["prod"],
    groups: pods,
    listeners: [{ port: 8443, protocol: "TLS_PASSTHROUGH" }],
    rules: [
      {
        match: {},
        to: [
          { service: "checkout", weight: 3 },
          { service: "v2", weight: 1 },
        ],
      },
    ],
  },
];

const gateway = (name: string): Manifest => ({
  kind: "Gateway",
  namespace: "shop",
  name,
  body: {
    spec: {
      gatewayClassName: "amazon-vpc-lattice",
      listeners: [
        { name: "http", port: 80, protocol: "HTTP" },
        {
          name: "https",
          port: 443,
          protocol: "HTTPS",
          tls: {
            mode: "Terminate",
            options: { "application-networking.k8s.aws/certificate-arn": certificate },
          },
        },
        { name: "tls", port: 8443, protocol: "TLS", tls: { mode: "Passthrough" } },
      ],
    },
  },
});

export const endpoints = (name: string, ips: readonly string[]): Manifest => {
  const pods = ips.map((ip) => ({ addresses: [ip], conditions: { ready: ip !== unready } }));
  return sliceOf("shop", name, pods);
};

export const route = (kind: Carried["kind"], name: string, spec: object): Manifest => ({
  kind,
  namespace: "shop",
  name,
  body: { spec: { parentRefs: [{ name: "prod" }], ...spec } },
});

export const checkout = (weight: number, hostname = "shop.example.com"): Manifest =>
  route("HTTPRoute", "checkout", {
    parentRefs: [{ name: "prod" }, { name: "edge" }],
    hostnames: [hostname, "www.example.com"],
    rules: [
      {
        matches: [
          {
            method: "GET",
            path: { type: "PathPrefix", value: "/cart/" },
            headers: [
              { name: "X-Canary", value: "Yes" },
              { name: "a", value: "b" },
            ],
          },
        ],
        backendRefs: [{ name: "v2", port: 80 }],
      },
      {
        backendRefs: [
          { name: "checkout", port: 80, weight },
          { name: "v2", port: 80, weight: 10 },
        ],
      },
      {
        matches: [{ path: { type: "Exact", value: "/health" } }],
        backendRefs: [{ name: "checkout", port: 80 }],
      },
    ],
  });

const to = (name: string) => [{ name, port: 80 }];
export const manifests: readonly Manifest[] = [
  {
    kind: "GatewayClass",
    name: "amazon-vpc-lattice",
    body: { spec: { controllerName: controllers["amazon-vpc-lattice"] } },
  },
  { kind: "Namespace", name: "shop", labels: { "kubernetes.io/metadata.name": "shop" }, body: {} },
  gateway("prod"),
  gateway("edge"),
  ...Object.entries(pods).flatMap(([name, ips]): readonly Manifest[] => [
    {
      kind: "Service",
      namespace: "shop",
      name,
      body: { spec: { type: "ClusterIP", ipFamilies: ["IPv4"], ports: [{ port: 80, protocol: "TCP" }] } },
    },
    endpoints(name, ips),
  ]),
  checkout(90),
  route("GRPCRoute", "calls", {
    rules: [
      { matches: [{ method: { service: "pay.Pay", method: "Charge" } }], backendRefs: to("checkout") },
      { matches: [{ method: { service: "pay.Pay" } }], backendRefs: to("checkout") },
      { backendRefs: to("checkout") },
    ],
  }),
  route("TLSRoute", "through", {
    hostnames: ["tls.example.com"],
    rules: [{ backendRefs: [{ name: "checkout", port: 80, weight: 3 }, ...to("v2")] }],
  }),
];
