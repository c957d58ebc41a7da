import type { ClusterOption } from "../options.ts";
import { startApiServer } from "../kubernetes/cluster.ts";
import { createEcho } from "../kubernetes/echo.ts";
import type { Applier } from "../kubernetes/manifests.ts";
import { KubeError } from "../kubernetes/status.ts";
import type { AdmittingStore } from "../kubernetes/store.ts";
import { runWorkloads } from "../kubernetes/workloads.ts";
import type { User } from "../kubernetes/rbac.ts";
import { account, token } from "../place.ts";
import type { Running } from "../running.ts";
import { listedKinds, type Cluster, type Role } from "./cluster.ts";
import { crds } from "./crds.ts";

/** How long a pod that goes is listed as terminating here; a real one takes thirty seconds. */
export const terminatingMs = 2_000;

/** The first two octets of the addresses of a cluster's pods. */
export const podNetOf = (index: number): string => `10.${index + 1}`;

/** What starting a cluster takes. */
export interface ClusterMeans {
  /** Who an EKS token belongs to. */
  readonly resolveToken: (token: string) => Promise<User | undefined>;
  readonly running: Running;
  readonly onTrouble: (text: string) => void;
}

export const users: Readonly<Record<Role, User>> = {
  administrator: { name: "administrator", groups: ["system:masters", "system:authenticated"] },
  forwarder: {
    name: "system:serviceaccount:espalier-system:espalier-forwarder",
    groups: ["system:serviceaccounts", "system:serviceaccounts:espalier-system", "system:authenticated"],
  },
};

/** Starts a cluster: an API server with the CRDs of `infra/cluster`, and pods that answer behind its Services. */
export async function startLocalCluster(
  option: ClusterOption,
  index: number,
  d: ClusterMeans,
): Promise<Cluster> {
  const tokens: Readonly<Record<Role, string>> = { administrator: token(), forwarder: token() };
  const apiServer = await startApiServer({
    name: option.name,
    now: Date.now,
    uid: token,
    crds,
    tokens: new Map([
      [tokens.administrator, users.administrator],
      [tokens.forwarder, users.forwarder],
    ]),
    resolveToken: d.resolveToken,
  });
  const { store, server } = apiServer;
  const echo = createEcho(option.name);
  d.running.add(`API server of ${option.name}`, () => server.close());
  d.running.add(`pods of ${option.name}`, () => echo.close());
  const stopWorkloads = runWorkloads({
    store,
    echo,
    podNet: podNetOf(index),
    terminatingMs,
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  });
  d.running.add(`workloads of ${option.name}`, stopWorkloads);
  const system = store.get(listedKinds.Namespace, { name: "kube-system" });
  return {
    name: option.name,
    profile: option.profile,
    account: option.account ?? account,
    epoch: system.metadata.uid ?? "",
    endpoint: apiServer.url,
    ca: apiServer.ca,
    api: applierOf(store),
    runsForwarder: true,
    list: async (kind) => store.list(listedKinds[kind]).items,
    watch: (kind, onObject) =>
      store.watch(listedKinds[kind], String(store.version()), ({ type, object }) => {
        if (type !== "DELETED") onObject(object);
      }),
    kubeconfigFor: (role) => apiServer.kubeconfigFor(tokens[role]),
    addressOf: echo.addressOf,
  };
}

function applierOf(store: AdmittingStore): Applier {
  return {
    async resourceOf(apiVersion, kind) {
      const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
      const found = store
        .resources()
        .find((one) => one.group === group && one.version === version && one.kind === kind);
      return found && { resource: found, namespaced: found.namespaced };
    },
    async apply(resource, object) {
      try {
        store.create(resource, object);
      } catch (error) {
        if (!(error instanceof KubeError) || error.reason !== "AlreadyExists") throw error;
        store.mergePatch(resource, object.metadata, object);
      }
    },
  };
}
