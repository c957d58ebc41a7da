import { z } from "zod";

import { certificateFacts } from "./certificate.ts";
import { kinds, serviceNameLabel, type Kind, type ObjectOf } from "../model/objects.ts";

/**
 * Kubernetes objects as the API server writes them, one schema per kind: unknown fields fall away, and the API's own
 * defaults come in, so that an object reads the same whichever version served it (gateway-api v1 and v1beta1 differ
 * in nothing that is read here).
 */
const gatewayGroup = "gateway.networking.k8s.io";
const text = z.string().min(1);
const texts = z.record(z.string(), z.string());
const portNumber = z.int().min(1).max(65_535);

/** Written by others on every change, or by Espalier itself as output: content of neither is anything that a user asked for. */
const droppedAnnotations = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "endpoints.kubernetes.io/last-change-trigger-time",
  // The incumbent's outputs, which Espalier writes too (reference-controller.md 2.4).
  ...[
    "lattice-assigned-domain-name",
    "lattice-service-arn",
    "accessLogSubscription",
    "accessLogSubscriptionResourceName",
    "iam-auth-policy-resource-id",
    "iam-auth-policy-resource-type",
    "iam-auth-policy-resource-name",
    "resourceArn",
  ].map((name) => `application-networking.k8s.aws/${name}`),
]);

const annotations = texts
  .default({})
  .transform((all) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => !droppedAnnotations.has(key))),
  );

/** Labels that somebody selects by: those of namespaces, and the one that says whose endpoints a slice holds. */
function labelsOf(kind: Kind, labels: Record<string, string>): Record<string, string> {
  if (kind === "Namespace") return labels;
  const service = labels[serviceNameLabel];
  return kind === "EndpointSlice" && service !== undefined ? { [serviceNameLabel]: service } : {};
}

const metadata = (kind: Kind) =>
  z.object({
    namespace: kinds[kind].namespaced ? text : z.literal("", `${kind} is cluster-scoped`).default(""),
    name: text,
    uid: text,
    /** Kinds without a spec that controllers act on, such as Namespace, have none. */
    generation: z.int().min(0).default(0),
    creationTimestamp: text,
    labels: texts.default({}).transform((labels) => labelsOf(kind, labels)),
    annotations,
  });

/** The head of an object of one kind: items of a list do not name their kind, so it is filled in. */
const head = <K extends Kind>(kind: K) => ({ kind: z.literal(kind).default(kind), metadata: metadata(kind) });

const parametersRef = z.object({ group: z.string(), kind: text, name: text });

const gatewayClass = z.object({
  ...head("GatewayClass"),
  spec: z.object({ controllerName: text, parametersRef: parametersRef.optional() }),
});

const selector = z.object({
  matchLabels: texts.default({}),
  matchExpressions: z
    .array(z.object({ key: text, operator: text, values: z.array(z.string()).default([]) }))
    .default([]),
});

const listener = z.object({
  name: text,
  port: portNumber,
  protocol: text,
  hostname: z.string().optional(),
  tls: z
    .object({
      mode: text.default("Terminate"),
      certificateRefs: z
        .array(
          z.object({
            group: z.string().default(""),
            kind: text.default("Secret"),
            namespace: text.optional(),
            name: text,
          }),
        )
        .default([]),
      options: texts.default({}),
    })
    .optional(),
  allowedRoutes: z
    .object({
      namespaces: z
        .object({ from: text.default("Same"), selector: selector.optional() })
        .default({ from: "Same" }),
      kinds: z.array(z.object({ group: z.string().default(gatewayGroup), kind: text })).default([]),
    })
    .default({ namespaces: { from: "Same" }, kinds: [] }),
});

/** Which namespaces something is open to; the API's default differs from place to place. */
const openTo = (from: string) =>
  z
    .object({
      namespaces: z.object({ from: text.default(from), selector: selector.optional() }).default({ from }),
    })
    .default({ namespaces: { from } });

const tlsParts = ["frontend", "backend"] as const;

/** Of a Gateway's TLS it matters only that it is asked for: which parts, or, of what was parsed before, the list of these. */
const gatewayTls = z
  .union([z.array(z.enum(tlsParts)), z.record(z.string(), z.unknown())])
  .default([])
  .transform((tls) => (Array.isArray(tls) ? tls : tlsParts.filter((part) => tls[part] !== undefined)));

const gateway = z.object({
  ...head("Gateway"),
  spec: z.object({
    gatewayClassName: text,
    listeners: z.array(listener).default([]),
    addresses: z
      .array(z.object({ type: text.default("IPAddress"), value: z.string().optional() }))
      .default([]),
    allowedListeners: openTo("None"),
    tls: gatewayTls,
    infrastructure: z.object({ parametersRef: parametersRef.optional() }).optional(),
  }),
});

const listenerSet = z.object({
  ...head("ListenerSet"),
  spec: z.object({
    parentRef: z.object({
      group: z.string().default(gatewayGroup),
      kind: text.default("Gateway"),
      namespace: text.optional(),
      name: text,
    }),
    listeners: z.array(listener).default([]),
  }),
});

/** A parent of a route, as every route kind has it. */
export const parentRef = z.object({
  group: z.string().default(gatewayGroup),
  kind: text.default("Gateway"),
  namespace: text.optional(),
  name: text,
  sectionName: text.optional(),
  port: portNumber.optional(),
});

const filters = z.array(z.object({ type: text })).default([]);

const backendRef = z.object({
  group: z.string().default(""),
  kind: text.default("Service"),
  namespace: text.optional(),
  name: text,
  port: portNumber.optional(),
  weight: z.int().min(0).max(1_000_000).default(1),
  filters,
});

const headerMatches = z
  .array(z.object({ type: text.default("Exact"), name: text, value: z.string() }))
  .default([]);

const anyPath = { type: "PathPrefix", value: "/" };
const anyRequest = { path: anyPath, headers: [], queryParams: [] };

const match = z.object({
  path: z
    .object({ type: text.default(anyPath.type), value: z.string().default(anyPath.value) })
    .default(anyPath),
  headers: headerMatches,
  queryParams: headerMatches,
  method: text.optional(),
});

const rule = z.object({
  name: text.optional(),
  matches: z
    .array(match)
    .default([])
    .transform((matches) => (matches.length > 0 ? matches : [anyRequest])),
  filters,
  backendRefs: z.array(backendRef).default([]),
  timeouts: z.object({ request: text.optional(), backendRequest: text.optional() }).optional(),
  retry: z.record(z.string(), z.unknown()).optional(),
  sessionPersistence: z.record(z.string(), z.unknown()).optional(),
});

const httpRoute = z.object({
  ...head("HTTPRoute"),
  spec: z.object({
    parentRefs: z.array(parentRef).default([]),
    hostnames: z.array(text).default([]),
    /** An absent list is one rule that matches all and forwards nowhere, as the CRD's own default has it. */
    rules: z.array(rule).default([{ matches: [anyRequest], filters: [], backendRefs: [] }]),
  }),
});

const anyCall = { headers: [] };

const grpcRule = z.object({
  name: text.optional(),
  matches: z
    .array(
      z.object({
        method: z
          .object({ type: text.default("Exact"), service: text.optional(), method: text.optional() })
          .optional(),
        headers: headerMatches,
      }),
    )
    .default([])
    .transform((matches) => (matches.length > 0 ? matches : [anyCall])),
  filters,
  backendRefs: z.array(backendRef).default([]),
  sessionPersistence: z.record(z.string(), z.unknown()).optional(),
});

const grpcRoute = z.object({
  ...head("GRPCRoute"),
  spec: z.object({
    parentRefs: z.array(parentRef).default([]),
    hostnames: z.array(text).default([]),
    rules: z.array(grpcRule).default([]),
  }),
});

const tlsRoute = z.object({
  ...head("TLSRoute"),
  spec: z.object({
    parentRefs: z.array(parentRef).default([]),
    hostnames: z.array(text).default([]),
    rules: z
      .array(z.object({ name: text.optional(), backendRefs: z.array(backendRef).default([]) }))
      .default([]),
  }),
});

/** Kubernetes writes an unnamed port as no name in a Service and as an empty one in its EndpointSlices. */
const portName = z
  .string()
  .optional()
  .transform((name) => (name === "" ? undefined : name));

const service = z.object({
  ...head("Service"),
  spec: z
    .object({
      type: text.default("ClusterIP"),
      ipFamilies: z.array(text).optional(),
      ports: z
        .array(
          z.object({
            name: portName,
            port: portNumber,
            protocol: text.default("TCP"),
            appProtocol: text.optional(),
          }),
        )
        .default([]),
    })
    .transform(({ type, ipFamilies, ports }) => ({
      type,
      // A name elsewhere has no addresses here; everything else is IPv4 unless it says otherwise.
      ipFamilies: ipFamilies ?? (type === "ExternalName" ? [] : ["IPv4"]),
      ports,
    })),
});

const endpointSlice = z.object({
  ...head("EndpointSlice"),
  addressType: text,
  ports: z
    .array(z.object({ name: portName, port: portNumber.optional(), protocol: text.default("TCP") }))
    .default([]),
  endpoints: z
    .array(
      z.object({
        addresses: z.array(text),
        conditions: z
          .object({
            ready: z.boolean().optional(),
            serving: z.boolean().optional(),
            terminating: z.boolean().optional(),
          })
          .default({}),
      }),
    )
    .default([]),
});

const referenceGrant = z.object({
  ...head("ReferenceGrant"),
  spec: z.object({
    from: z.array(z.object({ group: z.string(), kind: text, namespace: text })),
    to: z.array(z.object({ group: z.string(), kind: text, name: text.optional() })),
  }),
});

const facts = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), names: z.array(text), notAfter: text, hash: text }),
  z.object({ ok: z.literal(false), problem: text }),
]);

/** Of a Secret nothing is kept but what its certificate says: neither its data nor, of course, its key. */
const secret = z
  .object({
    ...head("Secret"),
    type: text.default("Opaque"),
    data: texts.default({}),
    certificate: facts.optional(),
  })
  .transform(({ data, certificate, ...rest }) => ({
    ...rest,
    certificate: certificate ?? certificateFacts(rest.type, data),
  }));

const crd = z.object(head("CustomResourceDefinition"));

/** The schema of each kind; a kind that is added does not compile until it has one. */
export const schemas: { readonly [K in Kind]: z.ZodType<ObjectOf<K>> } = {
  GatewayClass: gatewayClass,
  Gateway: gateway,
  ListenerSet: listenerSet,
  HTTPRoute: httpRoute,
  GRPCRoute: grpcRoute,
  TLSRoute: tlsRoute,
  Service: service,
  EndpointSlice: endpointSlice,
  Namespace: z.object(head("Namespace")),
  ReferenceGrant: referenceGrant,
  Secret: secret,
  CustomResourceDefinition: crd,
};
