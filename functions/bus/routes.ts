import { z } from "zod";

import { gatewayGroup, head, portNumber, text } from "./metadata.ts";

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

export const httpRoute = z.object({
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

export const grpcRoute = z.object({
  ...head("GRPCRoute"),
  spec: z.object({
    parentRefs: z.array(parentRef).default([]),
    hostnames: z.array(text).default([]),
    rules: z.array(grpcRule).default([]),
  }),
});

export const tlsRoute = z.object({
  ...head("TLSRoute"),
  spec: z.object({
    parentRefs: z.array(parentRef).default([]),
    hostnames: z.array(text).default([]),
    rules: z
      .array(z.object({ name: text.optional(), backendRefs: z.array(backendRef).default([]) }))
      .default([]),
  }),
});
