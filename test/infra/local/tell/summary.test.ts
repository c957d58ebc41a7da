import { expect, test } from "vitest";
import type { RunDocument } from "../../../../infra/local/proof/document.ts";
import { summaryOf } from "../../../../infra/local/tell/summary.ts";

const dnsName = "shop-1.7d67968.vpc-lattice-svcs.eu-central-1.on.aws";

/** The summary of a run that came to one service with such listeners. */
function summaryWith(listeners: readonly (readonly [protocol: string, port: number])[]): string {
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
    calls: {},
    problems: [],
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
