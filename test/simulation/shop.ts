import { z } from "zod";
import { clusterName } from "../../functions/model/ids.ts";
import type { Profile } from "../../functions/model/cluster.ts";
import { conditions, type Condition } from "../../functions/status/conditions.ts";
import { controllers } from "../../functions/model/verdict.ts";
import { sliceOf } from "./backends.ts";
import type { Manifest, SimCluster } from "./cluster.ts";
import type { Faults } from "./faults.ts";
import { place } from "./place.ts";
import { networkOf } from "./traffic.ts";
import { createWorld, pass, type World } from "./world.ts";

/** A small cluster in which all goes well but for what a test takes away, and what it says of itself. */
export interface Shop {
  readonly world: World;
  readonly cluster: SimCluster;
  /** The condition of a Gateway, or of a route at its only parent. */
  said(kind: "Gateway" | "HTTPRoute", name: string, type: string): Condition | undefined;
  /** Lets time pass until something holds; answers for how long it did not, in milliseconds. */
  until(what: string, holds: () => boolean, withinMs: number): Promise<number>;
}

export async function openShop(
  seed: string,
  manifests: readonly Manifest[],
  { faults, profile }: { readonly faults: Partial<Faults>; readonly profile?: Profile },
): Promise<Shop> {
  const world = await createWorld(seed, profile === undefined ? {} : { profile });
  world.faults = { ...world.faults, ...faults };
  const cluster = world.clusters.get(clusterName("east"));
  if (cluster === undefined) throw new Error("no cluster east");
  for (const manifest of manifests) cluster.apply(manifest);
  return {
    world,
    cluster,
    said(kind, name, type) {
      const its = status.parse(cluster.get(kind, "shop", name)?.status ?? {});
      const all = kind === "Gateway" ? its.conditions : (its.parents[0]?.conditions ?? []);
      return all.find((one) => one.type === type);
    },
    async until(what, holds, withinMs) {
      const start = world.scheduler.now();
      while (!holds()) {
        if (world.scheduler.now() - start > withinMs) throw new Error(`${what}: not within ${withinMs} ms`);
        await pass(world, 50);
      }
      return world.scheduler.now() - start;
    },
  };
}

const status = z.object({ conditions, parents: z.array(z.object({ conditions })).default([]) });

/** What a shop is made of besides its routes. */
export const fittings: readonly Manifest[] = [
  ...Object.entries(controllers).map(([name, controllerName]): Manifest => ({
    kind: "GatewayClass",
    name,
    body: { spec: { controllerName } },
  })),
  { kind: "Namespace", name: "shop", labels: { "kubernetes.io/metadata.name": "shop" }, body: {} },
  {
    kind: "Service",
    namespace: "shop",
    name: "cart",
    body: { spec: { type: "ClusterIP", ipFamilies: ["IPv4"], ports: [{ port: 80, protocol: "TCP" }] } },
  },
  sliceOf("shop", "cart", [{ addresses: ["10.1.1.1"], conditions: { ready: true } }]),
];

export const gateway = (name: string, gatewayClassName: keyof typeof controllers): Manifest => ({
  kind: "Gateway",
  namespace: "shop",
  name,
  body: { spec: { gatewayClassName, listeners: [{ name: "http", port: 80, protocol: "HTTP" }] } },
});

export const route = (name: string, parent = "prod"): Manifest => ({
  kind: "HTTPRoute",
  namespace: "shop",
  name,
  body: {
    spec: {
      parentRefs: [{ name: parent }],
      hostnames: [`${name}.example.com`],
      rules: [{ backendRefs: [{ name: "cart", port: 80 }] }],
    },
  },
});

/** Whether a backend answers a GET for a hostname over HTTP in the network of a Gateway. */
export const isAnswered = (world: World, gatewayName: string, host: string, path = "/"): boolean =>
  world.engine.route(place, {
    network: networkOf(world, gatewayName),
    port: 80,
    protocol: "HTTP",
    host,
    method: "GET",
    path,
    headers: {},
  }).is === "target";
