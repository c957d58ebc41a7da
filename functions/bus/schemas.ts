import { z } from "zod";

import type { Kind, ObjectOf } from "../model/objects.ts";

import { certificateFacts } from "./certificate.ts";
import { gatewayGroup, head, portNumber, text, texts } from "./metadata.ts";
import { grpcRoute, httpRoute, tlsRoute } from "./routes.ts";

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
    infrastructure: z
      .object({
        labels: texts.default({}),
        annotations: texts.default({}),
        parametersRef: parametersRef.optional(),
      })
      .optional(),
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

/**
 * Kubernetes objects as the API server writes them, one schema per kind: unknown fields fall away, and the API's own
 * defaults come in, so that an object reads the same whichever version served it (those of `readableVersions` differ
 * in nothing that is read here). A kind that is added does not compile until it has one.
 */
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
