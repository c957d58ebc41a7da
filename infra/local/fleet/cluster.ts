import type { KubeObject } from "../kubernetes/objects.ts";
import type { Applier } from "../kubernetes/manifests.ts";
import type { Profile } from "../../../functions/model/cluster.ts";
import type { ClusterName } from "../../../functions/model/ids.ts";
import { routeKinds } from "../../../functions/model/routes.ts";

/** Who acts in a cluster here. */
export type Role = "administrator" | "forwarder";

/** A cluster of the local system: one whose API server is started here, or a real one. */
export interface Cluster {
  readonly name: ClusterName;
  readonly profile: Profile;
  readonly account: string;
  /** The uid of its kube-system namespace. */
  readonly epoch: string;
  /** Where the control plane reaches it, as EKS would say. */
  readonly endpoint: string;
  /** PEM. */
  readonly ca: string;
  readonly api: Applier;
  /** Whether the Deployment of the forwarder is what starts its process; else it starts none, and the process runs here all the same. */
  readonly runsForwarder: boolean;
  /** All objects of a kind. */
  list(kind: ListedKind): Promise<readonly KubeObject[]>;
  /** Calls back for every object of a kind that is written from now on, until the answered function is called. */
  watch(kind: ListedKind, onObject: (object: KubeObject) => void): () => void;
  kubeconfigFor(role: Role): string;
  /** Where a pod is reached on this machine. */
  addressOf(ip: string, port: number): { readonly host: string; readonly port: number } | undefined;
}

/** The kinds that a forwarder sends, which proof and summary look at too, and those that others in a cluster make. */
export const listedKinds = {
  GatewayClass: { group: "gateway.networking.k8s.io", version: "v1", plural: "gatewayclasses" },
  Gateway: { group: "gateway.networking.k8s.io", version: "v1", plural: "gateways" },
  HTTPRoute: { group: "gateway.networking.k8s.io", version: "v1", plural: "httproutes" },
  ListenerSet: { group: "gateway.networking.k8s.io", version: "v1", plural: "listenersets" },
  GRPCRoute: { group: "gateway.networking.k8s.io", version: "v1", plural: "grpcroutes" },
  TLSRoute: { group: "gateway.networking.k8s.io", version: "v1", plural: "tlsroutes" },
  ReferenceGrant: { group: "gateway.networking.k8s.io", version: "v1", plural: "referencegrants" },
  Namespace: { group: "", version: "v1", plural: "namespaces" },
  Service: { group: "", version: "v1", plural: "services" },
  EndpointSlice: { group: "discovery.k8s.io", version: "v1", plural: "endpointslices" },
  ServiceAccount: { group: "", version: "v1", plural: "serviceaccounts" },
  Deployment: { group: "apps", version: "v1", plural: "deployments" },
} as const;

export type ListedKind = keyof typeof listedKinds;

/** The kinds whose objects are spoken of in conditions. */
export const spokenKinds = ["GatewayClass", "Gateway", "ListenerSet", ...routeKinds] as const;
