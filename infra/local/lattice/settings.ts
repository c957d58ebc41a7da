/** How the stand-in behaves. Durations are in milliseconds; any may be 0. */
export interface Settings {
  readonly serviceCreateMs: number;
  readonly serviceDeleteMs: number;
  readonly groupCreateMs: number;
  readonly groupDeleteMs: number;
  readonly associationCreateMs: number;
  readonly associationDeleteMs: number;
  /** How long a deregistered target of a group in use is still listed. */
  readonly drainMs: number;
  /** How long the data plane still goes by the configuration before a change. */
  readonly propagationMs: number;
  readonly pageSize: number;
  readonly reads: Bucket;
  readonly writes: Bucket;
  readonly quotas: ServiceQuotas;
}

export interface Bucket {
  readonly perSecond: number;
  readonly burst: number;
}

/** Quotas by the names that people write on the command line (VPC Lattice user guide, "Quotas"). */
export interface ServiceQuotas {
  readonly "networks-per-region": number;
  readonly "services-per-region": number;
  readonly "services-per-network": number;
  readonly "target-groups-per-region": number;
  readonly "target-groups-per-service": number;
  readonly "targets-per-target-group": number;
  readonly "listeners-per-service": number;
  readonly "rules-per-listener": number;
}

export const defaultSettings: Settings = {
  serviceCreateMs: 400,
  serviceDeleteMs: 200,
  groupCreateMs: 300,
  groupDeleteMs: 200,
  associationCreateMs: 600,
  associationDeleteMs: 400,
  drainMs: 5_000,
  propagationMs: 300,
  pageSize: 100,
  reads: { perSecond: 200, burst: 400 },
  writes: { perSecond: 50, burst: 200 },
  quotas: {
    "networks-per-region": 50,
    "services-per-region": 2000,
    "services-per-network": 500,
    "target-groups-per-region": 500,
    "target-groups-per-service": 10,
    "targets-per-target-group": 1000,
    "listeners-per-service": 2,
    "rules-per-listener": 10,
  },
};

/** The code of each quota in errors. */
export const quotaCodes: Readonly<Record<keyof ServiceQuotas, string>> = {
  "networks-per-region": "L-9CAD07FB",
  "services-per-region": "L-620C821E",
  "services-per-network": "L-75D4A19E",
  "target-groups-per-region": "L-BB11C6B9",
  "target-groups-per-service": "L-3DEC3B9F",
  "targets-per-target-group": "L-D71303F3",
  "listeners-per-service": "L-D64E952E",
  "rules-per-listener": "L-CF78395E",
};
