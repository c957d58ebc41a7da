import * as fc from "fast-check";
import type { Kind } from "../../functions/model/objects.ts";

/** Objects as an API server may list them: with fields absent, null or unknown, in every kind. */
const word = fc.stringMatching(/^[a-z]{1,8}$/);
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const list = <T>(value: fc.Arbitrary<T>) => fc.option(fc.array(value, { maxLength: 3 }), { nil: null });
const port = fc.integer({ min: 1, max: 65_535 });

const annotationNames = [
  "a",
  "application-networking.k8s.aws/resourceArn",
  "gateway.networking.k8s.io/bundle-version",
  "gateway.networking.k8s.io/channel",
];

const meta = fc.record({
  namespace: word,
  name: word,
  uid: word,
  generation: some(fc.nat()),
  creationTimestamp: fc.constant("2026-01-01T00:00:00Z"),
  labels: some(fc.dictionary(fc.constantFrom("a", "kubernetes.io/service-name"), word)),
  annotations: some(fc.dictionary(fc.constantFrom(...annotationNames), word)),
});
const clusterMeta = meta.map((one) => ({ ...one, namespace: null }));

const header = fc.record({ type: some(word), name: word, value: word });
const backend = fc.record({
  name: word,
  port: some(port),
  weight: some(fc.nat(100)),
  namespace: some(word),
});
const filters = list(fc.record({ type: word, more: word }));
const match = fc.record({
  path: some(fc.record({ type: some(word), value: some(word) })),
  headers: list(header),
  queryParams: list(header),
  method: some(word),
});
const rule = fc.record({
  name: some(word),
  matches: list(match),
  filters,
  backendRefs: list(backend),
  timeouts: some(fc.record({ request: some(word) })),
  retry: some(fc.record({ attempts: fc.nat(), backoff: fc.constant(null) })),
});
const grpcRule = fc.record({
  matches: list(
    fc.record({
      method: some(fc.record({ type: some(word), service: some(word), method: some(word) })),
      headers: list(header),
    }),
  ),
  filters,
  backendRefs: list(backend),
  sessionPersistence: some(fc.record({ sessionName: word })),
});
const namespaces = some(
  fc.record({
    from: some(word),
    selector: some(fc.record({ matchLabels: some(fc.dictionary(word, word)) })),
  }),
);
const listener = fc.record({
  name: word,
  port,
  protocol: word,
  hostname: some(word),
  tls: some(
    fc.record({
      mode: some(word),
      certificateRefs: list(fc.record({ name: word, namespace: some(word) })),
      options: some(fc.dictionary(word, word)),
    }),
  ),
  allowedRoutes: some(fc.record({ namespaces, kinds: list(fc.record({ kind: word })) })),
});
const route = (of: fc.Arbitrary<unknown>) =>
  fc.record({
    metadata: meta,
    spec: fc.record({
      parentRefs: list(
        fc.record({ name: word, kind: some(word), port: some(port), sectionName: some(word) }),
      ),
      rules: list(of),
      hostnames: list(word),
    }),
  });
const portName = some(fc.constantFrom("", "http"));

export const raws: Record<Kind, fc.Arbitrary<unknown>> = {
  GatewayClass: fc.record({ metadata: clusterMeta, spec: fc.record({ controllerName: word }) }),
  Namespace: fc.record({ metadata: clusterMeta }),
  CustomResourceDefinition: fc.record({ metadata: clusterMeta, spec: some(fc.record({ group: word })) }),
  Gateway: fc.record({
    metadata: meta,
    spec: fc.record({
      gatewayClassName: word,
      listeners: list(listener),
      addresses: list(fc.record({ value: some(word) })),
      allowedListeners: some(fc.record({ namespaces })),
      infrastructure: some(
        fc.record({
          labels: some(fc.dictionary(word, word)),
          annotations: some(fc.dictionary(word, word)),
        }),
      ),
      tls: some(
        fc.record({
          frontend: some(fc.record({ default: fc.constant({}) })),
          backend: fc.option(fc.constant({})),
        }),
      ),
    }),
  }),
  ListenerSet: fc.record({
    metadata: meta,
    spec: fc.record({
      parentRef: fc.record({ name: word, namespace: some(word), kind: some(word) }),
      listeners: list(listener),
    }),
  }),
  HTTPRoute: route(rule),
  GRPCRoute: route(grpcRule),
  TLSRoute: route(fc.record({ name: some(word), backendRefs: list(backend) })),
  Service: fc.record({
    metadata: meta,
    spec: fc.record({
      type: some(fc.constantFrom("ClusterIP", "ExternalName")),
      ipFamilies: list(word),
      ports: list(fc.record({ name: portName, port, protocol: some(word) })),
    }),
  }),
  EndpointSlice: fc.record({
    metadata: meta,
    addressType: word,
    ports: list(fc.record({ name: portName, port: some(port) })),
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
  Secret: fc.record({
    metadata: meta,
    type: some(fc.constantFrom("Opaque", "kubernetes.io/tls")),
    data: some(fc.dictionary(fc.constantFrom("tls.crt", "tls.key", "other"), word)),
  }),
};
