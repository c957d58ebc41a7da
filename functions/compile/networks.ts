import type { Registration } from "../model/cluster.ts";
import type { Output, ServiceModel } from "../model/lattice.ts";
import type { Gateway } from "../model/objects.ts";
import { rootKey } from "../model/roots.ts";
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
): Promise<{ readonly networks: ServiceModel["networks"]; readonly missing: readonly string[] }> {
  const networks = new Map<string, ServiceModel["networks"][number]>();
  const missing: string[] = [];
  for (const gateway of gateways) {
    const name = networkName(registration, gateway);
    const output = await networkOf(view, registration, gateway);
    if (output?.kind === "service-network" && output.state === "found") {
      networks.set(output.id, { name, id: output.id, arn: output.arn });
      continue;
    }
    missing.push(lackOf(registration, gateway, output));
  }
  return { networks: [...networks.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)), missing };
}

/** Why a Gateway's service network cannot be used, in words. */
export function lackOf(registration: Registration, gateway: Gateway, output: Output | undefined): string {
  const { account, region } = registration;
  const found = output?.kind === "service-network" ? output.state : "being looked for";
  return `service network ${networkName(registration, gateway)} is ${found} in account ${account}, ${region}`;
}
