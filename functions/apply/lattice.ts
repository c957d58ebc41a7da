import type { EpochMs } from "../model/ids.ts";
import type {
  Action,
  Lifecycle,
  ObservedAssociation,
  ObservedListener,
  ObservedRule,
  RuleMatch,
  Tags,
  Target,
  TargetGroupConfig,
} from "../model/lattice.ts";

/**
 * The port to VPC Lattice: the calls that we make, in our words. One method is one API call (lists: one call per page).
 * Every method throws LatticeError, never anything else, when the call does not succeed.
 */
export interface Lattice {
  listServiceNetworks(): Promise<
    readonly { readonly id: string; readonly arn: string; readonly name: string }[]
  >;

  /** Services whose name is exactly this one, found by paging through the list. */
  findServices(name: string): Promise<readonly { readonly id: string; readonly arn: string }[]>;
  getService(id: string, how: How): Promise<ServiceHead>;
  createService(input: {
    readonly name: string;
    readonly customDomainName?: string | undefined;
    readonly certificateArn?: string | undefined;
    readonly tags: Tags;
    readonly token: string;
  }): Promise<ServiceHead>;
  updateService(id: string, certificateArn: string): Promise<void>;
  deleteService(id: string): Promise<void>;

  listAssociations(service: string): Promise<readonly ObservedAssociation[]>;
  getAssociation(id: string, how: How): Promise<ObservedAssociation>;
  createAssociation(input: {
    readonly service: string;
    readonly networkArn: string;
    readonly tags: Tags;
    readonly token: string;
  }): Promise<ObservedAssociation>;
  deleteAssociation(id: string): Promise<Lifecycle>;

  /** Listeners without their rules and default actions. */
  listListeners(service: string): Promise<
    readonly (Listed & {
      readonly name: string;
      readonly port: number;
      readonly protocol: string;
    })[]
  >;
  getListener(service: string, listener: string): Promise<Omit<ObservedListener, "rules">>;
  createListener(input: {
    readonly service: string;
    readonly name: string;
    readonly port: number;
    readonly protocol: "HTTP" | "HTTPS" | "TLS_PASSTHROUGH";
    readonly defaultAction: Action;
    readonly tags: Tags;
    readonly token: string;
  }): Promise<Omit<ObservedListener, "rules">>;
  updateListener(service: string, listener: string, defaultAction: Action): Promise<void>;
  deleteListener(service: string, listener: string): Promise<void>;

  /** The rules of a listener without what they say; the default rule is left out. */
  listRules(service: string, listener: string): Promise<readonly Listed[]>;
  getRule(service: string, listener: string, rule: string): Promise<ObservedRule>;
  createRule(input: {
    readonly service: string;
    readonly listener: string;
    readonly name: string;
    readonly match: RuleMatch;
    readonly priority: number;
    readonly action: Action;
    readonly tags: Tags;
    readonly token: string;
  }): Promise<ObservedRule>;
  updateRule(service: string, listener: string, update: RuleChange): Promise<ObservedRule>;
  /** At most ten updates, judged as one: priorities must be unique when all are done. */
  batchUpdateRules(
    service: string,
    listener: string,
    updates: readonly RuleChange[],
  ): Promise<{ readonly done: readonly ObservedRule[]; readonly failed: readonly EntryFailure[] }>;
  deleteRule(service: string, listener: string, rule: string): Promise<void>;

  /** Every target group of the account and region, without what their targets are spoken to in. */
  listTargetGroups(): Promise<readonly TargetGroupListing[]>;
  getTargetGroup(id: string, how: How): Promise<TargetGroupHead>;
  createTargetGroup(input: {
    readonly name: string;
    readonly config: TargetGroupConfig;
    readonly tags: Tags;
    readonly token: string;
  }): Promise<TargetGroupHead>;
  deleteTargetGroup(id: string): Promise<Lifecycle>;
  /** At most a hundred targets. */
  registerTargets(
    id: string,
    targets: readonly Target[],
  ): Promise<{ readonly failed: readonly EntryFailure[] }>;
  deregisterTargets(
    id: string,
    targets: readonly Target[],
  ): Promise<{ readonly failed: readonly EntryFailure[] }>;
  listTargets(id: string): Promise<readonly (Target & { readonly status: string })[]>;

  listTags(arn: string): Promise<Tags>;
  /** Adds tags; others stay. */
  tag(arn: string, tags: Tags): Promise<void>;
}

/** One entry of a list of things that a Get tells more of. Gets answer the same time, creates and updates do not. */
export interface Listed {
  readonly id: string;
  /** When it last changed, by Lattice's own clock. */
  readonly lastUpdatedAt?: EpochMs | undefined;
}

/** Whether a Get looks at something because it is in progress (it is counted apart) or for its content. */
export type How = "poll" | "read";

export interface RuleChange {
  readonly id: string;
  readonly match?: RuleMatch | undefined;
  readonly priority?: number | undefined;
  readonly action?: Action | undefined;
}

export interface ServiceHead {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly dnsName: string;
  readonly lifecycle: Lifecycle;
  readonly failure?: string | undefined;
  readonly customDomainName?: string | undefined;
  readonly certificateArn?: string | undefined;
}

export interface TargetGroupHead {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly lifecycle: Lifecycle;
  readonly failure?: string | undefined;
  readonly config: TargetGroupConfig;
}

/** A target group as the list of all of them has it. */
export interface TargetGroupListing {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly active: boolean;
  /** Whether a rule or listener of any service forwards to it. */
  readonly used: boolean;
  readonly port?: number | undefined;
  readonly protocol?: string | undefined;
  readonly family?: string | undefined;
  readonly vpc?: string | undefined;
}

/** One entry of a call that answered 200 and did not do all of it. */
export interface EntryFailure {
  /** The rule's id, or `IP:PORT` of a target. */
  readonly entry: string;
  readonly code: string;
  readonly message: string;
  /** Of the call. */
  readonly requestId?: string | undefined;
}

/** A call that failed, with what a person and `fate` need to know of it. */
export class LatticeError extends Error {
  override readonly name = "LatticeError";
  readonly operation: string;
  /** The error's name at the API, such as ConflictException; `Unknown` when no answer came. */
  readonly code: string;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    operation: string,
    code: string,
    message: string,
    more: { requestId?: string | undefined; retryAfterSeconds?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.operation = operation;
    this.code = code;
    this.requestId = more.requestId;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

/**
 * Lattice as seen from one account and region, for a caller that may act until a moment by its own clock. No attempt of a
 * call is sent after it: a process that stood still would otherwise act as the writer that it no longer is. What was not
 * sent for that reason throws a LatticeError of code `NotSent`.
 */
export type LatticeIn = (
  place: { readonly account: string; readonly region: string; readonly role?: string | undefined },
  until: EpochMs,
) => Lattice;

/** The failure of a call that was not made, because its caller may no longer act. */
export const notSent = (operation: string): LatticeError =>
  new LatticeError(operation, "NotSent", "the time of the caller was over before the call was sent");
