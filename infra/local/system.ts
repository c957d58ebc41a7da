import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { statusRole } from "../aws/roles.ts";
import { readSettings } from "../aws/settings.ts";
import { synthesise, type Template } from "../aws/synth.ts";
import { createCalls, type Calls } from "./aws/calls.ts";
import { json, serve } from "./aws/http.ts";
import { createIam, type Credentials, type Iam } from "./aws/iam.ts";
import { serveEks, serveSts } from "./aws/identity.ts";
import { startControlPlane, type ControlPlane, type Witness } from "./controlplane.ts";
import { createFiles, type Files } from "./files.ts";
import type { Cluster } from "./fleet/cluster.ts";
import { eksTokens } from "./fleet/ekstoken.ts";
import { readInputs } from "./fleet/inputs.ts";
import { joinClusters } from "./fleet/join.ts";
import { startRemoteCluster } from "./fleet/remote.ts";
import { startLocalCluster, type ClusterMeans } from "./fleet/local.ts";
import { latticeClient, startLattice, type LatticeSide } from "./latticeside.ts";
import { createNetworks, networksFor } from "./networks.sdk.ts";
import type { ClusterOption, Options } from "./options.ts";
import {
  account,
  credentialVariables,
  endpointVariables,
  graceSeconds,
  installation,
  region,
  token,
  type Endpoints,
} from "./place.ts";
import type { Running } from "./running.ts";
import type { Narrator } from "./tell/narrator.ts";

/** Who looks from outside, and may do everything. */
export const administratorName = "administrator";

/** The whole system on one machine. */
export interface System {
  readonly clusters: readonly Cluster[];
  readonly lattice: LatticeSide;
  readonly administrator: Credentials;
  /** Of each account, its administrator; that of the control plane's first. */
  readonly administrators: Administrators;
  readonly calls: Calls;
  readonly controlPlane: ControlPlane;
  /** Where `GET calls` and `DELETE calls` are answered. */
  readonly callsUrl: string;
  /** Manifests that could not be read or were refused. */
  readonly errors: readonly string[];
  readonly folder: string;
  /** Whether no queue of the flow holds a message; one that is delayed counts only if it is asked for. */
  idle(also?: "delayed"): Promise<boolean>;
}

interface Means {
  /** The repository. */
  readonly root: string;
  /** Where what is built, and what the running system tells of itself, is kept. */
  readonly folder: string;
  readonly running: Running;
  readonly narrator: Narrator;
  readonly witness: Witness;
  /** Makes the template and the bundles. */
  readonly synthesise?: typeof synthesise | undefined;
  /** Changes the template before it is started: for whoever wants to see what is missed when something is taken away. */
  readonly change?: ((template: Template) => Template) | undefined;
}

/** Starts everything, applies the manifests, and lets the flow begin. Whatever was started is in `running`, also when this throws. */
export async function startSystem(options: Options, d: Means): Promise<System> {
  const { running, narrator, folder } = d;
  const files = createFiles(folder);
  running.add("files", () => files.remove());
  const folders = options.clusters.map(readInputs);
  const iam = createIam(token);
  const calls = createCalls();
  const administrators = administratorsIn([account, ...accountsOf(options)], iam);
  const administrator = administratorOf(account, administrators);
  const clusters: Cluster[] = [];
  const identity = await startIdentity({ iam, calls, running }, clusters);
  const [synthesised, started] = await Promise.all([
    bundled(options, d),
    startClusters(options, identity.sts, d),
  ]);
  clusters.push(...started);
  let publishPlaces = (): void => undefined;
  const lattice = await startLattice(options, [...administrators.keys()], {
    iam,
    calls,
    running,
    narrator,
    onDataPlane: () => publishPlaces(),
    addressOf: (ip, port) => clusters.map((one) => one.addressOf(ip, port)).find((one) => one !== undefined),
  });
  const controlPlane = await startControlPlane({
    ...synthesised,
    accounts: accountsOf(options),
    iam,
    calls,
    replaced: options.endpoints,
    servers: { lattice: lattice.url, ...identity },
    running,
    witness: d.witness,
  });
  tellParts(controlPlane, narrator);
  const { endpoints } = controlPlane;
  const callsServer = await serveCalls(calls);
  running.add("calls", () => callsServer.close());
  writeEnvironments(files, endpoints, administrators);
  const vouching = lattice.ca === undefined ? {} : { dataPlaneCa: files.dataPlaneCa(lattice.ca) };
  publishPlaces = () =>
    files.local({ ...endpoints, dataPlane: lattice.dataPlanes(), ...vouching, calls: callsServer.url });
  const unmade = await makeNetworks(options, folders, endpoints.lattice, administrators);
  publishPlaces();
  const { assembly } = synthesised;
  const refused = await joinClusters(options, { clusters, folders, controlPlane, assembly, files }, d);
  return {
    clusters,
    lattice,
    administrator,
    administrators,
    calls,
    controlPlane,
    callsUrl: callsServer.url,
    errors: [...unmade, ...refused],
    folder,
    idle: (also) => queuesAreEmpty(controlPlane, administrator, also),
  };
}

type Folder = ReturnType<typeof readInputs>;
type Administrators = ReadonlyMap<string, Credentials>;

/** Somebody in each account who may do everything there. */
const administratorsIn = (accounts: readonly string[], iam: Iam): Administrators =>
  new Map(
    accounts.map((owner) => {
      const arn = `arn:aws:iam::${owner}:user/${administratorName}`;
      return [owner, iam.add({ arn, name: administratorName, policies: "all" })];
    }),
  );

function administratorOf(owner: string, administrators: Administrators): Credentials {
  const found = administrators.get(owner);
  if (found === undefined) throw new Error(`account ${owner} has no administrator`);
  return found;
}

/** A file of variables for each account: `env` for that of the control plane, `env-ACCOUNT` for others. */
function writeEnvironments(files: Files, endpoints: Endpoints, administrators: Administrators): void {
  for (const [owner, credentials] of administrators)
    files.environment(owner === account ? "env" : `env-${owner}`, {
      ...endpointVariables(endpoints),
      ...credentialVariables(credentials),
    });
}

/** Makes the service networks of each account, as its administrator; answers which could not be made, in words. */
async function makeNetworks(
  options: Options,
  folders: readonly Folder[],
  endpoint: string,
  administrators: Administrators,
): Promise<readonly string[]> {
  const unmade: string[] = [];
  for (const [owner, credentials] of administrators) {
    const client = latticeClient(endpoint, credentials);
    unmade.push(...(await createNetworks(client, networksFor(options, folders, owner))));
  }
  return unmade;
}

/** The template, and the folder of all that is built for it, for as long as the system runs. */
async function bundled(
  options: Options,
  d: Means,
): Promise<{ readonly template: Template; readonly assembly: string }> {
  d.narrator.tell("start", "bundling the functions and synthesising the template");
  const out = join(d.folder, "cdk.out");
  d.running.add("bundles", () => rmSync(out, { recursive: true, force: true }));
  const { template, file } = await (d.synthesise ?? synthesise)({
    ...readSettings(undefined),
    root: `${d.root}/`,
    out,
    installation,
    clusters: options.clusters.map(({ name, account: owner }) => ({ name, account: owner })),
    propagationGraceSeconds: graceSeconds,
    validated: false,
  });
  return { template: d.change?.(template) ?? template, assembly: dirname(file) };
}

/** STS and EKS: who somebody is, and where a cluster is. */
async function startIdentity(
  { iam, calls, running }: { readonly iam: Iam; readonly calls: Calls; readonly running: Running },
  clusters: readonly Cluster[],
): Promise<{ readonly sts: string; readonly eks: string }> {
  const sts = await serveSts(iam, calls, Date.now);
  running.add("STS", () => sts.close());
  const eks = await serveEks(iam, calls, (name) => clusters.find((one) => one.name === name));
  running.add("EKS", () => eks.close());
  return { sts: sts.url, eks: eks.url };
}

function startClusters(options: Options, sts: string, { running, narrator }: Means): Promise<Cluster[]> {
  const groups = new Map(
    [account, ...accountsOf(options)].map((owner) => [
      `arn:aws:iam::${owner}:role/${statusRole(installation)}`,
      ["espalier:status"],
    ]),
  );
  const means: ClusterMeans = {
    resolveToken: eksTokens(sts, groups),
    running,
    onTrouble: (text) => narrator.tell("trouble", text),
  };
  return Promise.all(options.clusters.map((one, index) => startCluster(one, index, means)));
}

/** Other accounts than the control plane's that have clusters. */
const accountsOf = ({ clusters }: Options): readonly string[] => [
  ...new Set(
    clusters.flatMap((one) => (one.account === undefined || one.account === account ? [] : [one.account])),
  ),
];

function tellParts({ system }: ControlPlane, narrator: Narrator): void {
  const parts = `${system.functions.length} functions, ${system.queues.length} queues, ${system.tables.length} table, ${system.buses.length} bus`;
  narrator.tell("start", `control plane from the template: ${parts}`);
}

const startCluster = (option: ClusterOption, index: number, d: ClusterMeans): Promise<Cluster> =>
  option.kubeconfig === undefined
    ? startLocalCluster(option, index, d)
    : startRemoteCluster({ ...option, kubeconfig: option.kubeconfig }, index, d);

/** `GET` answers the calls since the start or the last `DELETE`. */
const serveCalls = (calls: Calls) =>
  serve(({ method }) => {
    if (method === "DELETE") calls.reset();
    return method === "GET" || method === "DELETE"
      ? json(200, method === "GET" ? calls.all() : {}, { "content-type": "application/json" })
      : json(405, { message: "GET or DELETE" });
  });

/** Messages that are delayed only look again later at what a status already speaks of. */
async function queuesAreEmpty(
  { system, endpoints }: ControlPlane,
  administrator: Credentials,
  also: "delayed" | undefined,
): Promise<boolean> {
  const client = new SQSClient({ region, endpoint: endpoints.sqs, credentials: { ...administrator } });
  const counts = await Promise.all(
    system.mappings.map(async ({ queueArn }) => {
      const QueueUrl = `${endpoints.sqs}/${account}/${queueArn.slice(queueArn.lastIndexOf(":") + 1)}`;
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
      );
      return [
        Attributes?.ApproximateNumberOfMessages,
        Attributes?.ApproximateNumberOfMessagesNotVisible,
        also === "delayed" ? Attributes?.ApproximateNumberOfMessagesDelayed : "0",
      ].reduce((sum, count) => sum + Number(count ?? 0), 0);
    }),
  );
  client.destroy();
  return counts.every((count) => count === 0);
}
