import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseObject } from "../../functions/bus/objects.ts";
import { allKinds, type Kind } from "../../functions/model/objects.ts";

function parsed(kind: Kind, raw: unknown): unknown {
  const answer = parseObject<Kind>(kind, raw);
  if (!answer.ok) throw new Error(answer.problems);
  return answer.object;
}

describe("parsing twice changes nothing", () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const list = <T>(value: fc.Arbitrary<T>) => fc.option(fc.array(value, { maxLength: 3 }), { nil: null });
  const port = fc.integer({ min: 1, max: 65_535 });
  const meta = fc.record({
    namespace: word,
    name: word,
    uid: word,
    generation: some(fc.nat()),
    creationTimestamp: fc.constant("2026-01-01T00:00:00Z"),
    labels: some(fc.dictionary(fc.constantFrom("a", "kubernetes.io/service-name"), word)),
    annotations: some(
      fc.dictionary(fc.constantFrom("a", "application-networking.k8s.aws/resourceArn"), word),
    ),
  });
  const header = fc.record({ type: some(word), name: word, value: word });
  const backend = fc.record({
    name: word,
    port: some(port),
    weight: some(fc.nat(100)),
    namespace: some(word),
  });
  const match = fc.record({
    path: some(fc.record({ type: some(word), value: some(word) })),
    headers: list(header),
    queryParams: list(header),
    method: some(word),
  });
  const rule = fc.record({
    name: some(word),
    matches: list(match),
    filters: list(fc.record({ type: word, more: word })),
    backendRefs: list(backend),
    timeouts: some(fc.record({ request: some(word) })),
    retry: some(fc.record({ attempts: fc.nat(), backoff: fc.constant(null) })),
  });
  const listener = fc.record({
    name: word,
    port,
    protocol: word,
    tls: some(fc.record({ mode: some(word), certificateRefs: list(fc.record({ name: word })) })),
    allowedRoutes: some(
      fc.record({ namespaces: some(fc.record({ from: some(word), selector: fc.constant({}) })) }),
    ),
  });
  const raws: Record<Kind, fc.Arbitrary<unknown>> = {
    GatewayClass: fc.record({
      metadata: meta.map((m) => ({ ...m, namespace: "" })),
      spec: fc.record({ controllerName: word }),
    }),
    Namespace: fc.record({ metadata: meta.map((m) => ({ ...m, namespace: null })) }),
    Gateway: fc.record({
      metadata: meta,
      spec: fc.record({
        gatewayClassName: word,
        listeners: list(listener),
        addresses: list(fc.record({ value: some(word) })),
      }),
    }),
    HTTPRoute: fc.record({
      metadata: meta,
      spec: fc.record({
        parentRefs: list(fc.record({ name: word, port: some(port) })),
        rules: list(rule),
        hostnames: list(word),
      }),
    }),
    Service: fc.record({
      metadata: meta,
      spec: fc.record({
        type: some(fc.constantFrom("ClusterIP", "ExternalName")),
        ipFamilies: list(word),
        ports: list(fc.record({ name: some(fc.constantFrom("", "http")), port, protocol: some(word) })),
      }),
    }),
    EndpointSlice: fc.record({
      metadata: meta,
      addressType: word,
      ports: list(fc.record({ name: some(fc.constantFrom("", "http")), port: some(port) })),
      endpoints: list(
        fc.record({ addresses: fc.array(word), conditions: some(fc.record({ ready: some(fc.boolean()) })) }),
      ),
    }),
    ReferenceGrant: fc.record({
      metadata: meta,
      spec: fc.record({
        from: fc.array(fc.record({ group: word, kind: word, namespace: word })),
        to: fc.array(fc.record({ group: fc.constant(""), kind: word, name: some(word) })),
      }),
    }),
  };

  test.each(allKinds)("%s", (kind) => {
    fc.assert(
      fc.property(raws[kind], (raw) => {
        const once = parsed(kind, raw);
        expect(parsed(kind, once)).toEqual(once);
        expect(parsed(kind, JSON.parse(JSON.stringify(once)))).toEqual(once);
      }),
      { numRuns: 200 },
    );
  });
});
