import { expect, test } from "vitest";
import type { RunDocument } from "../../../../infra/local/proof/document.ts";
import { summaryOf } from "../../../../infra/local/tell/summary.ts";

const dnsName = "shop-1.7d67968.vpc-lattice-svcs.eu-central-1.on.aws";

/** The summary of a run that came to one service with such listeners. */
function summaryWith(
  listeners: readonly (readonly [protocol: string, port: number])[],
  other: Partial<RunDocument> = {},
): string {
  const its = { of: "HTTPRoute", route: "shop/checkout", hostname: "" };
  const service = { cluster: "east", ...its, name: "shop", id: "svc-1", arn: "", dnsName };
  const document: RunDocument = {
    converged: true,
    seconds: 1,
    clusters: {},
    services: [
      {
        ...service,
        networks: ["prod"],
        listeners: listeners.map(([protocol, port]) => ({ protocol, port, rules: [], defaultAction: {} })),
      },
    ],
    targetGroups: [],
    status: [],
    traffic: [],
    unproven: [],
    calls: {},
    problems: [],
    ...other,
  };
  const prod = { "80": "http://127.0.0.1:5001", "443": "https://127.0.0.1:5002" };
  return summaryOf(document, { folder: ".espalier", dataPlanes: { prod }, running: true });
}

test("a service is tried with curl in plaintext where it can be, else over TLS, and not at all where no HTTP is spoken", () => {
  const plain = `curl -H 'Host: ${dnsName}' http://127.0.0.1:5001/\n`;
  const https: readonly [string, number] = ["HTTPS", 443];
  expect(summaryWith([https, ["HTTP", 80]])).toContain(plain);
  expect(summaryWith([https])).toContain(
    `curl --cacert .espalier/data-plane-ca.pem --connect-to ${dnsName}:443:127.0.0.1:5002 https://${dnsName}:443/\n`,
  );
  expect(summaryWith([["TLS_PASSTHROUGH", 443]])).not.toContain("curl");
});

test("what may be edited is a route that is there, in its own cluster; without one nothing is", () => {
  const said = { cluster: "west", conditions: [] };
  const gateway = { ...said, kind: "Gateway", namespace: "web", name: "edge" };
  const route = { ...said, kind: "GRPCRoute", namespace: "bank", name: "ledger" };
  expect(summaryWith([], { status: [gateway, route] })).toContain(
    "kubectl --kubeconfig .espalier/kubeconfig-west -n bank edit grpcroute ledger ",
  );
  expect(summaryWith([], { status: [gateway] })).not.toContain(" edit ");
});

const url = `http://${dnsName}/`;
const its = { cluster: "east", route: "HTTPRoute shop/checkout", rule: 0, parent: "Gateway shop/prod" };
const right = [{ ...its, network: "prod", url, requests: 3, by: { "shop/a": 2, "shop/b": 1 } }];

test.each([
  ["Converged, and the traffic is right after", { traffic: right }],
  ["Converged, and there was no traffic to try after", {}],
  ["Converged, but not all is right after", { traffic: right, problems: ["one HTTPRoute is refused"] }],
  ["NOT converged after", { converged: false, traffic: right, problems: ["one HTTPRoute waits"] }],
])("the first line says %s", (headline, document) => {
  const summary = summaryWith([["HTTP", 80]], document);
  expect(summary).toContain(`\n${headline} 1.0 s`);
  for (const problem of "problems" in document ? document.problems : [])
    expect(summary.slice(summary.indexOf("Problems:"))).toContain(problem);
});

test("shares add up to a hundred", () => {
  const thirds = [{ ...its, network: "prod", url, requests: 3, by: { a: 1, b: 1, c: 1 } }];
  expect(summaryWith([], { traffic: thirds })).toContain("3 requests: a 33.4 %, b 33.3 %, c 33.3 %\n");
  expect(summaryWith([], { traffic: right })).toContain("3 requests: shop/a 66.7 %, shop/b 33.3 %\n");
});

test("traffic is told by route, parent and network, with a line for each rule", () => {
  const traffic = [
    ...right,
    { ...right[0], rule: 1, url: `${url}pay` },
    { ...right[0], parent: "Gateway shop/test", network: "test" },
  ].map((one) => ({ ...its, network: "prod", url, requests: 3, ...one, by: { a: 1 } }));
  expect(summaryWith([], { traffic })).toContain(
    [
      "      east HTTPRoute shop/checkout at Gateway shop/prod, in network prod:",
      `          rule 0: ${url}  3 requests: a 100.0 %`,
      `          rule 1: ${url}pay  3 requests: a 100.0 %`,
      "      east HTTPRoute shop/checkout at Gateway shop/test, in network test:",
      `          rule 0: ${url}  3 requests: a 100.0 %`,
    ].join("\n"),
  );
});
