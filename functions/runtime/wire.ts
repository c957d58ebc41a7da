import { ACMClient } from "@aws-sdk/client-acm";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EKSClient } from "@aws-sdk/client-eks";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { VPCLatticeClient } from "@aws-sdk/client-vpc-lattice";
import type { LatticeIn } from "../apply/lattice.ts";
import { forPolls, latticeOfSdk, type Clients } from "../apply/lattice.sdk.ts";
import type { Cluster } from "../desired/clusters.ts";
import { times } from "../model/limits.ts";
import { sqsQueues } from "../desired/queues.sqs.ts";
import { dynamoTable } from "../desired/table.dynamodb.ts";
import { acmOfSdk } from "../drift/acm.sdk.ts";
import type { AcmIn } from "../drift/acm.ts";
import { clusterApiOver } from "../status/cluster.k8s.ts";
import { eksAccess } from "../status/eks.sdk.ts";
import type { ClusterApi } from "../status/cluster.ts";
import { assumeRole } from "./credentials.sdk.ts";
import { loadConfig, type Config } from "./config.ts";
import { lambdaLog, lambdaMetrics, systemClock, systemRandom } from "./lambda.powertools.ts";

/**
 * The composition root: from a function's environment to what its handler needs. The SDK's own variables (endpoints,
 * region, credentials) are the only difference between AWS and one machine.
 */
type Environment = Readonly<Record<string, string | undefined>>;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function common(environment: Environment) {
  const config = loadConfig(environment);
  const { metrics, flush } = lambdaMetrics();
  const queues = sqsQueues(new SQSClient(patience), urlsOf(config));
  return {
    config,
    table: dynamoTable(new DynamoDBClient(patience), config.TABLE_NAME, {
      pause,
      fraction: systemRandom.fraction,
    }),
    queues,
    looks: queues,
    clock: systemClock,
    random: systemRandom,
    log: lambdaLog(),
    metrics,
    flush,
  };
}

export const wireIngest = (environment: Environment) => common(environment);
export const wireDrift = (environment: Environment) => common(environment);
export const wireRegister = (environment: Environment) => common(environment);
export const wireCertificates = (environment: Environment) => ({
  ...common(environment),
  acm: acmClients(),
});

export function wireReconcile(environment: Environment) {
  const base = common(environment);
  const { config } = base;
  return {
    ...base,
    lattice: latticeClients(),
    installation: { name: config.INSTALLATION },
    settings: {
      graceMs: config.PROPAGATION_GRACE_SECONDS * 1000,
      visitEveryMs: config.VISIT_MINUTES * 60_000,
      allowance: { callsPerSecond: config.LATTICE_CALLS_PER_SECOND, burst: config.LATTICE_BURST },
    },
  };
}

export function wireStatus(environment: Environment) {
  return { ...common(environment), clusterApi: clusterApis(environment["AWS_ENDPOINT_URL_STS"]) };
}

const urlsOf = (config: Config) => ({
  ...(config.QUEUE_VERDICTS_URL === undefined ? {} : { verdicts: config.QUEUE_VERDICTS_URL }),
  ...(config.QUEUE_TARGETS_URL === undefined ? {} : { targets: config.QUEUE_TARGETS_URL }),
  ...(config.QUEUE_CONFIG_URL === undefined ? {} : { config: config.QUEUE_CONFIG_URL }),
  ...(config.QUEUE_DRIFT_URL === undefined ? {} : { drift: config.QUEUE_DRIFT_URL }),
  ...(config.QUEUE_STATUS_URL === undefined ? {} : { status: config.QUEUE_STATUS_URL }),
  ...(config.QUEUE_CERTIFICATES_URL === undefined ? {} : { certificates: config.QUEUE_CERTIFICATES_URL }),
});

/** How long a call may take: an invocation that waits for an answer for ever would die with it, and with its lease. */
const patience = {
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: times.connectMax,
    requestTimeout: times.callMax,
    throwOnRequestTimeout: true,
  },
} as const;

/** An account and region, and the role to assume there; absent: the function's own. */
type Place = Parameters<AcmIn>[0];

/** What is made of a place's region and credentials: once, and kept for as long as the process lives. */
function perPlace<T>(make: (settings: ReturnType<typeof clientSettings>) => T): (place: Place) => T {
  const known = new Map<string, T>();
  return (place) => {
    const key = `${place.account}/${place.region}/${place.role ?? ""}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(clientSettings(place));
    known.set(key, made);
    return made;
  };
}

const clientSettings = ({ region, role }: Place) => ({
  region,
  ...(role === undefined ? {} : { credentials: assumeRole(new STSClient(patience), role) }),
  ...patience,
});

function latticeClients(): LatticeIn {
  const clientsOf = perPlace((settings): Clients => {
    const client = () => new VPCLatticeClient(settings);
    return { calls: client(), polls: forPolls(client()) };
  });
  return (place, until) => latticeOfSdk(clientsOf(place), () => systemClock.now() < until);
}

const acmClients = (): AcmIn => perPlace((settings) => acmOfSdk(new ACMClient(settings)));

function clusterApis(stsEndpoint: string | undefined): (cluster: Cluster) => ClusterApi {
  const apis = new Map<string, ClusterApi>();
  return ({ registration }) => {
    const { eks, region, roles } = registration;
    const key = `${region}/${eks}/${roles.eks ?? ""}`;
    const known = apis.get(key);
    if (known !== undefined) return known;
    const credentials =
      roles.eks === undefined ? {} : { credentials: assumeRole(new STSClient(patience), roles.eks) };
    const client = new EKSClient({ region, ...credentials, ...patience });
    const made = clusterApiOver(eksAccess(client, { name: eks, region, stsEndpoint, now: systemClock.now }));
    apis.set(key, made);
    return made;
  };
}
