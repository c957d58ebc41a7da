/** Quotas of Amazon VPC Lattice that are checked before anything is written (vpc-lattice user guide, "Quotas"). */
export interface Quotas {
  readonly rulesPerListener: number;
  readonly listenersPerService: number;
  readonly targetGroupsPerService: number;
  readonly targetsPerTargetGroup: number;
  readonly servicesPerRegion: number;
  readonly servicesPerNetwork: number;
  readonly targetGroupsPerRegion: number;
}

/** Quotas that many roots share: what each of them takes is counted. */
export type SharedQuota = "servicesPerRegion" | "servicesPerNetwork" | "targetGroupsPerRegion";

/** One of what a shared quota limits: a service or a target group in a region, or a service in a network. */
export interface Use {
  readonly account: string;
  readonly region: string;
  readonly quota: SharedQuota;
  /** The id of the service network, where the quota is a network's. */
  readonly network?: string | undefined;
}

export const defaultQuotas: Quotas = {
  rulesPerListener: 10,
  listenersPerService: 2,
  targetGroupsPerService: 10,
  targetsPerTargetGroup: 1000,
  servicesPerRegion: 2000,
  servicesPerNetwork: 500,
  targetGroupsPerRegion: 500,
};

/** Names of quotas as people write them on a command line, and the fields that they set. */
export const quotaNames: Readonly<Record<string, keyof Quotas>> = {
  "rules-per-listener": "rulesPerListener",
  "listeners-per-service": "listenersPerService",
  "target-groups-per-service": "targetGroupsPerService",
  "targets-per-target-group": "targetsPerTargetGroup",
  "services-per-region": "servicesPerRegion",
  "services-per-network": "servicesPerNetwork",
  "target-groups-per-region": "targetGroupsPerRegion",
};

/** Limits of the API itself (vpc-lattice API model, 2022-11-30). */
export const api = {
  priorityMax: 2000,
  rulesPerBatch: 10,
  targetsPerCall: 100,
  headersPerMatch: 5,
  groupsPerForward: 10,
  weightMax: 999,
  pathLengthMax: 200,
  headerValueLengthMax: 200,
  headerNameLengthMax: 100,
} as const;

/** Times that hold the system together, in milliseconds. Their relations are checked in test/model/limits.test.ts. */
export const times = {
  /** The longest that one invocation of reconcile or status may take. */
  reconcileMax: 30_000,
  /** How long a work message is hidden: until the lease of a worker that died with it has ended. */
  workHidden: 50_000,
  /** How much longer a lease lasts than the invocation that holds it: longer than any call with its retries. */
  leaseMargin: 15_000,
  /** How long an attempt of a call waits for a connection, and then for its answer. */
  connectMax: 2_000,
  callMax: 5_000,
  /** No mutating call is started with less of the lease left than this. */
  leaseSafe: 10_000,
  /** How long an old target group keeps its targets after the last rule call that used it. */
  propagationGrace: 60_000,
  /** How long the reason for an absence is remembered. */
  tombstoneLife: 14 * 24 * 3_600_000,
  /** Older events are refused, so that nothing whose tombstone has gone can come back. */
  eventAgeMax: 13 * 24 * 3_600_000,
  /** How often a root is compared with Lattice when nothing happens. */
  visitEvery: 30 * 60_000,
  /** How often all of a resource is read again, its tags too, though nothing says that it has changed. */
  wholeEvery: 24 * 3_600_000,
  /** How long ago a change must be for no other to bear the same time: clocks differ, and may tick in whole seconds. */
  tickPassed: 2_000,
  /** How often the certificates of an account and region are looked at when ACM says nothing. */
  certificatesEvery: 10 * 60_000,
  /** After the outcome of a call was unknown, look again after so long. */
  unknownAgain: 60_000,
} as const;
