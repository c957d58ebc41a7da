import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../infra/local/kubernetes/objects.ts";
import type { SeenService } from "../../../../infra/local/proof/look.sdk.ts";
import { trialsFor } from "../../../../infra/local/proof/requests.ts";
import { around, parsed, pathTo, routeIn, routeObject } from "./world.ts";

const service = (
  of: string,
  route: string,
  hostname: string,
  ports: SeenService["listeners"],
): SeenService => ({
  cluster: "east",
  of,
  route,
  hostname,
  name: "any",
  id: "svc-1",
  arn: "arn:1",
  dnsName: "any.on.aws",
  networks: ["net"],
  listeners: ports,
});
const at = (protocol: string, port: number) => ({ protocol, port, rules: [], defaultAction: {} });
const everywhere = [at("HTTP", 80), at("HTTPS", 443), at("TLS_PASSTHROUGH", 8443)];
const dataPlanes = { net: { 80: "http://h:1", 443: "https://h:2", 8443: "https://h:3" } };

/** Whose rules are tried how, and what is not, in lines. */
function lines(
  routes: readonly KubeObject[],
  name: string,
  d: { readonly services?: readonly SeenService[]; readonly lenient?: boolean } = {},
): readonly string[] {
  const world = parsed([...around, ...routes]);
  const { trials, unproven, problem } = trialsFor(routeIn(world, name), {
    world,
    arns: new Map(routes.map(({ kind, metadata }) => [`${kind} shop/${metadata.name}`, "arn:1"])),
    services: d.services ?? [service("HTTPRoute", "shop/one", "a.example.com", everywhere)],
    dataPlanes,
    lenient: d.lenient ?? false,
  });
  return [
    ...trials.map(
      ({ reach, host, request: { method, path, headers }, shares }) =>
        `${reach.protocol} ${reach.port} ${host} ${method} ${path} ${JSON.stringify(headers)}: ${JSON.stringify(shares)}`,
    ),
    ...unproven,
    ...(problem === undefined ? [] : [problem]),
  ];
}

const hostnames = ["a.example.com"];
const http = (name: string, ...rules: readonly unknown[]): KubeObject =>
  routeObject("HTTPRoute", name, { rules, hostnames });

describe("routes that share a service", () => {
  test("are each tried by a request that the rules of the other leave to them", () => {
    const routes = [
      http("one", pathTo("PathPrefix", "/", "cart")),
      http("two", pathTo("Exact", "/", "stock"), {
        matches: [
          { path: { type: "PathPrefix", value: "/pay" }, headers: [{ name: "Version", value: "2" }] },
        ],
        backendRefs: [
          { name: "cart", port: 80, weight: 1 },
          { name: "checkout", port: 80, weight: 3 },
        ],
      }),
    ];
    expect(lines(routes, "one")).toEqual(['HTTP 80 a.example.com GET /espalier-proof {}: {"shop/cart":1}']);
    expect(lines(routes, "two")).toEqual([
      'HTTP 80 a.example.com GET / {}: {"shop/stock":1}',
      'HTTP 80 a.example.com GET /pay {"version":"2"}: {"shop/cart":0.25,"shop/checkout":0.75}',
    ]);
  });

  test("of calls and connections are tried over TLS", () => {
    const routes = [
      http("one", pathTo("PathPrefix", "/", "cart")),
      routeObject("GRPCRoute", "calls", {
        hostnames,
        rules: [
          { matches: [{ method: { service: "shop.Cart" } }], backendRefs: [{ name: "stock", port: 80 }] },
        ],
      }),
      routeObject("TLSRoute", "through", {
        hostnames,
        rules: [{ backendRefs: [{ name: "checkout", port: 80 }] }],
      }),
    ];
    expect(lines(routes, "calls")).toEqual([
      'HTTPS 443 a.example.com POST /shop.Cart/Try {}: {"shop/stock":1}',
    ]);
    expect(lines(routes, "through")).toEqual([
      'TLS_PASSTHROUGH 8443 a.example.com   {}: {"shop/checkout":1}',
    ]);
  });
});

test("a Gateway of class espalier is tried at every service that has the route, and where nothing is left to it that is no loss", () => {
  const edge = { class: "espalier" } as const;
  const rules = [pathTo("PathPrefix", "/", "cart")];
  const services = [
    service("Gateway", "shop/edge", "", [at("HTTP", 80)]),
    service("Gateway", "shop/edge", "a.example.com", [at("HTTP", 80)]),
    service("Gateway", "shop/edge", "b.example.com", [at("HTTP", 80)]),
  ];
  const routes = [
    routeObject("HTTPRoute", "one", { ...edge, hostnames: [...hostnames, "b.example.com"], rules }),
    routeObject("HTTPRoute", "any", { ...edge, rules: [pathTo("PathPrefix", "/", "stock")] }),
  ];
  expect(lines(routes, "one", { services })).toEqual([
    'HTTP 80 a.example.com GET / {}: {"shop/cart":1}',
    'HTTP 80 b.example.com GET / {}: {"shop/cart":1}',
  ]);
  expect(lines(routes, "any", { services })).toEqual(['HTTP 80 any.on.aws GET / {}: {"shop/stock":1}']);
});

describe("what no request proves is named", () => {
  test.each<[what: string, expected: string, routes: readonly KubeObject[]]>([
    [
      "a rule that an earlier one has all requests of",
      "rule 1 at a.example.com: its requests are for rule 0 of HTTPRoute shop/one",
      [http("one", pathTo("PathPrefix", "/", "cart"), pathTo("PathPrefix", "/", "stock"))],
    ],
    [
      "a match that Lattice has no words for",
      "rule 1 at a.example.com: Lattice has no words for its matches",
      [http("one", pathTo("PathPrefix", "/", "cart"), pathTo("RegularExpression", "/.*", "stock"))],
    ],
  ])("%s", (_what, expected, routes) => {
    expect(lines(routes, "one")).toContain(expected);
  });

  test("a service in no network, and a listener that is not there", () => {
    const routes = [http("one", pathTo("PathPrefix", "/", "cart"))];
    const alone = { ...service("HTTPRoute", "shop/one", "", everywhere), networks: [] };
    expect(lines(routes, "one", { services: [alone] })).toEqual(["its service is in no network"]);
    const tls = service("HTTPRoute", "shop/one", "a.example.com", [at("TLS_PASSTHROUGH", 8443)]);
    expect(lines(routes, "one", { services: [tls] })).toEqual([
      "no listener that speaks HTTP or HTTPS is reached",
    ]);
    expect(lines(routes, "one", { services: [] })).toEqual([expect.stringContaining("that can be reached")]);
  });

  test("in profile incumbent, whose order is another, what more than one rule takes", () => {
    const routes = [http("one", pathTo("PathPrefix", "/", "cart"), pathTo("Exact", "/pay", "stock"))];
    expect(lines(routes, "one", { lenient: true })).toEqual([
      'HTTP 80 a.example.com GET / {}: {"shop/cart":1}',
      "rule 1 at a.example.com: its requests are taken by other rules too, or it asks for more than Lattice does or than is there",
    ]);
  });
});
