import type { EpochMs, RootKey } from "./ids.ts";

/** Amazon VPC Lattice in our words: what should be there (models) and what is there (observed). */

/** The match of a rule. Header lists keep their order; an empty list and an absent one are the same. */
export interface RuleMatch {
  readonly method?: string | undefined;
  readonly path?:
    | { readonly kind: "exact" | "prefix"; readonly value: string; readonly caseSensitive: boolean }
    | undefined;
  readonly headers: readonly {
    readonly name: string;
    readonly kind: "exact" | "prefix" | "contains";
    readonly value: string;
    readonly caseSensitive: boolean;
  }[];
}

/** What a rule or a listener's default does with a request. */
export type Action =
  | { readonly do: "forward"; readonly groups: readonly { readonly id: string; readonly weight: number }[] }
  | { readonly do: "fixed"; readonly status: 404 | 500 };

/** An action whose target groups are not all there yet: what serves the match now keeps serving it. */
export interface Waiting {
  readonly do: "wait";
  readonly for: readonly RootKey[];
  /** What it waits for that is not one of these. */
  readonly because?: string | undefined;
}

/** A target group behind which no endpoint can answer, by its id, and the backend that it is of, in words. */
export interface Unusable {
  readonly group: string;
  readonly backend: string;
}

/** A rule that should exist. The list that it is in gives its precedence, unless the user fixed its number. */
export interface RuleModel {
  /** The rule in the user's words, such as `rule 0, match 1`. */
  readonly from: string;
  readonly match: RuleMatch;
  readonly action: Action | Waiting;
  /** The groups in the action behind which nothing can answer now. */
  readonly unusable: readonly Unusable[];
  /** The number that the user asked for. */
  readonly priority?: number | undefined;
}

export interface ListenerModel {
  readonly name: string;
  readonly port: number;
  readonly protocol: "HTTP" | "HTTPS" | "TLS_PASSTHROUGH";
  /** A listener that passes TLS through has no rules: all that it has goes by its default action. */
  readonly defaultAction: Action | Waiting;
  /** As in RuleModel, for the default action. */
  readonly unusable: readonly Unusable[];
  readonly rules: readonly RuleModel[];
  /** There is no certificate for it: it is not made before there is one. One that is there goes on. */
  readonly uncertified?: true | undefined;
  /** Rules are numbered 1, 2, 3 as the in-cluster controller does, instead of with room between them. */
  readonly dense?: true | undefined;
}

export type Tags = Readonly<Record<string, string>>;

export interface ServiceModel {
  readonly kind: "service";
  readonly account: string;
  readonly region: string;
  /** The name to ask for when the service does not exist yet. */
  readonly name: string;
  readonly customDomainName?: string | undefined;
  readonly certificateArn?: string | undefined;
  readonly tags: Tags;
  /** Service networks to be in, by id. */
  readonly networks: readonly { readonly name: string; readonly id: string; readonly arn: string }[];
  /** Networks, by id, of which it is not known now whether they are wanted: where it is in them, it stays. */
  readonly keeps?: "all" | readonly string[] | undefined;
  readonly listeners: readonly ListenerModel[];
}

export interface TargetGroupConfig {
  readonly port: number;
  /** TCP is for what is passed through without a look into it. */
  readonly protocol: "HTTP" | "HTTPS" | "TCP";
  /** What is spoken with the targets; nothing of that kind over TCP. */
  readonly version: "HTTP1" | "HTTP2" | "GRPC" | "none";
  readonly family: "IPV4" | "IPV6";
  readonly vpc: string;
}

export interface Target {
  readonly id: string;
  readonly port: number;
}

export interface TargetGroupModel {
  readonly kind: "target-group";
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly config: TargetGroupConfig;
  readonly tags: Tags;
  /** Sorted by address and port, without doubles. */
  readonly targets: readonly Target[];
  /** Those that stay where they are registered and are not registered where they are not: endpoints that are not ready, in profile `incumbent`, and those above a quota. */
  readonly spared?: readonly Target[] | undefined;
}

/** A service network that must be found, never made. */
export interface ServiceNetworkModel {
  readonly kind: "service-network";
  readonly account: string;
  readonly region: string;
  readonly network: string;
}

export type Model = ServiceModel | TargetGroupModel | ServiceNetworkModel;

/** Where a resource is in its life: the statuses of Lattice without their differences of wording. */
export type Lifecycle = "creating" | "active" | "deleting" | "create-failed" | "delete-failed";

interface Read {
  /**
   * When it last changed by Lattice's own clock, as of when it was read: while a list says the same, so would a Get. Absent
   * from what we wrote since, and from what was read so soon after a change that another may bear the same time.
   */
  readonly lastUpdatedAt?: EpochMs | undefined;
}

export interface ObservedRule extends Read {
  readonly id: string;
  readonly name: string;
  readonly priority: number;
  readonly match: RuleMatch;
  readonly action: Action;
}

export interface ObservedListener extends Read {
  readonly id: string;
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly defaultAction: Action;
  /** Without the default rule; in order of priority. */
  readonly rules: readonly ObservedRule[];
}

export interface ObservedAssociation {
  readonly id: string;
  /** The id of the service network. */
  readonly network: string;
  readonly lifecycle: Lifecycle;
}

/** What is read as a whole, and in between only where it changed. */
interface ReadWhole {
  /** When all of it was last known, its tags too: when it was read as a whole, or made by us. */
  readonly readAt?: EpochMs | undefined;
}

export interface ObservedService extends ReadWhole {
  readonly kind: "service";
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly dnsName: string;
  readonly lifecycle: Lifecycle;
  /** Lattice's own words for a failure. */
  readonly failure?: string | undefined;
  readonly customDomainName?: string | undefined;
  readonly certificateArn?: string | undefined;
  readonly ours: Ownership;
  readonly associations: readonly ObservedAssociation[];
  readonly listeners: readonly ObservedListener[];
}

export interface ObservedTargetGroup extends ReadWhole {
  readonly kind: "target-group";
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly lifecycle: Lifecycle;
  readonly failure?: string | undefined;
  readonly config: TargetGroupConfig;
  readonly ours: Ownership;
  /** Registered targets; those that are draining are gone for all purposes but deletion. */
  readonly targets: readonly Target[];
  readonly draining: number;
}

export interface ObservedServiceNetwork {
  readonly kind: "service-network";
  readonly found: readonly { readonly id: string; readonly arn: string; readonly name: string }[];
}

/**
 * Whose a resource is, by its tags: `ours` bears this root's tag; `adopted` bears those by which the in-cluster controller knew it as
 * this root's, in a cluster that has moved over; `foreign` bears none of these.
 */
export type Ownership = "ours" | "adopted" | "foreign";

export type Observed = ObservedService | ObservedTargetGroup | ObservedServiceNetwork;

/** A service that Lattice has made. */
export interface ServiceAt {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly dnsName: string;
  /** Its custom domain. */
  readonly hostname?: string | undefined;
  /** The ids of the service networks that it is in. */
  readonly networks: readonly string[];
}

/** What a service tells the routes that it serves, and the Gateway whose address it is. */
export interface ServiceOutput {
  readonly kind: "service";
  /** Absent until Lattice has made it. */
  readonly at?: ServiceAt | undefined;
  readonly standing: Standing;
  /** The routes that are not as they are to be, where the standing is not about all: the others are programmed. */
  readonly behind?: readonly string[] | undefined;
  /** The generation of each route, by `KIND/NAMESPACE/NAME`, that the standing is about. */
  readonly serves: Readonly<Record<string, number>>;
  /** Why it does not serve a route that counts on it. */
  readonly refuses: Readonly<Record<string, string>>;
  /** Gateways (`CLUSTER/NAMESPACE/NAME`) that it is not for, or no longer: another service is to be. */
  readonly declines?: readonly string[] | undefined;
  /** In profile `incumbent`: what the in-cluster controller may have made has been searched for, and what was found is claimed. */
  readonly sought?: true | undefined;
  /** What is to be said to a route of the certificate that it is served with and that cannot be found any more. */
  readonly lost?: Readonly<Record<string, string>> | undefined;
  /** Backends to which it sends requests of a route, by `KIND/NAMESPACE/NAME`, and behind which no endpoint can answer, in words. */
  readonly unready?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Ports that it is to listen on and does not; absent when there are none. */
  readonly closed?: readonly number[] | undefined;
}

/** What stands between a service and Lattice. */
export interface Standing {
  readonly is: "programmed" | "pending" | "invalid" | "failed";
  readonly message: string;
  /** Something is on its way all the same. */
  readonly working?: true | undefined;
}

/** What keeps a resource from being as it is wanted until somebody acts, in words: a call that failed, or what is refused before any call. */
export interface Trouble {
  readonly is: "failed" | "refused";
  readonly message: string;
  /** Of a service: the routes, by `KIND/NAMESPACE/NAME`, that it is about; absent: all. */
  readonly routes?: readonly string[] | undefined;
}

/** What a root publishes for others to read. */
export type Output =
  | {
      readonly kind: "service-network";
      readonly state: "found";
      readonly id: string;
      readonly arn: string;
      readonly name: string;
    }
  | { readonly kind: "service-network"; readonly state: "missing" }
  | { readonly kind: "service-network"; readonly state: "ambiguous"; readonly ids: readonly string[] }
  /** It could not be looked for. */
  | { readonly kind: "service-network"; readonly state: "failed"; readonly message: string }
  | ServiceOutput
  | {
      readonly kind: "target-group";
      readonly id: string;
      readonly arn: string;
      /** Whether the targets that were wanted when it was filled are registered; false while it is being made. */
      readonly filled: boolean;
      /** Whether any target can answer: registered and ready in Kubernetes. */
      readonly usable: boolean;
      /** What keeps it from being as it is wanted, when somebody must act on that. */
      readonly trouble?: Trouble | undefined;
    }
  /** Of a target group that could not be made. */
  | { readonly kind: "failure"; readonly trouble: Trouble };
