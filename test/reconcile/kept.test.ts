import { expect, test } from "vitest";
import { asRootKey } from "../../functions/model/ids.ts";
import { parseRoot } from "../../functions/model/roots.ts";
import { isKeptBy } from "../../functions/reconcile/compile.ts";

const root = (key: string) => parseRoot(asRootKey(key));
const ofRoute = root("service/east/HTTPRoute/shop/checkout/_");
const ofGateway = root("service/east/Gateway/shop/prod/_");
const gateway = root("gateway/east/shop/prod");

test("a route's service is kept by routes, and not by whoever only looks at it", () => {
  expect(isKeptBy(ofRoute, root("route/east/HTTPRoute/shop/checkout"))).toBe(true);
  expect(isKeptBy(ofRoute, gateway)).toBe(false);
  expect(isKeptBy(ofRoute, root("service/east/HTTPRoute/shop/second/_"))).toBe(false);
});

test("a Gateway keeps its own service, and a service its target groups", () => {
  expect(isKeptBy(ofGateway, gateway)).toBe(true);
  const group = root("target-group/east/HTTPRoute/shop/checkout/_/shop/cart/any/HTTP/HTTP1/IPV4");
  expect(isKeptBy(group, ofRoute)).toBe(true);
});
