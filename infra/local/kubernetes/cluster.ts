import { createAdmission } from "./admission.ts";
import { kubeconfig } from "./kubeconfig.ts";
import type { KubeObject } from "./objects.ts";
import type { User } from "./rbac.ts";
import { serveKubernetes, type KubernetesServer } from "./server.ts";
import { createStore, type AdmittingStore } from "./store.ts";
import { createTls } from "./tls.ts";

export interface ClusterOptions {
  readonly name: string;
  readonly now: () => number;
  readonly uid: () => string;
  /** CustomResourceDefinitions that are there from the start. */
  readonly crds: readonly KubeObject[];
  /** Users by their tokens. */
  readonly tokens: ReadonlyMap<string, User>;
  /** Whose token one is that is not in `tokens`: EKS asks STS. */
  readonly resolveToken?: ((token: string) => Promise<User | undefined>) | undefined;
}

/** A Kubernetes cluster without machines: its API server and what it holds. */
export interface LocalApiServer {
  readonly name: string;
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  readonly store: AdmittingStore;
  readonly server: KubernetesServer;
  kubeconfigFor(token: string): string;
}

const crdName = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };

/** Starts a cluster's API server. */
export async function startApiServer(options: ClusterOptions): Promise<LocalApiServer> {
  const store = createStore({ now: options.now, uid: options.uid, admit: createAdmission() });
  for (const crd of options.crds) store.create(crdName, crd);
  const tls = await createTls(options.now());
  const server = await serveKubernetes({
    store,
    tls,
    now: options.now,
    identify: async (token) => options.tokens.get(token) ?? (await options.resolveToken?.(token)),
  });
  return {
    name: options.name,
    url: server.url,
    ca: tls.ca,
    store,
    server,
    kubeconfigFor: (token) => kubeconfig({ name: options.name, server: server.url, ca: tls.ca, token }),
  };
}
