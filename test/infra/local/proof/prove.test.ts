import { z } from "zod";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clusterName } from "../../../../functions/model/ids.ts";
import type { KubeObject } from "../../../../infra/local/kubernetes/objects.ts";
import { proveByTraffic } from "../../../../infra/local/proof/prove.ts";
import { certificateArn, forwardTo, notFound, startPlane } from "../lattice/plane.ts";
import { around, parentsThatSay, pathTo, routeObject, served, type Says } from "./world.ts";
import { account } from "../../../../infra/local/place.ts";

let plane: Awaited<ReturnType<typeof startPlane>>;
beforeEach(async () => {
  plane = await startPlane();
});
afterEach(() => plane.close());

const east = clusterName("east");
const arn = "arn:of-checkout";
/** What comes of the proof for some routes that one service serves at these ports. */
async function prove(
  routes: readonly KubeObject[],
  made: { readonly id: string; readonly dnsName: string },
  ports: Readonly<Record<number, string>>,
  d: { readonly ca?: string; readonly hostname?: string; readonly says?: Says } = {},
) {
  const its = { of: "HTTPRoute", route: "shop/checkout", hostname: d.hostname ?? "" };
  const listeners = Object.entries(ports).map(([port, protocol]) => ({
    port: Number(port),
    protocol,
    rules: [],
    defaultAction: {},
  }));
  const urls = await Promise.all(listeners.map(async ({ port }) => [port, await plane.url(port)] as const));
  return proveByTraffic({
    clusters: [
      {
        name: east,
        account,
        profile: "standard",
        network: "prod",
        list: async (kind) => [...around, ...routes].filter((one) => one.kind === kind),
      },
    ],
    said: routes.map((one) => ({
      cluster: east,
      kind: one.kind,
      namespace: "shop",
      name: one.metadata.name,
      conditions: [],
      parents: parentsThatSay(one, d.says === undefined ? {} : { lattice: d.says }),
      refused: [],
    })),
    services: [{ cluster: east, ...its, name: "checkout", ...made, arn, networks: ["prod"], listeners }],
    dataPlanes: { prod: Object.fromEntries(urls) },
    ca: d.ca ?? plane.ca,
    requests: 20,
  });
}

const toCart = (sectionName: string): KubeObject =>
  routeObject("HTTPRoute", "checkout", { rules: [pathTo("PathPrefix", "/", "cart")], arn, sectionName });
/** Where the rules of such a route are tried. */
const at = (sectionName: string) => ({
  cluster: "east",
  route: "HTTPRoute shop/checkout",
  rule: 0,
  parent: `Gateway shop/lattice, listener ${sectionName}`,
  network: "prod",
});

test("a route is proved over HTTP where its service speaks it", async () => {
  const { id, dnsName, listen } = plane.service("checkout");
  listen("HTTP", 80, forwardTo(await plane.group("cart")));
  const { traffic, problems, unproven } = await prove([toCart("http")], { id, dnsName }, { 80: "HTTP" });
  expect([...problems, ...unproven]).toEqual([]);
  expect(traffic).toEqual([
    { ...at("http"), url: `http://${dnsName}/`, requests: 20, by: { "shop/cart": 20 } },
  ]);
});

test("a route that is served over HTTPS alone is proved over TLS, and by the right authority only", async () => {
  const { id, dnsName, listen } = plane.service("checkout");
  listen("HTTPS", 443, forwardTo(await plane.group("cart")));
  const { traffic, problems } = await prove([toCart("https")], { id, dnsName }, { 443: "HTTPS" });
  expect(problems).toEqual([]);
  expect(traffic).toEqual([
    { ...at("https"), url: `https://${dnsName}/`, requests: 20, by: { "shop/cart": 20 } },
  ]);
  const other = await startPlane();
  other.close();
  const foreign = await prove([toCart("https")], { id, dnsName }, { 443: "HTTPS" }, { ca: other.ca });
  expect(foreign.problems).not.toEqual([]);
});

test("a rule whose backend is not there is tried too: it answers 500, and nobody else does in its place", async () => {
  const { id, dnsName, listen } = plane.service("checkout");
  const cart = forwardTo(await plane.group("cart"));
  const rule = listen("HTTP", 80, notFound);
  rule({ prefix: "/there" }, cart);
  rule({ prefix: "/lost" }, { fixedResponse: { statusCode: 500 } });
  rule({ prefix: "/taken" }, cart);
  const rules = [pathTo("PathPrefix", "/there", "cart"), pathTo("PathPrefix", "/lost", "nobody")];
  const says: Says = served.map((one) =>
    one[0] === "ResolvedRefs" ? [one[0], "False", "BackendNotFound"] : one,
  );
  const tried = async (all: typeof rules) =>
    prove(
      [routeObject("HTTPRoute", "checkout", { rules: all, arn, sectionName: "http" })],
      { id, dnsName },
      { 80: "HTTP" },
      { says },
    );
  const { traffic, problems, unproven } = await tried(rules);
  expect([...problems, ...unproven]).toEqual([]);
  expect(traffic.map(({ by }) => by)).toEqual([{ "shop/cart": 10 }, { "500": 10 }]);
  expect((await tried([pathTo("PathPrefix", "/taken", "nobody")])).problems).toEqual([
    `east HTTPRoute shop/checkout rule 0 at Gateway shop/lattice, listener http in network prod: http://${dnsName}/taken: 500 answered 0 % instead of 100 %`,
  ]);
});

test("a route that is not programmed is tried where it is reached, and what somebody else answers there proves nothing", async () => {
  const { id, dnsName, listen } = plane.service("checkout");
  listen("HTTP", 80, forwardTo(await plane.group("cart")));
  const says: Says = [
    ["Accepted", "True", "Accepted"],
    ["Programmed", "False", "Invalid"],
  ];
  const ports = { 80: "HTTP" };
  const good = await prove([toCart("http")], { id, dnsName }, ports, { says });
  expect(good.traffic.map(({ by }) => by)).toEqual([{ "shop/cart": 20 }]);
  expect([...good.problems, ...good.unproven]).toEqual([]);
  const rules = [pathTo("PathPrefix", "/", "stock")];
  const edited = routeObject("HTTPRoute", "checkout", { rules, arn, sectionName: "http" });
  const { problems, unproven } = await prove([edited], { id, dnsName }, ports, { says });
  expect(problems).toEqual([]);
  expect(unproven).toEqual([
    `east HTTPRoute shop/checkout rule 0 at Gateway shop/lattice, listener http in network prod: Programmed is False (Invalid), and http://${dnsName}/: shop/stock answered 0 % instead of 100 %`,
  ]);
});

test("a route that is refused for its filters answers 500, and whoever else does is a problem", async () => {
  const { id, dnsName, listen } = plane.service("checkout");
  const says: Says = [["Accepted", "False", "UnsupportedValue"]];
  const rules = [
    {
      ...pathTo("PathPrefix", "/", "cart"),
      filters: [{ type: "URLRewrite", urlRewrite: { hostname: "b.example.com" } }],
    },
  ];
  const filtered = routeObject("HTTPRoute", "checkout", { rules, arn, sectionName: "http" });
  const rule = listen("HTTP", 80, { fixedResponse: { statusCode: 500 } });
  const tried = () => prove([filtered], { id, dnsName }, { 80: "HTTP" }, { says });
  expect(await tried()).toMatchObject({ traffic: [{ by: { "500": 20 } }], problems: [], unproven: [] });
  rule({ prefix: "/" }, forwardTo(await plane.group("cart")));
  expect((await tried()).problems).toEqual([expect.stringContaining("500 answered 0 % instead of 100 %")]);
});

test("a route that cannot be read is named", async () => {
  const { id, dnsName } = plane.service("checkout");
  const route = toCart("http");
  const broken = { ...route, spec: { ...parents.parse(route["spec"]), rules: 1 } };
  expect(await prove([broken], { id, dnsName }, {})).toEqual({
    traffic: [],
    problems: [],
    unproven: ["east HTTPRoute shop/checkout at Gateway shop/lattice, listener http: it cannot be read"],
  });
});
const parents = z.looseObject({});

const hostname = "shop.example.com";
/** Three routes of one hostname, with one service. */
const three = [
  routeObject("HTTPRoute", "checkout", {
    rules: [pathTo("PathPrefix", "/", "cart")],
    hostnames: [hostname],
    sectionName: "https",
    arn,
  }),
  routeObject("GRPCRoute", "calls", {
    rules: [{ matches: [{ method: { service: "shop.Stock" } }], backendRefs: [{ name: "stock", port: 80 }] }],
    hostnames: [hostname],
    arn,
  }),
  routeObject("TLSRoute", "through", {
    rules: [{ backendRefs: [{ name: "checkout", port: 80 }] }],
    hostnames: [hostname],
    arn,
  }),
];

test("routes that share a service are each proved: by requests, by calls of gRPC, and by TLS that ends in the pod", async () => {
  const { id, dnsName, listen } = plane.service("checkout", { customDomainName: hostname, certificateArn });
  const rule = listen("HTTPS", 443, forwardTo(await plane.group("cart")));
  rule(
    { prefix: "/shop.Stock/" },
    forwardTo(await plane.group("stock", { protocol: "HTTP", protocolVersion: "GRPC" })),
  );
  listen("TLS_PASSTHROUGH", 8443, forwardTo(await plane.group("checkout", { protocol: "TCP" })));
  const ports = { 443: "HTTPS", 8443: "TLS_PASSTHROUGH" };
  const { traffic, problems, unproven } = await prove(three, { id, dnsName }, ports, { hostname });
  expect([...problems, ...unproven]).toEqual([]);
  expect(traffic.map(({ url, requests, by }) => ({ url, requests, by }))).toEqual([
    { url: `https://${hostname}/`, requests: 20, by: { "shop/cart": 20 } },
    { url: `https://${hostname}/shop.Stock/Try`, requests: 20, by: { "shop/stock": 20 } },
    { url: `tls://${hostname}:8443`, requests: 20, by: { "shop/checkout": 20 } },
  ]);
});

test("what Lattice has otherwise than the routes say is a problem for each of them", async () => {
  const { id, dnsName, listen } = plane.service("checkout", { customDomainName: hostname, certificateArn });
  listen("HTTPS", 443, notFound);
  listen("TLS_PASSTHROUGH", 8443, forwardTo(await plane.group("stock", { protocol: "TCP" })));
  const ports = { 443: "HTTPS", 8443: "TLS_PASSTHROUGH" };
  const { problems } = await prove(three, { id, dnsName }, ports, { hostname });
  expect(problems).toEqual([
    `east HTTPRoute shop/checkout rule 0 at Gateway shop/lattice, listener https in network prod: https://${hostname}/: shop/cart answered 0 % instead of 100 %`,
    `east GRPCRoute shop/calls rule 0 at Gateway shop/lattice in network prod: https://${hostname}/shop.Stock/Try: shop/stock answered 0 % instead of 100 %`,
    `east TLSRoute shop/through rule 0 at Gateway shop/lattice in network prod: tls://${hostname}:8443: shop/checkout answered 0 % instead of 100 %`,
  ]);
});
