import { afterEach, beforeEach, expect, test } from "vitest";
import { clusterName } from "../../../../functions/model/ids.ts";
import { proveByTraffic } from "../../../../infra/local/proof/prove.ts";
import { forwardTo, startPlane } from "../lattice/plane.ts";

let plane: Awaited<ReturnType<typeof startPlane>>;
beforeEach(async () => {
  plane = await startPlane();
});
afterEach(() => plane.close());

const east = clusterName("east");
const arn = "arn:of-checkout";
const route = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: {
    name: "checkout",
    namespace: "shop",
    annotations: { "application-networking.k8s.aws/lattice-service-arn": arn },
  },
  spec: { rules: [{ backendRefs: [{ name: "cart" }] }] },
};
const condition = (type: string) => ({
  type,
  status: "True",
  reason: type,
  message: "",
  observedGeneration: 1,
});

/** What comes of the proof for one route whose service has one listener. */
async function prove(protocol: string, port: number, ca: string | undefined) {
  const { dnsName, id, listen } = plane.service("checkout");
  listen(protocol, port, forwardTo(await plane.group("cart")));
  const url = await plane.url(port);
  const place = { cluster: east, kind: "HTTPRoute", namespace: "shop", name: "checkout" };
  const its = { of: "HTTPRoute", route: "shop/checkout", hostname: "" };
  const seen = { cluster: east, ...its, name: "checkout", id, arn, dnsName };
  const listeners = [{ port, protocol, rules: [], defaultAction: {} }];
  const proof = await proveByTraffic({
    clusters: [{ name: east, list: async () => [route] }],
    said: [{ ...place, conditions: ["Accepted", "ResolvedRefs", "Programmed"].map(condition), refused: [] }],
    services: [{ ...seen, networks: ["prod"], listeners }],
    dataPlanes: { prod: { [port]: url } },
    ca,
    requests: 20,
  });
  return { dnsName, ...proof };
}

test("a route is proved over HTTP where its service speaks it", async () => {
  const { dnsName, traffic, problems } = await prove("HTTP", 80, plane.ca);
  expect(problems).toEqual([]);
  expect(traffic).toEqual([{ url: `http://${dnsName}/`, requests: 20, by: { "shop/cart": 20 } }]);
});

test("a route that is served over HTTPS alone is proved over TLS, and by the right authority only", async () => {
  const { dnsName, traffic, problems } = await prove("HTTPS", 443, plane.ca);
  expect(problems).toEqual([]);
  expect(traffic).toEqual([{ url: `https://${dnsName}/`, requests: 20, by: { "shop/cart": 20 } }]);
});

test("a data plane that somebody else vouches for is a problem", async () => {
  const other = await startPlane();
  other.close();
  const { problems } = await prove("HTTPS", 443, other.ca);
  expect(problems).not.toEqual([]);
});
