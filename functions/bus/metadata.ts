import { z } from "zod";

import { kinds, serviceNameLabel, type Kind } from "../model/objects.ts";

/** Words that the schemas of all kinds are made of. */
export const gatewayGroup = "gateway.networking.k8s.io";
export const text = z.string().min(1);
export const texts = z.record(z.string(), z.string());
export const portNumber = z.int().min(1).max(65_535);

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

/** Kinds whose annotations are others' business but for these. A Secret's might hold what must not leave the cluster. */
const keptAnnotations: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  CustomResourceDefinition: [`${gatewayGroup}/bundle-version`, `${gatewayGroup}/channel`],
  Secret: [],
};

function annotationsOf(kind: Kind, annotations: Record<string, string>): Record<string, string> {
  const kept = keptAnnotations[kind];
  return Object.fromEntries(
    Object.entries(annotations).filter(([key]) =>
      kept === undefined ? !droppedAnnotations.has(key) : kept.includes(key),
    ),
  );
}

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
    annotations: texts.default({}).transform((annotations) => annotationsOf(kind, annotations)),
  });

/** The head of an object of one kind: items of a list do not name their kind, so it is filled in. */
export const head = <K extends Kind>(kind: K) => ({
  kind: z.literal(kind).default(kind),
  metadata: metadata(kind),
});
