import type { ClusterFacts } from "../model/cluster.ts";
import type { ClusterName, RootKey } from "../model/ids.ts";
import type { Output, TargetGroupConfig } from "../model/lattice.ts";
import type { Quotas, Use } from "../model/limits.ts";
import type { Kind, ObjectOf, ObjectRef } from "../model/objects.ts";
import type { Index } from "../model/reads.ts";
import type { TargetGroupRoot } from "../model/roots.ts";

/**
 * What the desired state says of a named object. `missing` means that a tombstone proves its absence; `unknown` means
 * that nothing has been heard of it, and whoever needs it must wait.
 */
export type Seen<T> =
  | { readonly is: "known"; readonly object: T }
  | { readonly is: "missing" }
  | { readonly is: "unknown" };

/** What this root's own ledger fixes for a compile. */
export interface Own {
  /** The Lattice name that was claimed for this root, once there is one. */
  readonly name?: string | undefined;
  /** Raised when the root's resource must be a new one although its key is the same. */
  readonly incarnation: number;
  /** Whether anybody reads this root's output. Roots without a source of their own depend on it. */
  readonly wanted: boolean;
  /** Service roots whose outputs an earlier compile of this root has read, and that are therefore wanted still. */
  readonly services: readonly RootKey[];
  /** Gateways (`CLUSTER/NAMESPACE/NAME`) at whose listeners an earlier compile of this root has looked: they were ours then. */
  readonly gateways: readonly string[];
  /** Hostnames that this root holds. */
  readonly claims: readonly (HostnameOn & { readonly gateway: string })[];
  /** Of a service: the routes that it serves, as `KIND/NAMESPACE/NAME`. */
  readonly serves: readonly string[];
  /** Of a service: the Gateways (`CLUSTER/NAMESPACE/NAME`) that it has said it is not for. */
  readonly declines: readonly string[];
  /** What this root uses of quotas that it shares with others: all that is there of it does. */
  readonly uses: readonly Use[];
  /** Of a service: the target groups that its rules have used or may use, by their ids. */
  readonly groups: readonly { readonly id: string; readonly backend: TargetGroupRoot["backend"] }[];
  /** Of a service: the ids of the service networks that it is in, as far as the ledger knows. */
  readonly networks: readonly string[];
  /** Of a service that exists: the custom domain that Lattice has fixed for it. */
  readonly hostname?: string | undefined;
  /** Of a service: the certificate that it has in Lattice, by its ARN. */
  readonly certificate?: string | undefined;
  /** Of a target group that exists: what is spoken with its targets, which Lattice has fixed. */
  readonly spoken?: Pick<TargetGroupConfig, "protocol" | "version"> | undefined;
  /** Whether this root has said something of an object, and that stands. */
  readonly told: boolean;
  /** Whether Lattice has its resource, as far as the ledger knows. */
  readonly exists: boolean;
}

/** Who holds something that can be held once, and for which Gateway (`CLUSTER/NAMESPACE/NAME`). */
export interface Holder {
  readonly root: RootKey;
  readonly gateway: string;
}

/** A certificate of ACM that is issued and valid. */
export interface Certificate {
  readonly arn: string;
  /** In lower case; one may begin with `*.`. */
  readonly domains: readonly string[];
  /** Milliseconds since 1970: when it was issued or imported. */
  readonly since: number;
  /** ACM lists it only for who asks for its key type, as the in-cluster controller does not. */
  readonly unlisted?: true | undefined;
}

/** What is known of the certificates of ACM in an account and region. */
export interface KnownCertificates {
  /** What it had when it was last seen; undefined when nobody could look yet. */
  readonly all?: readonly Certificate[] | undefined;
  /** What ACM said to whoever looked last, when that was denied. */
  readonly denied?: string | undefined;
}

/** A hostname on a service network: one service at most has it there. */
export interface HostnameOn {
  readonly account: string;
  readonly region: string;
  /** The network's id. */
  readonly network: string;
  readonly hostname: string;
}

/** The installation that compiles: its name goes into the tags of what it makes. */
export interface Installation {
  readonly name: string;
}

/**
 * The only thing that a compile can look at. Every call is recorded as a read, also one that finds nothing, so that a
 * later change wakes the root.
 */
export interface View {
  object<K extends Kind>(ref: ObjectRef<K>): Promise<Seen<ObjectOf<K>>>;
  /** The objects of a list, ordered by namespace and name. */
  list<K extends Kind>(
    cluster: ClusterName,
    index: Index & { readonly kind: K },
  ): Promise<readonly ObjectOf<K>[]>;
  /** What another root has published, or undefined when it has published nothing (yet, or no more). Reading it makes that root wanted. */
  output(root: RootKey): Promise<Output | undefined>;
  /** Undefined when the cluster is not registered (any more). */
  cluster(name: ClusterName): Promise<ClusterFacts | undefined>;
  quotas(account: string, region: string): Promise<Quotas>;
  /** How much of a shared quota is in use. It counts as changed when room for one more comes or goes. */
  usage(use: Use, quota: number): Promise<number>;
  /** Who serves a hostname on a network, or undefined when nobody does. */
  holder(on: HostnameOn): Promise<Holder | undefined>;
  certificates(account: string, region: string): Promise<KnownCertificates>;
  readonly own: Own;
  readonly installation: Installation;
}

/** Looks at the services again that this root has counted on before: that keeps them wanted, whatever becomes of the root now. */
export async function keepServices(view: View): Promise<void> {
  for (const service of view.own.services) await view.output(service);
}
