import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { dirname, join } from "node:path";
import { synthesise, type Template } from "../aws/synth.ts";
import { createCalls, type Calls } from "./aws/calls.ts";
import { json, serve } from "./aws/http.ts";
import { createIam, type Credentials } from "./aws/iam.ts";
import { serveEks, serveSts } from "./aws/identity.ts";
import { startControlPlane, type ControlPlane, type Witness } from "./controlplane.ts";
import { createFiles, type Files } from "./files.ts";
import type { Cluster } from "./fleet/cluster.ts";
import { eksTokens } from "./fleet/ekstoken.ts";
import { startForwarder } from "./fleet/forwarder.ts";
import { startRemoteCluster } from "./fleet/remote.ts";
import { install } from "./fleet/install.ts";
import { startLocalCluster, type ClusterMeans } from "./fleet/local.ts";
import { readFolder } from "./folder.ts";
import { applyManifests, type Manifest } from "./kubernetes/manifests.ts";
import { latticeClient, startLattice, type LatticeSide } from "./latticeside.ts";
import { createNetworks, gatewayNames } from "./networks.sdk.ts";
import type { ClusterOption, Options } from "./options.ts";
import {
  account,
  credentialVariables,
  endpointVariables,
  graceSeconds,
  installation,
  region,
  token,
} from "./place.ts";
import type { Running } from "./running.ts";
import type { Narrator } from "./tell/narrator.ts";
import { statusLine } from "./tell/witness.ts";

/** Who looks from outside, and may do everything. */
export const administratorName = "administrator";
const vpc = "vpc-0e5a11e20e5a11e20";

/** The whole system on one machine. */
export interface System {
  readonly clusters: readonly Cluster[];
  readonly lattice: LatticeSide;
  readonly administrator: Credentials;
  readonly calls: Calls;
  readonly controlPlane: ControlPlane;
  /** Where `GET calls` and `DELETE calls` are answered. */
  readonly callsUrl: string;
  /** Manifests that could not be read or were refused. */
  readonly errors: readonly string[];
  readonly folder: string;
  /** Whether no queue of the flow holds a message. */
  idle(): Promise<boolean>;
}

interface Means {
  /** The repository. */
  readonly root: string;
  /** Where what is built, and what the running system tells of itself, is kept. */
  readonly folder: string;
  readonly running: Running;
  readonly narrator: Narrator;
  readonly witness: Witness;
  /** Changes the template before it is started: for whoever wants to see what is missed when something is taken away. */
  readonly change?: ((template: Template) => Template) | undefined;
}

/** Starts everything, applies the manifests, and lets the flow begin. Whatever was started is in `running`, also when this throws. */
export async function startSystem(options: Options, d: Means): Promise<System> {
  const { running, narrator, folder } = d;
  const files = createFiles(folder);
  running.add("files", () => files.remove());
  const folders = options.clusters.map((one) => readFolder(one.folder));
  const iam = createIam(account, token);
  const calls = createCalls();
  const administrator = iam.add({
    arn: `arn:aws:iam::${account}:user/${administratorName}`,
    name: administratorName,
    policies: "all",
  });
  const clusters: Cluster[] = [];
  const sts = await serveSts(iam, calls);
  running.add("STS", () => sts.close());
  const eks = await serveEks(iam, calls, (name) => clusters.find((one) => one.name === name));
  running.add("EKS", () => eks.close());
  narrator.tell("start", "bundling the functions and synthesising the template");
  const groups = new Map([[`arn:aws:iam::${account}:role/${installation}-status`, ["espalier:status"]]]);
  const resolveToken = eksTokens(sts.url, groups);
  const onTrouble = (text: string): void => narrator.tell("trouble", text);
  const [synthesised, started] = await Promise.all([
    synthesise({
      root: `${d.root}/`,
      out: join(folder, "cdk.out"),
      installation,
      clusters: options.clusters.map(({ name }) => ({ name })),
      propagationGraceSeconds: graceSeconds,
    }),
    Promise.all(
      options.clusters.map((one, index) => startCluster(one, index, { resolveToken, running, onTrouble })),
    ),
  ]);
  clusters.push(...started);
  let publishPlaces = (): void => undefined;
  const lattice = await startLattice(options, {
    iam,
    calls,
    running,
    narrator,
    onDataPlane: () => publishPlaces(),
    addressOf: (ip, port) => clusters.map((one) => one.addressOf(ip, port)).find((one) => one !== undefined),
  });
  const controlPlane = await startControlPlane({
    template: d.change?.(synthesised.template) ?? synthesised.template,
    assembly: dirname(synthesised.file),
    iam,
    calls,
    replaced: options.endpoints,
    servers: { lattice: lattice.url, eks: eks.url, sts: sts.url },
    running,
    witness: d.witness,
  });
  const { system, endpoints } = controlPlane;
  narrator.tell(
    "start",
    `control plane from the template: ${system.functions.length} functions, ${system.queues.length} queues, ${system.tables.length} table, ${system.buses.length} bus`,
  );
  const callsServer = await serveCalls(calls);
  running.add("calls", () => callsServer.close());
  const variables = { ...endpointVariables(endpoints), ...credentialVariables(administrator) };
  files.environment(variables);
  publishPlaces = () =>
    files.local({
      lattice: endpoints.lattice,
      events: endpoints.events,
      dynamodb: endpoints.dynamodb,
      sqs: endpoints.sqs,
      dataPlane: lattice.dataPlanes(),
      calls: callsServer.url,
    });
  const names =
    options.networks.length > 0 ? options.networks : gatewayNames(folders.flatMap((one) => one.manifests));
  await createNetworks(latticeClient(endpoints.lattice, administrator), names);
  publishPlaces();
  const errors: string[] = [];
  for (const [index, option] of options.clusters.entries()) {
    const [cluster, read] = [clusters[index], folders[index]];
    if (cluster === undefined || read === undefined) continue;
    await register(option, cluster, options, controlPlane);
    await install(cluster);
    startFleetMember(cluster, controlPlane, files, d);
    const refused = [...read.errors, ...(await applyManifests(read.manifests, cluster.api))];
    errors.push(...refused);
    tellApplied(cluster, read.manifests, refused, narrator);
  }
  return {
    clusters,
    lattice,
    administrator,
    calls,
    controlPlane,
    callsUrl: callsServer.url,
    errors,
    folder,
    idle: () => queuesAreEmpty(controlPlane, administrator),
  };
}

const startCluster = (option: ClusterOption, index: number, d: ClusterMeans): Promise<Cluster> =>
  option.kubeconfig === undefined
    ? startLocalCluster(option, index, d)
    : startRemoteCluster({ ...option, kubeconfig: option.kubeconfig }, index, d);

function tellApplied(
  cluster: Cluster,
  manifests: readonly Manifest[],
  refused: readonly string[],
  narrator: Narrator,
): void {
  narrator.tell(
    "cluster",
    `${cluster.name}: ${manifests.length - refused.length} objects applied, API server at ${cluster.endpoint}`,
  );
  for (const error of refused) narrator.tell("trouble", error);
}

/** Tells the control plane of a cluster, as an administrator does. Throws what the function answers. */
async function register(
  option: ClusterOption,
  cluster: Cluster,
  options: Options,
  { functions }: ControlPlane,
): Promise<void> {
  const requests: unknown[] = [
    {
      register: {
        cluster: cluster.name,
        account,
        region,
        vpc,
        eks: cluster.name,
        epoch: cluster.epoch,
        profile: option.profile,
      },
    },
  ];
  if (Object.keys(options.quotas).length > 0)
    requests.push({ setQuotas: { account, region, quotas: options.quotas } });
  for (const request of requests) {
    const answer = await functions.invoke(`${installation}-register`, request);
    if (!answer.ok)
      throw new Error(`cluster ${cluster.name} could not be registered: ${answer.error.errorMessage}`);
  }
}

/** The forwarder of a cluster, and who watches what becomes of its objects. */
function startFleetMember(cluster: Cluster, controlPlane: ControlPlane, files: Files, d: Means): void {
  const { narrator, running } = d;
  files.kubeconfig(cluster.name, cluster.kubeconfigFor("administrator"));
  const role = `${installation}-forwarder-${cluster.name}`;
  const credentials = controlPlane.roles.get(role);
  if (credentials === undefined) throw new Error(`the template has no role ${role}`);
  const forwarder = startForwarder({
    cluster: cluster.name,
    kubeconfig: files.kubeconfig(`${cluster.name}-forwarder`, cluster.kubeconfigFor("forwarder")),
    environment: {
      ...credentialVariables(credentials),
      AWS_ENDPOINT_URL_EVENTBRIDGE: controlPlane.endpoints.events,
    },
    onLog: (line) => tellForwarder(cluster.name, line, narrator),
    running,
  });
  let rolledOut = 1;
  running.add(
    `rollouts in ${cluster.name}`,
    cluster.watch("Deployment", ({ metadata: { name, generation = 1 } }) => {
      if (name !== "espalier-forwarder" || generation <= rolledOut) return;
      rolledOut = generation;
      forwarder.restart();
    }),
  );
  for (const kind of ["GatewayClass", "Gateway", "HTTPRoute"] as const) {
    running.add(
      `statuses in ${cluster.name}`,
      cluster.watch(kind, (object) => {
        const line = statusLine(object);
        if (line !== undefined) narrator.tell("status", `${cluster.name} ${line}`);
      }),
    );
  }
}

function tellForwarder(cluster: string, line: string, narrator: Narrator): void {
  if (/"level":"(warn|error)"/.test(line) || !line.startsWith("{"))
    narrator.tell("trouble", `forwarder of ${cluster}: ${line}`);
}

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
      ].reduce((sum, count) => sum + Number(count ?? 0), 0);
    }),
  );
  client.destroy();
  return counts.every((count) => count === 0);
}
