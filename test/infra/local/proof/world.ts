import { parseObject } from "../../../../functions/bus/objects.ts";
import type { ClusterObject } from "../../../../functions/model/objects.ts";
import { isRouteKind, type Route } from "../../../../functions/model/routes.ts";
import { controllers, type ClassName } from "../../../../functions/model/verdict.ts";
import type { ListedKind } from "../../../../infra/local/fleet/cluster.ts";
import { z } from "zod";
import { parentText, type SeenParent } from "../../../../infra/local/proof/settled.ts";
import type { KubeObject } from "../../../../infra/local/kubernetes/objects.ts";

/** Objects as an API server answers them: a Gateway of each class with a listener of each protocol, and three Services. */

const object = (
  kind: ListedKind,
  name: string,
  spec: unknown,
  annotations: Readonly<Record<string, string>> = {},
): KubeObject => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind,
  metadata: {
    name,
    ...(kind === "GatewayClass" ? {} : { namespace: "shop" }),
    uid: `uid-of-${kind}-${name}`,
    resourceVersion: "1",
    generation: 1,
    creationTimestamp: "2026-01-01T00:00:00Z",
    annotations,
  },
  spec,
});

/** The Gateways, `lattice` and `edge`, and what they need. */
export const around: readonly KubeObject[] = [
  ...Object.entries(controllers).map(([name, controllerName]) =>
    object("GatewayClass", name, { controllerName }),
  ),
  ...(["amazon-vpc-lattice", "espalier"] as const).map((its) =>
    object("Gateway", gatewayOf(its), {
      gatewayClassName: its,
      listeners: [
        { name: "http", port: 80, protocol: "HTTP" },
        { name: "https", port: 443, protocol: "HTTPS" },
        { name: "tls", port: 8443, protocol: "TLS", tls: { mode: "Passthrough" } },
      ],
    }),
  ),
  ...["cart", "checkout", "stock"].map((name) =>
    object("Service", name, { ports: [{ port: 80, protocol: "TCP" }] }),
  ),
];

function gatewayOf(its: ClassName): string {
  return its === "espalier" ? "edge" : "lattice";
}

/** A route with rules; `arn` names the service that it says it is served by. */
export const routeObject = (
  kind: Route["kind"],
  name: string,
  d: {
    readonly rules: readonly unknown[];
    readonly class?: ClassName;
    readonly hostnames?: readonly string[];
    readonly sectionName?: string;
    readonly arn?: string;
    /** Gateways besides the one of its class. */
    readonly also?: readonly string[];
  },
): KubeObject =>
  object(
    kind,
    name,
    {
      parentRefs: [
        {
          name: gatewayOf(d.class ?? "amazon-vpc-lattice"),
          ...(d.sectionName === undefined ? {} : { sectionName: d.sectionName }),
        },
        ...(d.also ?? []).map((other) => ({ name: other })),
      ],
      hostnames: d.hostnames ?? [],
      rules: d.rules,
    },
    d.arn === undefined ? {} : { "application-networking.k8s.aws/lattice-service-arn": d.arn },
  );

/** A rule for a path to one Service. */
export const pathTo = (type: string, value: string, service: string) => ({
  matches: [{ path: { type, value } }],
  backendRefs: [{ name: service, port: 80 }],
});

/** What is said of a route at a parent: type, status, reason, and a message where it matters. */
export type Says = readonly (readonly [type: string, status: string, reason: string, message?: string])[];

export const served: Says = [
  ["Accepted", "True", "Accepted"],
  ["ResolvedRefs", "True", "ResolvedRefs"],
  ["Programmed", "True", "Programmed"],
];

const saying = (says: Says): SeenParent["conditions"] =>
  says.map(([type, status, reason, message = ""]) => ({
    type,
    status,
    reason,
    message,
    observedGeneration: 1,
  }));

const named = z.object({
  parentRefs: z.array(
    z.object({ kind: z.string().default("Gateway"), name: z.string(), sectionName: z.string().optional() }),
  ),
});

/** The parents of a route of namespace shop, and what is said at each: what is given for its Gateway, or that it is served. */
export const parentsThatSay = (
  { spec }: KubeObject,
  says: Readonly<Record<string, Says>> = {},
): readonly SeenParent[] =>
  named.parse(spec).parentRefs.map((ref) => ({
    text: parentText(ref, "shop"),
    conditions: saying(says[ref.name] ?? served),
  }));

/** Another Gateway of class amazon-vpc-lattice, with a listener for HTTP. */
export const otherGateway = (name: string): KubeObject =>
  object("Gateway", name, {
    gatewayClassName: "amazon-vpc-lattice",
    listeners: [{ name: "http", port: 80, protocol: "HTTP" }],
  });

/** Objects as the proof reads them. */
export const parsed = (objects: readonly KubeObject[]): readonly ClusterObject[] =>
  objects.map((raw) => {
    const one = parseObject(raw.kind as ListedKind & ClusterObject["kind"], raw);
    if (!one.ok) throw new Error(one.problems);
    return one.object;
  });

/** The one route of a name. */
export function routeIn(world: readonly ClusterObject[], name: string): Route {
  const found = world.find((one): one is Route => isRouteKind(one.kind) && one.metadata.name === name);
  if (found === undefined) throw new Error(`no route ${name}`);
  return found;
}
