import type { AccountId, ClusterName, Region } from "./ids.ts";
import type { Kind } from "./objects.ts";

/** What the Gateway API says, or what the in-cluster controller did; see DESIGN, profile. */
export type Profile = "standard" | "incumbent";

/** A registered cluster, as an administrator described it. */
export interface Registration {
  readonly cluster: ClusterName;
  readonly account: AccountId;
  readonly region: Region;
  readonly vpc: string;
  /** The name of the EKS cluster. */
  readonly eks: string;
  readonly profile: Profile;
  /** The uid of the cluster's kube-system namespace. Absent: the first one that the forwarder names is taken. */
  readonly epoch?: string | undefined;
  /** Every Gateway of the cluster is for this service network, whatever its own name is (the in-cluster controller's override). */
  readonly network?: string | undefined;
  /** Roles to assume in the cluster's account; absent: the function's own role. */
  readonly roles: { readonly lattice?: string | undefined; readonly eks?: string | undefined };
}

/** What a compile can know of a cluster besides its objects. It is stored so that it changes only when a compile could tell. */
export interface ClusterFacts {
  readonly registration: Registration;
  /** Kinds that a complete inventory of the current epoch has listed; empty until there was one. */
  readonly listed: readonly Kind[];
  /** Whether a complete full inventory of the current epoch has been seen: before, roots are planned and never applied. */
  readonly applied: boolean;
  /** Why a person must look before anything is applied or deleted here, or absent. */
  readonly hold?: string | undefined;
  /** Watches of the forwarder that fail now, with the reason that the API server gave. */
  readonly failedWatches: readonly { readonly kind: Kind; readonly reason: string }[];
}

/**
 * Whether a service network can have this name or id (ServiceNetworkIdentifier of the API model, without ARNs). A Gateway's name is
 * held against it: Kubernetes allows others.
 */
export const isNetworkName = (text: string): boolean =>
  /^(?!servicenetwork-)(?![-])(?!.*[-]$)(?!.*[-]{2})[a-z0-9-]{3,63}$/.test(text);

/** What such a name is, in words. */
export const networkNameRule =
  "3 to 63 lower-case letters, digits and single hyphens, none at either end, not servicenetwork- at the start";
