import type { ControlPlane } from "../controlplane.ts";
import type { Files } from "../files.ts";
import type { readFolder } from "../folder.ts";
import { applyManifests, type Manifest } from "../kubernetes/manifests.ts";
import type { ClusterOption, Options } from "../options.ts";
import { forwarderProgram, imageFolder } from "../../aws/bundle.ts";
import { forwarderRole, statusRole, writerRole } from "../../aws/roles.ts";
import { account, credentialVariables, installation, region, vpc } from "../place.ts";
import type { Running } from "../running.ts";
import type { Narrator } from "../tell/narrator.ts";
import { createStatusTeller } from "../tell/witness.ts";
import { spokenKinds, type Cluster } from "./cluster.ts";
import { startForwarder } from "./forwarder.ts";
import { install } from "./install.ts";

interface Means {
  readonly running: Running;
  readonly narrator: Narrator;
}

/** Registers each cluster, installs what it needs, starts its forwarder and applies its manifests. Answers what was refused. */
export async function joinClusters(
  options: Options,
  fleet: {
    readonly clusters: readonly Cluster[];
    readonly folders: readonly ReturnType<typeof readFolder>[];
    readonly controlPlane: ControlPlane;
    /** The folder of the cloud assembly, with the forwarder's program. */
    readonly assembly: string;
    readonly files: Files;
  },
  d: Means,
): Promise<readonly string[]> {
  const errors: string[] = [];
  for (const [index, option] of options.clusters.entries()) {
    const [cluster, read] = [fleet.clusters[index], fleet.folders[index]];
    if (cluster === undefined || read === undefined) continue;
    await register(option, cluster, options, fleet.controlPlane);
    await install(cluster);
    startFleetMember(cluster, fleet, d);
    const refused = [...read.errors, ...(await applyManifests(read.manifests, cluster.api))];
    errors.push(...refused);
    tellApplied(cluster, read.manifests, refused, d.narrator);
  }
  return errors;
}

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
        account: cluster.account,
        region,
        vpc,
        eks: cluster.name,
        epoch: cluster.epoch,
        profile: option.profile,
        network: option.network,
        ...(cluster.account === account ? {} : { roles: rolesIn(cluster.account) }),
      },
    },
  ];
  if (Object.keys(options.quotas).length > 0)
    requests.push({ setQuotas: { account: cluster.account, region, quotas: options.quotas } });
  for (const request of requests) {
    const answer = await functions.invoke(`${installation}-register`, request);
    if (!answer.ok)
      throw new Error(`cluster ${cluster.name} could not be registered: ${answer.error.errorMessage}`);
  }
}

/** The roles of another account that the functions assume for its clusters. */
const rolesIn = (other: string) => ({
  lattice: `arn:aws:iam::${other}:role/${writerRole(installation)}`,
  eks: `arn:aws:iam::${other}:role/${statusRole(installation)}`,
});

/** The forwarder of a cluster, and who watches what becomes of its objects. */
function startFleetMember(
  cluster: Cluster,
  {
    controlPlane,
    assembly,
    files,
  }: { readonly controlPlane: ControlPlane; readonly assembly: string; readonly files: Files },
  d: Means,
): void {
  const { narrator, running } = d;
  files.kubeconfig(cluster.name, cluster.kubeconfigFor("administrator"));
  const role = `arn:aws:iam::${cluster.account}:role/${forwarderRole(installation, cluster.name)}`;
  const credentials = controlPlane.roles.get(role);
  if (credentials === undefined) throw new Error(`no template has the role ${role}`);
  const [bus] = controlPlane.system.buses;
  const forwarder = startForwarder({
    cluster: cluster.name,
    program: forwarderProgram(imageFolder(assembly)),
    kubeconfig: files.kubeconfig(`${cluster.name}-forwarder`, cluster.kubeconfigFor("forwarder")),
    environment: {
      ...credentialVariables(credentials),
      ...(cluster.account === account || bus === undefined ? {} : { EVENT_BUS_NAME: bus.arn }),
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
  for (const kind of spokenKinds) {
    running.add(
      `statuses in ${cluster.name}`,
      cluster.watch(
        kind,
        createStatusTeller((line) => narrator.tell("status", `${cluster.name} ${line}`)),
      ),
    );
  }
}

function tellForwarder(cluster: string, line: string, narrator: Narrator): void {
  if (/"level":"(warn|error)"/.test(line) || !line.startsWith("{"))
    narrator.tell("trouble", `forwarder of ${cluster}: ${line}`);
}
