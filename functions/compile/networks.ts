import { isNetworkName, networkNameRule, type Registration } from "../model/cluster.ts";
import type { Output, ServiceModel, Trouble } from "../model/lattice.ts";
import type { Gateway } from "../model/objects.ts";
import { rootKey } from "../model/roots.ts";
import { waitToBeMended, waitToKnow, type Claim, type Compiled } from "./compiled.ts";
import type { View } from "./view.ts";

/** The name or id of the service network that a Gateway stands for. */
export const networkName = (registration: Registration, gateway: Gateway): string =>
  registration.network ?? gateway.metadata.name;

/** What is known of a Gateway's service network. */
export function networkOf(
  view: View,
  registration: Registration,
  gateway: Gateway,
): Promise<Output | undefined> {
  const { account, region } = registration;
  const network = networkName(registration, gateway);
  return view.output(rootKey({ kind: "service-network", account, region, network }));
}

/** The service networks of some Gateways, and what to say of those that are not there. */
export async function networksOf(
  view: View,
  registration: Registration,
  gateways: readonly Gateway[],
): Promise<{
  readonly networks: ServiceModel["networks"];
  readonly missing: readonly string[];
  /** Of those that are missing, the ones that could not be looked for. */
  readonly failed: readonly Trouble[];
  /** Whether it is not known which network one of them is for: it may be any that the service is in. */
  readonly unclear: boolean;
}> {
  const networks = new Map<string, ServiceModel["networks"][number]>();
  const missing: string[] = [];
  const failed: Trouble[] = [];
  let unclear = false;
  for (const gateway of gateways) {
    const name = networkName(registration, gateway);
    const output = await networkOf(view, registration, gateway);
    if (isFound(output)) {
      networks.set(output.id, { name, id: output.id, arn: output.arn });
      continue;
    }
    const lack = lackAtRoutes(registration, gateway, output);
    missing.push(lack);
    unclear ||= isNetworkName(name) && !isMissing(output);
    if (isFailed(output)) failed.push({ is: "failed", message: lack });
  }
  return {
    networks: [...networks.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    missing,
    failed,
    unclear,
  };
}

/** Why a Gateway's service network cannot be used, in words. */
export function lackOf(
  name: string,
  { account, region }: Pick<Registration, "account" | "region">,
  output: Output | undefined,
): string {
  if (!isNetworkName(name))
    return `no service network can be named ${name} (${networkNameRule}): give the Gateway another name, or register its cluster with the \`network\` that all its Gateways are for`;
  if (isFailed(output))
    return `service network ${name} could not be looked for in account ${account}, ${region}: ${output.message}`;
  const found = output?.kind === "service-network" ? output.state : "being looked for";
  return `service network ${name} is ${found} in account ${account}, ${region}`;
}

/** The same for whoever is attached to a Gateway: what is wrong with its name it says itself, and in full. */
export function lackAtRoutes(
  registration: Registration,
  gateway: Gateway,
  output: Output | undefined,
): string {
  const { namespace, name } = gateway.metadata;
  const network = networkName(registration, gateway);
  return isNetworkName(network)
    ? lackOf(network, registration, output)
    : `Gateway ${namespace}/${name} is not programmed: see its conditions`;
}

/** A service network that is there. */
export type FoundNetwork = Extract<Output, { readonly state: "found" }>;

/** Whether a service network is there. */
export const isFound = (output: Output | undefined): output is FoundNetwork =>
  output?.kind === "service-network" && output.state === "found";

/** Whether a service is in the network of a Gateway, or may be, where it is not known which that is. */
export async function mayBeIn(view: View, registration: Registration, gateway: Gateway): Promise<boolean> {
  const network = await networkOf(view, registration, gateway);
  return isFound(network) ? view.own.networks.includes(network.id) : view.own.exists;
}

/** Whether time may bring the service network of a name: none is of a name that Lattice does not allow, and of several a person must choose. */
export const canBe = (name: string, output: Output | undefined): boolean =>
  isNetworkName(name) && !(output?.kind === "service-network" && output.state === "ambiguous");

/** Whether it is known that there is no such service network. */
export const isMissing = (output: Output | undefined): boolean =>
  output?.kind === "service-network" && output.state === "missing";

/** Whether a service network could not be looked for. */
const isFailed = (output: Output | undefined): output is Extract<Output, { readonly state: "failed" }> =>
  output?.kind === "service-network" && output.state === "failed";

/**
 * What there is of a service stays as it is until the service networks of its Gateways are there, or somebody acts where time brings
 * none of them; that one could not be looked for is trouble. While a person has yet to say which of several is meant, nobody
 * leaves what serves him elsewhere for it.
 */
export async function waitForNetworks(
  view: View,
  registration: Registration,
  gateways: readonly Gateway[],
): Promise<Compiled> {
  const { missing, failed } = await networksOf(view, registration, gateways);
  const seen = await Promise.all(
    gateways.map(async (gateway) => {
      const name = networkName(registration, gateway);
      return {
        isName: isNetworkName(name),
        comes: canBe(name, await networkOf(view, registration, gateway)),
      };
    }),
  );
  const never = seen.every(({ comes }) => !comes);
  const wait = never ? waitToBeMended(...missing) : waitToKnow(...missing);
  const isChoice = never && seen.some(({ isName }) => isName);
  return { ...wait, ...(isChoice ? { keepsElsewhere: true } : {}), troubles: failed };
}

/** Networks that a service may be in and that nobody can tell now: those of its claims, or, where it has none, any. */
export function keptNetworks(
  claims: readonly Claim[],
  found: ServiceModel["networks"],
  unclear: boolean,
): Pick<ServiceModel, "keeps"> {
  if (claims.length === 0) return unclear ? { keeps: "all" } : {};
  const keeps = claims.map((one) => one.network).filter((network) => !found.some(({ id }) => id === network));
  return keeps.length > 0 ? { keeps } : {};
}
