import * as fc from "fast-check";
import type {
  BackendRef,
  GRPCRouteRule,
  HeaderMatch,
  HTTPRouteRule,
  TLSRoute,
} from "../../../functions/model/routes.ts";
import type { Asked } from "../../../infra/local/proof/reading/reading.ts";
import { exactHosts } from "./words.ts";

/** The rules of random routes, and the requests that come near to them. */

const paths = ["/", "/v2", "/v2/", "/v2/example", "/v2example", "/foo", "/foo/bar"];
const calls = ["shop.Cart", "shop.Cart.v2", "Pay"];

const headers: fc.Arbitrary<readonly HeaderMatch[]> = fc.uniqueArray(
  fc.record({
    type: fc.constant("Exact"),
    name: fc.constantFrom("version", "Version", "color", "shape", "size", "mood"),
    value: fc.constantFrom("one", "one", "two", "One"),
  }),
  { maxLength: 5, selector: ({ name }) => name },
);
const fewHeaders = fc.oneof({ arbitrary: fc.constant([]), weight: 2 }, { arbitrary: headers, weight: 1 });

/** Most are good; of the others there is no such Service, port or kind, no grant, or a filter that Lattice has not. */
const backendRef: fc.Arbitrary<BackendRef> = fc
  .record({
    to: fc.constantFrom(
      ...Array.from({ length: 5 }, () => [{ name: "v1" }, { name: "v2" }, { name: "v3" }]).flat(),
      { name: "v1", namespace: "team" },
      { name: "v2", namespace: "team" },
      { name: "gone" },
      { name: "v1", port: 81 },
      { name: "v1", kind: "Bucket" },
    ),
    weight: fc.constantFrom(1, 1, 1, 0, 3, 90, 5_000),
  })
  .map(({ to, weight }) => ({ group: "", kind: "Service", port: 80, weight, filters: [], ...to }));
const backendRefs = fc.array(backendRef, { maxLength: 3 });
const filters = fc.constantFrom([], [], [], [], [], [{ type: "RequestRedirect" }]);

export const httpSpec: fc.Arbitrary<readonly HTTPRouteRule[]> = fc.array(
  fc.record({
    matches: fc.array(
      fc.record({
        path: fc.record({ type: fc.constantFrom("Exact", "PathPrefix"), value: fc.constantFrom(...paths) }),
        headers: fewHeaders,
        queryParams: fc.constant([]),
        method: fc.constantFrom(undefined, undefined, "GET", "POST"),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    filters,
    backendRefs,
  }),
  { minLength: 1, maxLength: 4 },
);

export const grpcSpec: fc.Arbitrary<readonly GRPCRouteRule[]> = fc.array(
  fc.record({
    matches: fc.array(
      fc.record({
        method: fc.oneof(
          fc.constant(undefined),
          fc.record({
            type: fc.constant("Exact"),
            service: fc.constantFrom(...calls),
            method: fc.constantFrom(undefined, "Add", "Get"),
          }),
        ),
        headers: fewHeaders,
      }),
      { minLength: 1, maxLength: 3 },
    ),
    filters,
    backendRefs,
  }),
  { minLength: 1, maxLength: 3 },
);

export const tlsSpec: fc.Arbitrary<TLSRoute["spec"]["rules"]> = backendRefs.map((refs) => [
  { backendRefs: refs },
]);

/** Paths in use and their neighbours: a slash more, a segment more, another case, a longer word. */
const askedPath = fc.oneof(
  fc
    .tuple(fc.constantFrom(...paths), fc.constantFrom("", "", "/", "/x", "example", "//", "/bar/"))
    .map(([path, more]) => (path === "/" && more.startsWith("/") ? more : `${path}${more}`)),
  fc.constantFrom("/V2", "/FOO/bar", "/v2/Example", "/fo", "/other"),
);

const askedHeaders = fc.record(
  {
    version: fc.constantFrom("one", "two", "One", "three"),
    color: fc.constantFrom("one", "two"),
    shape: fc.constantFrom("one", "One"),
    size: fc.constant("one"),
    mood: fc.constant("one"),
  },
  { requiredKeys: [] },
);

/** A name that no Gateway has but that of a default service. */
export const generatedName = "service-0123.vpc-lattice-svcs.on.aws";

/** The same name as clients write it. */
const spelled = fc.constantFrom(
  (host: string) => host,
  (host: string) => `${host}:8080`,
  (host: string) => host.toUpperCase(),
);

/** Requests near to what the routes ask for: HTTP, and gRPC calls. */
export const request: fc.Arbitrary<Asked> = fc
  .record({
    port: fc.constantFrom(80, 8080, 443),
    host: fc.constantFrom(...exactHosts, generatedName),
    spelled,
    headers: askedHeaders,
    target: fc.oneof(
      fc.record({ method: fc.constantFrom("GET", "POST", "PUT"), path: askedPath }),
      fc.record({
        method: fc.constant("POST"),
        path: fc
          .tuple(fc.constantFrom(...calls, "shop.Other"), fc.constantFrom("Add", "Get", "add", "Put"))
          .map(([service, method]) => `/${service}/${method}`),
      }),
    ),
  })
  .map(({ target, spelled: spell, host, ...rest }) => ({ ...rest, ...target, host: spell(host) }));
