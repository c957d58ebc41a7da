import { later } from "../../functions/model/ids.ts";
import { place } from "./place.ts";
import type { World } from "./world.ts";

/**
 * What the in-cluster controller makes of routes in Lattice: its names, tags, numbers and order of calls (reference-controller.md 2, 4
 * and 6), written down here without a line of the compiler.
 */

const prefix = "application-networking.k8s.aws/";
const vpc = "vpc-0123456789abcdef0";
const caller = { ...place, principal: "incumbent" };

/** A route as the in-cluster controller has carried it out. */
export interface Carried {
  readonly kind: "HTTPRoute" | "GRPCRoute" | "TLSRoute";
  readonly name: string;
  readonly hostname?: string;
  readonly certificate?: string;
  readonly networks: readonly string[];
  /** The target groups, by their Service, with their targets. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly listeners: readonly {
    readonly port: number;
    readonly protocol: "HTTP" | "HTTPS" | "TLS_PASSTHROUGH";
  }[];
  /** In order; every listener has all of them. A TLSRoute's one is what its listeners do. */
  readonly rules: readonly {
    readonly match: object;
    readonly to: readonly { readonly service: string; readonly weight: number }[];
  }[];
  /** How many more groups there are for each Service, which nobody uses. */
  readonly spares?: number;
  /** What its target groups speak by a TargetGroupPolicy. */
  readonly policy?: { readonly protocol: "HTTP" | "HTTPS"; readonly version: "HTTP1" | "HTTP2" };
  /** Whose tag the resources bear; absent: the cluster's own. */
  readonly owner?: string;
}

const spoken = {
  HTTPRoute: { type: "http", protocol: "HTTP", version: "HTTP1" },
  GRPCRoute: { type: "grpc", protocol: "HTTP", version: "GRPC" },
  TLSRoute: { type: "tls", protocol: "TCP", version: "" },
} as const;

/** Carries routes of namespace `shop` of cluster east out; answers the ids of their services, by the names of the routes. */
export async function carryOut(
  world: World,
  routes: readonly Carried[],
): Promise<Readonly<Record<string, string>>> {
  const services: Record<string, string> = {};
  for (const route of routes) services[route.name] = await carryOutOne(world, route);
  return services;
}

async function carryOutOne(world: World, route: Carried): Promise<string> {
  const call = (operation: string, input: object) => idIn(world.engine.call(caller, operation, input));
  const owner = route.owner ?? `${place.account}/east/${vpc}`;
  const managed = { [`${prefix}ManagedBy`]: owner };
  for (let spare = 0; spare < (route.spares ?? 0); spare += 1)
    Object.keys(route.groups).map((one) => group(one, spare));
  const groups = Object.keys(route.groups).map((service) => [service, group(service)] as const);
  const service = call("CreateService", {
    name: `${route.name}-shop`,
    customDomainName: route.hostname,
    certificateArn: route.certificate,
    tags: { ...managed, ...routeTags(route), [`${prefix}RouteType`]: spoken[route.kind].type },
  });
  await active(world);
  for (const [name, id] of groups)
    call("RegisterTargets", {
      targetGroupIdentifier: id,
      targets: (route.groups[name] ?? []).map((ip) => ({ id: ip, port: 8080 })),
    });
  for (const { id, name } of world.engine.state(place).networks.values())
    if (route.networks.includes(name))
      call("CreateServiceNetworkServiceAssociation", {
        serviceIdentifier: service,
        serviceNetworkIdentifier: id,
        tags: managed,
      });
  await active(world);
  for (const { port, protocol } of route.listeners) listener(port, protocol);
  return service;

  function group(name: string, spare?: number): string {
    const { protocol, version } = { ...spoken[route.kind], ...(spare === undefined ? route.policy : {}) };
    return call("CreateTargetGroup", {
      name: `k8s-shop-${name}-${`${route.name}abcdefghij`.slice(0, 9)}${"xyz"[spare ?? -1] ?? "a"}`,
      type: "IP",
      config: {
        port: 80,
        protocol,
        ...(version === "" ? {} : { protocolVersion: version }),
        ipAddressType: "IPV4",
        vpcIdentifier: vpc,
      },
      tags: {
        ...managed,
        ...routeTags(route),
        [`${prefix}ClusterName`]: owner.split("/")[1] ?? "",
        [`${prefix}ServiceName`]: name,
        [`${prefix}ServiceNamespace`]: "shop",
        [`${prefix}SourceTypeKey`]: route.kind,
        [`${prefix}ProtocolVersion`]: version,
      },
    });
  }

  function listener(port: number, protocol: string): void {
    const forward = (to: Carried["rules"][number]["to"]) => ({
      forward: {
        targetGroups: to.map((one) => ({
          targetGroupIdentifier: groups.find(([name]) => name === one.service)?.[1],
          weight: one.weight,
        })),
      },
    });
    const through = protocol === "TLS_PASSTHROUGH";
    const id = call("CreateListener", {
      serviceIdentifier: service,
      name: `${route.name}-shop-${port}-${through ? "tls" : protocol.toLowerCase()}`,
      port,
      protocol,
      defaultAction: through ? forward(route.rules[0]?.to ?? []) : { fixedResponse: { statusCode: 404 } },
      tags: managed,
    });
    for (const [index, { match, to }] of (through ? [] : route.rules).entries())
      call("CreateRule", {
        serviceIdentifier: service,
        listenerIdentifier: id,
        name: `k8s-1767225600-rule-${index + 1}`,
        priority: index + 1,
        match: { httpMatch: match },
        action: forward(to),
        tags: managed,
      });
  }
}

const routeTags = ({ name }: Carried) => ({
  [`${prefix}RouteName`]: name,
  [`${prefix}RouteNamespace`]: "shop",
});

function idIn(answer: unknown): string {
  return typeof answer === "object" && answer !== null && "id" in answer ? String(answer.id) : "";
}

/** Lets so much time pass that all that is being made is ACTIVE. */
async function active(world: World): Promise<void> {
  world.scheduler.after(60_000, () => {});
  await world.scheduler.run(later(world.scheduler.now(), 60_000));
}
