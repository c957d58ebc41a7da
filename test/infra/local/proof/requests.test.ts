import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../infra/local/kubernetes/objects.ts";
import type { SeenService } from "../../../../infra/local/proof/look.sdk.ts";
import { trialsFor, type Trials } from "../../../../infra/local/proof/requests.ts";
import {
  around,
  otherGateway,
  parentsThatSay,
  parsed,
  pathTo,
  routeIn,
  routeObject,
  type Says,
} from "./world.ts";
import { account } from "../../../../infra/local/place.ts";

const service = (
  of: string,
  route: string,
  hostname: string,
  ports: SeenService["listeners"],
  more: Partial<SeenService> = {},
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
  ...more,
});
const at = (protocol: string, port: number) => ({ protocol, port, rules: [], defaultAction: {} });
const everywhere = [at("HTTP", 80), at("HTTPS", 443), at("TLS_PASSTHROUGH", 8443)];
const dataPlanes = {
  other: { 80: "http://h:4" },
  net: { 80: "http://h:1", 443: "https://h:2", 8443: "https://h:3" },
};

interface Told {
  readonly services?: readonly SeenService[];
  readonly lenient?: boolean;
  /** The name of the Gateway that it is tried at, and what is said there. */
  readonly at?: string;
  readonly says?: Says;
}

/** How the rules of one of some routes are tried. */
function trialsOf(routes: readonly KubeObject[], name: string, d: Told): Trials {
  const world = parsed([...around, otherGateway("other"), ...routes]);
  const told = new Map(
    routes.map((one) => {
      const says =
        d.says === undefined || one.metadata.name !== name ? {} : { lattice: d.says, edge: d.says };
      return [`${one.kind} shop/${one.metadata.name}`, parentsThatSay(one, says)] as const;
    }),
  );
  const route = routeIn(world, name);
  const parents = told.get(`${route.kind} shop/${name}`) ?? [];
  const parent = parents.find(({ text }) => d.at === undefined || text === `Gateway shop/${d.at}`);
  if (parent === undefined) throw new Error(`${name} has no such parent`);
  return trialsFor(route, parent, {
    world,
    account,
    network: d.at === "other" ? "other" : "net",
    tales: new Map([...told].map(([title, its]) => [title, { arn: "arn:1", parents: its }])),
    services: d.services ?? [service("HTTPRoute", "shop/one", "a.example.com", everywhere)],
    dataPlanes,
    lenient: d.lenient ?? false,
  });
}

/** Over which network and URL they are. */
const reaches = (routes: readonly KubeObject[], d: Told): readonly string[] =>
  trialsOf(routes, "one", d).trials.map(({ reach }) => `${reach.network} ${reach.url}`);

/** Whose rules are tried how, and what is not, in lines. */
function lines(routes: readonly KubeObject[], name: string, d: Told = {}): readonly string[] {
  const { trials, unproven, problem } = trialsOf(routes, name, d);
  return [
    ...trials.map(
      ({ reach, host, request: { method, path, headers }, shares, excuse }) =>
        `${reach.protocol} ${reach.port} ${host} ${method} ${path} ${JSON.stringify(headers)}: ${JSON.stringify(shares)}${excuse === undefined ? "" : ` (${excuse})`}`,
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
    service("Gateway", "shop/edge", "", everywhere),
    service("Gateway", "shop/edge", "a.example.com", everywhere),
    service("Gateway", "shop/edge", "b.example.com", everywhere),
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

describe("a route with two parents", () => {
  const routes = [
    routeObject("HTTPRoute", "one", {
      hostnames,
      rules: [pathTo("PathPrefix", "/", "cart")],
      also: ["other"],
    }),
  ];
  const inNet = service("HTTPRoute", "shop/one", "a.example.com", everywhere);
  const inOther = service("HTTPRoute", "shop/one", "a.example.com", [at("HTTP", 80)], {
    arn: "arn:2",
    dnsName: "second.on.aws",
    networks: ["other"],
  });
  const tried = 'HTTP 80 a.example.com GET / {}: {"shop/cart":1}';

  test("is tried at each of them, in its network", () => {
    const both = service("HTTPRoute", "shop/one", "a.example.com", everywhere, {
      networks: ["net", "other"],
    });
    expect(reaches(routes, { services: [both], at: "lattice" })).toEqual(["net http://h:1"]);
    expect(reaches(routes, { services: [both], at: "other" })).toEqual(["other http://h:4"]);
  });

  test("that refuses it at one is tried at the other", () => {
    const says: Says = [["Accepted", "False", "NotAllowedByListeners"]];
    expect(lines(routes, "one", { services: [inOther], at: "other", says })).toEqual([tried]);
    expect(lines(routes, "one", { services: [inOther], at: "lattice", says })).toEqual([
      "Accepted is False (NotAllowedByListeners), and nothing of it is reached",
    ]);
  });

  test("that is served by another service at each is tried at the one that it names there", () => {
    const says: Says = [
      ["Accepted", "True", "Accepted"],
      ["Programmed", "True", "Programmed", "service any, any.on.aws"],
    ];
    expect(lines(routes, "one", { services: [inNet, inOther], at: "lattice", says })).toEqual([tried]);
    expect(lines(routes, "one", { services: [inNet], at: "other", says })).toEqual([
      "its service is not in network other",
    ]);
  });
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
    expect(lines(routes, "one", { services: [alone] })).toEqual(["its service is not in network net"]);
    const tls = service("HTTPRoute", "shop/one", "a.example.com", [at("TLS_PASSTHROUGH", 443)]);
    expect(lines(routes, "one", { services: [tls] })).toEqual([
      "no listener that speaks HTTP or HTTPS is reached",
    ]);
    expect(lines(routes, "one", { services: [] })).toEqual([expect.stringContaining("that can be reached")]);
  });

  test("a port where nothing of the route listens, beside one where it is tried", () => {
    const routes = [http("one", pathTo("PathPrefix", "/", "cart"))];
    const plain = service("HTTPRoute", "shop/one", "a.example.com", [at("HTTP", 80)]);
    const tried = 'HTTP 80 a.example.com GET / {}: {"shop/cart":1}';
    expect(lines(routes, "one", { services: [plain] })).toEqual([
      tried,
      "port 443: nothing of it listens there",
    ]);
    const says: Says = [
      ["Accepted", "True", "Accepted"],
      ["Programmed", "False", "Invalid", "there is no certificate for a.example.com"],
    ];
    expect(lines(routes, "one", { services: [plain], says })).toEqual([
      `${tried} (Programmed is False (Invalid))`,
      "port 443: Programmed is False (Invalid)",
    ]);
  });

  test("of a route that is refused all but what answers 500 in its place", () => {
    const filtered = {
      ...pathTo("PathPrefix", "/", "cart"),
      filters: [{ type: "URLRewrite", urlRewrite: { hostname: "b.example.com" } }],
    };
    const says: Says = [["Accepted", "False", "UnsupportedValue", "rule 0: filters are not supported"]];
    expect(lines([http("one", filtered)], "one", { says })).toEqual([
      'HTTP 80 a.example.com GET / {}: {"500":1}',
    ]);
    expect(lines([http("one", pathTo("PathPrefix", "/", "cart"))], "one", { says })).toEqual([
      "rule 0 at a.example.com: Accepted is False (UnsupportedValue)",
    ]);
    expect(lines([http("one", filtered)], "one", { says, services: [] })).toEqual([
      "Accepted is False (UnsupportedValue), and nothing of it is reached",
    ]);
  });

  test("a route of which nothing is said yet", () => {
    const routes = [http("one", pathTo("PathPrefix", "/", "cart"))];
    expect(lines(routes, "one", { says: [], services: [] })).toEqual([
      "nothing is said of it yet, and nothing of it is reached",
    ]);
  });

  test("a rule at a service that has it without asking, where another hostname of its listener is all that is left", () => {
    const routes = [
      routeObject("HTTPRoute", "any", { class: "espalier", rules: [pathTo("PathPrefix", "/", "stock")] }),
      routeObject("HTTPRoute", "one", {
        class: "espalier",
        hostnames,
        rules: [pathTo("PathPrefix", "/", "cart")],
      }),
    ];
    const services = [service("Gateway", "shop/edge", "a.example.com", everywhere)];
    expect(lines(routes, "any", { services })).toEqual([
      "rule 0: its requests are for rule 0 of HTTPRoute shop/one",
    ]);
  });

  test("in profile incumbent, whose order is another, what more than one rule takes", () => {
    const routes = [http("one", pathTo("PathPrefix", "/", "cart"), pathTo("Exact", "/pay", "stock"))];
    expect(lines(routes, "one", { lenient: true })).toEqual([
      'HTTP 80 a.example.com GET / {}: {"shop/cart":1}',
      "rule 1 at a.example.com: its requests are taken by other rules too, or it asks for more than Lattice does or than is there",
    ]);
  });
});
