import { parseArgs } from "node:util";
import { joined } from "../commandline.ts";
import { accountId, clusterName, type ClusterName } from "../../functions/model/ids.ts";
import { quotaNames, type Quotas } from "../../functions/model/limits.ts";
import { isNetworkName, networkNameRule, type Profile } from "../../functions/model/cluster.ts";
import { account as home } from "./place.ts";

/** A cluster of the local system, and what is in it. */
export interface ClusterOption {
  readonly name: ClusterName;
  /** A folder of manifests. */
  readonly folder: string;
  readonly profile: Profile;
  /** The account that it is in; absent: the control plane's. */
  readonly account?: string | undefined;
  /** The service network of all its Gateways; absent: each Gateway has one of its own name. */
  readonly network?: string | undefined;
  /** A kubeconfig of a real API server; absent: one is started. */
  readonly kubeconfig?: string | undefined;
}

/** A server that can be replaced by a real one. */
export type Replaceable = "lattice" | "dynamodb" | "sqs" | "events" | "acm";
const replaceable: readonly Replaceable[] = ["lattice", "dynamodb", "sqs", "events", "acm"];

export interface Options {
  readonly once: boolean;
  readonly json: boolean;
  readonly clusters: readonly ClusterOption[];
  /** Service networks to make before the start, besides one for each name of a Gateway. */
  readonly networks: readonly string[];
  readonly quotas: Partial<Quotas>;
  readonly endpoints: Readonly<Partial<Record<Replaceable, string>>>;
  /** Requests per route in the proof. */
  readonly requests: number;
}

/** A command line that cannot be understood, in words for whoever typed it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const usage = `npm start -- [options]

  --once                     stop after the proof; exit status 0 only if all converged and the traffic is right
  --json                     after the proof, print one JSON document on standard output, and all else on standard error;
                             without --once all keeps running then
  --cluster NAME=DIR         a cluster with the manifests of a folder instead of the example (repeatable)
  --profile NAME=incumbent   what a moved cluster gets (default: standard)
  --account NAME=ACCOUNT     the account that a cluster is in, twelve digits (default: that of the control plane)
  --override NAME=NETWORK    all Gateways of a cluster are for this service network, whatever their names
                             (by its id only with --endpoint lattice=URL)
  --network NAME             make this service network too, besides one for each name of a Gateway (repeatable)
  --quota NAME=N             set a quota: ${Object.keys(quotaNames).join(", ")}
  --requests N               requests per route in the proof (default: 2000)
  --kubeconfig NAME=FILE     use a real API server for a cluster
  --endpoint SERVICE=URL     use another server: ${replaceable.join(", ")}

The variable ESPALIER_FOLDER names the folder of kubeconfigs, env and local.json (default: .espalier of the repository).
A network for a Gateway that is added later: source .espalier/env; aws vpc-lattice create-service-network --name NAME
`;

const none: string[] = [];
/** An option that may be said several times. */
const repeatable = { type: "string", multiple: true, default: none } as const;

const definitions = {
  once: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
  cluster: repeatable,
  profile: repeatable,
  account: repeatable,
  override: repeatable,
  network: repeatable,
  quota: repeatable,
  kubeconfig: repeatable,
  endpoint: repeatable,
  requests: { type: "string", default: "2000" },
} as const;

/** Reads the command line. `exampleFolder` holds one folder of manifests per cluster of the example. Throws UsageError. */
export function parseOptions(args: readonly string[], exampleFolder: string): Options | "help" {
  const values = parsed(args);
  if (values.help) return "help";
  const folders = pairs("cluster", values.cluster);
  const chosen =
    folders.length > 0
      ? folders
      : ["east", "west"].map((name) => [name, `${exampleFolder}/${name}`] as const);
  const profiles = new Map(pairs("profile", values.profile));
  const accounts = new Map(pairs("account", values.account));
  const endpoints = Object.fromEntries(pairs("endpoint", values.endpoint).map(endpoint));
  const overrides = new Map(
    pairs("override", values.override).map(([name, its]) => [
      name,
      override(name, its, endpoints.lattice !== undefined),
    ]),
  );
  const kubeconfigs = new Map(pairs("kubeconfig", values.kubeconfig));
  const names = new Set(chosen.map(([name]) => name));
  if (names.size < chosen.length)
    throw new UsageError(
      `--cluster: two clusters cannot have one name (${chosen.map(([name]) => name).join(", ")})`,
    );
  for (const name of [...profiles.keys(), ...accounts.keys(), ...overrides.keys(), ...kubeconfigs.keys()]) {
    if (!names.has(name))
      throw new UsageError(`there is no cluster "${name}" (clusters: ${[...names].join(", ")})`);
  }
  return {
    once: values.once,
    json: values.json,
    clusters: chosen.map(([name, folder]) =>
      cluster(name, folder, {
        profile: profiles.get(name),
        account: accounts.get(name),
        network: overrides.get(name),
        kubeconfig: kubeconfigs.get(name),
      }),
    ),
    networks: values.network.map((name) => network("network", name)),
    quotas: Object.fromEntries(pairs("quota", values.quota).map(quota)),
    endpoints,
    requests: wholeNumber("requests", values.requests),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: joined(args, definitions),
      options: definitions,
      strict: true,
      allowPositionals: false,
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, {
      cause: error,
    });
  }
}

function pairs(option: string, values: readonly string[]): readonly (readonly [string, string])[] {
  return values.map((value) => {
    const at = value.indexOf("=");
    if (at < 1 || at === value.length - 1)
      throw new UsageError(`--${option} takes NAME=VALUE, not "${value}"`);
    return [value.slice(0, at), value.slice(at + 1)];
  });
}

function cluster(
  name: string,
  folder: string,
  {
    profile,
    account,
    network,
    kubeconfig,
  }: Readonly<Record<"profile" | "account" | "network" | "kubeconfig", string | undefined>>,
): ClusterOption {
  if (profile !== undefined && profile !== "incumbent" && profile !== "standard") {
    throw new UsageError(`--profile ${name}=${profile}: a profile is standard or incumbent`);
  }
  try {
    return {
      name: clusterName(name),
      folder,
      profile: profile ?? "standard",
      ...(account === undefined || account === home ? {} : { account: accountId(account) }),
      ...(network === undefined ? {} : { network }),
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** A name that a service network can have. */
function network(option: string, name: string): string {
  if (!isNetworkName(name))
    throw new UsageError(`--${option}: no service network can be named "${name}" (${networkNameRule})`);
  return name;
}

/** The network of a cluster, by name or, where Lattice is another server, by the id that it has there. */
function override(cluster: string, its: string, elsewhere: boolean): string {
  if (isNetworkId(its) && !elsewhere)
    throw new UsageError(
      `--override ${cluster}=${its}: an id is given to a network when it is made, so it needs --endpoint lattice=URL; name the network instead`,
    );
  return network(`override ${cluster}=${its}`, its);
}

/** Whether a text is the id of a service network (ServiceNetworkIdentifier of the API model), which nobody can choose. */
export const isNetworkId = (text: string): boolean => /^sn-[0-9a-z]{17}$/.test(text);

function quota([name, value]: readonly [string, string]): readonly [keyof Quotas, number] {
  const field = quotaNames[name];
  if (field === undefined)
    throw new UsageError(`there is no quota "${name}" (quotas: ${Object.keys(quotaNames).join(", ")})`);
  return [field, wholeNumber(`quota ${name}`, value)];
}

function endpoint([name, url]: readonly [string, string]): readonly [Replaceable, string] {
  const service = replaceable.find((one) => one === name);
  if (service === undefined)
    throw new UsageError(`--endpoint takes one of ${replaceable.join(", ")}, not "${name}"`);
  if (!URL.canParse(url)) throw new UsageError(`--endpoint ${name}: "${url}" is not a URL`);
  return [service, url];
}

function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text))
    throw new UsageError(`--${option} takes a whole number above zero, not "${text}"`);
  return Number(text);
}
