import { readFileSync } from "node:fs";
import { z } from "zod";
import { createEcho } from "../kubernetes/echo.ts";
import { kubeconfig } from "../kubernetes/kubeconfig.ts";
import { applyManifests } from "../kubernetes/manifests.ts";
import type { KubeObject } from "../kubernetes/objects.ts";
import { createTls } from "../kubernetes/tls.ts";
import type { ClusterOption } from "../options.ts";
import { account, token } from "../place.ts";
import { listedKinds, type Cluster } from "./cluster.ts";
import { startFront } from "./front.ts";
import { crds } from "./crds.ts";
import { podNetOf, terminatingMs, users, type ClusterMeans } from "./local.ts";
import { remoteApi, type RemoteApi } from "./remoteapi.ts";
import { runStandIns } from "./standins.ts";

const nodes = { group: "", version: "v1", plural: "nodes" };
const addressed = z.looseObject({
  endpoints: z.array(z.looseObject({ addresses: z.array(z.string()) })).nullish(),
});

/**
 * A cluster whose API server is a real one, reached with a user's kubeconfig. What is missing of the CRDs is installed. Where
 * there are Nodes, its pods are its own, and reached at their own addresses; where there are none, pods that answer stand in.
 */
export async function startRemoteCluster(
  option: ClusterOption & { readonly kubeconfig: string },
  index: number,
  d: ClusterMeans,
): Promise<Cluster> {
  const api = remoteApi(option.kubeconfig);
  await installDefinitions(api, option);
  const system = await api.get(listedKinds.Namespace, { name: "kube-system" });
  if (system?.metadata.uid === undefined)
    throw new Error(
      `cluster ${option.name}: the namespace kube-system cannot be read with ${option.kubeconfig}`,
    );
  const forwarder = token();
  const tls = await createTls(Date.now());
  const front = await startFront({
    config: api.config,
    tls,
    identify: async (one) => (one === forwarder ? users.forwarder : d.resolveToken(one)),
  });
  d.running.add(`front of ${option.name}`, () => front.close());
  const addressOf =
    (await api.list(nodes, "Node")).length > 0 ? ownPods(api, option, d) : standInPods(api, option, index, d);
  return {
    name: option.name,
    profile: option.profile,
    account: option.account ?? account,
    epoch: system.metadata.uid,
    endpoint: front.url,
    ca: tls.ca,
    api,
    runsForwarder: false,
    list: (kind) => api.list(listedKinds[kind], kind),
    watch(kind, onObject) {
      const stop = api.follow(listedKinds[kind], kind, (type, object) => {
        if (type === "changed") onObject(object);
      });
      return () => void stop();
    },
    kubeconfigFor: (role) =>
      role === "administrator"
        ? readFileSync(option.kubeconfig, "utf8")
        : kubeconfig({ name: option.name, server: front.url, ca: tls.ca, token: forwarder }),
    addressOf,
  };
}

/** Installs the CRDs that the cluster does not have. Those that it has stay as they are. */
async function installDefinitions(api: RemoteApi, { name }: ClusterOption): Promise<void> {
  const found = await Promise.all(
    crds.map(async (object) => ({
      one: { object, where: "infra/cluster/crds" },
      there: await api.get(definitions, object.metadata),
    })),
  );
  const errors = await applyManifests(
    found.filter(({ there }) => there === undefined).map(({ one }) => one),
    api,
  );
  if (errors.length > 0)
    throw new Error(`cluster ${name}: CRDs could not be installed:\n  ${errors.join("\n  ")}`);
  await served(api, name);
}

const definitions = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };

/** A definition is served a moment after it was created. */
async function served(api: RemoteApi, name: string): Promise<void> {
  const end = Date.now() + 20_000;
  for (const kind of ["GatewayClass", "Gateway", "HTTPRoute"]) {
    while ((await api.resourceOf("gateway.networking.k8s.io/v1", kind)) === undefined) {
      if (Date.now() > end) throw new Error(`cluster ${name} serves no gateway.networking.k8s.io/v1 ${kind}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

type AddressOf = Cluster["addressOf"];

/** Pods that its Nodes run: reached as they are, if this machine can reach them. */
function ownPods(api: RemoteApi, { name }: ClusterOption, d: ClusterMeans): AddressOf {
  const bySlice = new Map<string, readonly string[]>();
  const keyOf = (one: KubeObject): string => `${one.metadata.namespace ?? ""}/${one.metadata.name}`;
  const stop = api.follow(listedKinds.EndpointSlice, "EndpointSlice", (type, object) => {
    if (type === "gone") bySlice.delete(keyOf(object));
    else
      bySlice.set(
        keyOf(object),
        (addressed.parse(object).endpoints ?? []).flatMap((one) => one.addresses),
      );
  });
  d.running.add(`endpoints of ${name}`, stop);
  return (ip, port) =>
    [...bySlice.values()].some((addresses) => addresses.includes(ip)) ? { host: ip, port } : undefined;
}

function standInPods(api: RemoteApi, { name }: ClusterOption, index: number, d: ClusterMeans): AddressOf {
  const echo = createEcho(name);
  const onError = (error: unknown): void => d.onTrouble(`pods of ${name}: ${String(error)}`);
  const stop = runStandIns({ api, echo, podNet: podNetOf(index), terminatingMs, onError });
  d.running.add(`pods of ${name}`, async () => {
    await stop();
    echo.close();
  });
  return echo.addressOf;
}
