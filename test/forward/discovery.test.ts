import { describe, expect, test } from "vitest";

import type { Api } from "../../functions/forward/api.k8s.ts";
import { kubernetesSource } from "../../functions/forward/source.k8s.ts";
import { SourceError } from "../../functions/forward/source.ts";
import { allKinds, kinds, type Kind } from "../../functions/model/objects.ts";
import { clusterScoped, gateway, metadata } from "../bus/raw.ts";

import { World, type FakeCluster } from "./world.ts";

const definitionOf = (kind: Kind): string => `${kinds[kind].plural}.${kinds[kind].group}`;
const definition = (name: string) => ({ metadata: clusterScoped(name) });
const gatewayKinds = allKinds.filter((kind) => kinds[kind].group === "gateway.networking.k8s.io");
const builtIn = (kind: Kind): boolean => !gatewayKinds.includes(kind);

/** The HTTP face of a cluster in which a kind of the Gateway API is served while its CRD is there. */
function apiOver(cluster: FakeCluster): Api {
  const served = (kind: Kind): boolean =>
    builtIn(kind) ||
    cluster.objects.get("CustomResourceDefinition")?.has(`undefined/${definitionOf(kind)}`) === true;
  const kindAt = (url: URL): Kind => {
    const found = allKinds.find((kind) => pathOf(kind) === url.pathname && served(kind));
    if (found === undefined) throw new SourceError("the server could not find the requested resource", 404);
    return found;
  };
  const chosen = (url: URL, object: unknown): boolean => {
    const name = /^metadata\.name=(.+)$/.exec(url.searchParams.get("fieldSelector") ?? "")?.[1];
    return name === undefined || JSON.stringify(object).includes(`"name":"${name}"`);
  };
  return {
    async call(_method, path) {
      const url = new URL(path, "http://cluster");
      const within = allKinds.filter((kind) => pathOf(kind).startsWith(`${url.pathname}/`) && served(kind));
      if (within.length > 0) return { resources: within.map((kind) => ({ name: kinds[kind].plural })) };
      const limit = url.searchParams.get("continue");
      const options = { limit: 500, ...(limit === null ? {} : { continue: limit }) };
      const { items, rv } = await cluster.list(kindAt(url), options);
      return { metadata: { resourceVersion: rv }, items: items.filter((item) => chosen(url, item)) };
    },
    async lines(path, onLine, { signal }) {
      const url = new URL(path, "http://cluster");
      const from = url.searchParams.get("resourceVersion") ?? "";
      const options = { timeoutSeconds: 120, bookmarks: true };
      await cluster.watch(
        kindAt(url),
        from,
        options,
        (event) => {
          if (event.type === "BOOKMARK" || chosen(url, event.object)) onLine(JSON.stringify(event));
        },
        signal,
      );
    },
  };
}

const pathOf = (kind: Kind): string => {
  const { group, plural } = kinds[kind];
  return `${group === "" ? "/api/v1" : `/apis/${group}/v1`}/${plural}`;
};

const set = { metadata: metadata("extra"), spec: { parentRef: { name: "front" }, listeners: [] } };
const route = {
  metadata: metadata("r"),
  spec: { parentRefs: [{ kind: "ListenerSet", name: "extra" }], rules: [] },
};

/** A cluster with the Gateway API's CRDs but that of ListenerSets, and a route that names one. */
function withoutListenerSets(): World {
  const world = new World({}, (cluster) => kubernetesSource(apiOver(cluster)));
  for (const kind of gatewayKinds)
    if (kind !== "ListenerSet") world.cluster.put("CustomResourceDefinition", definition(definitionOf(kind)));
  world.cluster.put("Gateway", gateway("front"));
  world.cluster.put("GRPCRoute", route);
  return world;
}

const install = (world: World): void =>
  world.cluster.put("CustomResourceDefinition", definition(definitionOf("ListenerSet")));

const unwell = (world: World) =>
  world.heartbeats().flatMap(({ watches }) => watches.filter(({ ok }) => !ok).map(({ kind }) => kind));

describe("a kind whose CRD is not installed", () => {
  test("holds the inventory up for no moment, and what names one of it is told that it is missing", async () => {
    const world = await withoutListenerSets().started(false);
    await world.time.pass(60_000);
    const [inventory] = world.inventories();
    expect(inventory?.kinds.toSorted()).toEqual([...allKinds].toSorted());
    expect(inventory?.absent).toContainEqual(["ListenerSet", "shop", "extra"]);
    expect(unwell(world)).toEqual([]);
    expect(world.logged).toEqual([]);
  });

  test("is read as soon as it is installed", async () => {
    const world = await withoutListenerSets().started();
    install(world);
    world.cluster.put("ListenerSet", set);
    await world.time.pass(1000);
    expect(world.said()).toEqual(["put ListenerSet shop/extra"]);
    world.forget();
    world.cluster.put("ListenerSet", { ...set, metadata: { ...set.metadata, generation: 2 } });
    await world.time.pass(100);
    expect(world.said()).toEqual(["put ListenerSet shop/extra"]);
    await world.time.pass(60_000);
    expect(unwell(world)).toEqual([]);
  });
});

describe("a kind whose CRD is removed", () => {
  test("has no objects any more, its watch counts as well, and it comes back with its CRD", async () => {
    const world = withoutListenerSets();
    install(world);
    world.cluster.put("ListenerSet", set);
    await world.started();
    await world.time.pass(5000);
    // The worst that an API server does: the collection goes with its definition, and its watch ends without a word.
    world.cluster.objects.get("ListenerSet")?.clear();
    world.cluster.remove("CustomResourceDefinition", definition(definitionOf("ListenerSet")));
    world.cluster.close("ListenerSet");
    await world.time.pass(60_000);
    expect(world.said()).toEqual(["delete ListenerSet shop/extra"]);
    expect(unwell(world)).toEqual([]);
    world.forget();
    install(world);
    world.cluster.put("ListenerSet", set);
    await world.time.pass(60_000);
    expect(world.said()).toEqual(["put ListenerSet shop/extra"]);
    expect(unwell(world)).toEqual([]);
  });
});
