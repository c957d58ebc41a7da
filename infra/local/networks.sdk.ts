import {
  ConflictException,
  CreateServiceNetworkCommand,
  ValidationException,
  type VPCLatticeClient,
} from "@aws-sdk/client-vpc-lattice";
import { networkNameRule } from "../../functions/model/cluster.ts";
import type { Manifest } from "./kubernetes/manifests.ts";
import { isNetworkId, type Options } from "./options.ts";
import { account } from "./place.ts";

/**
 * Makes service networks, as their administrator: Espalier looks networks up and never makes one. One that exists is left as it is.
 * Answers which could not be made, in words: a Gateway may have a name that Lattice does not take.
 */
export async function createNetworks(
  client: VPCLatticeClient,
  names: readonly string[],
): Promise<readonly string[]> {
  const errors: string[] = [];
  for (const name of names) {
    try {
      await client.send(new CreateServiceNetworkCommand({ name, authType: "NONE" }));
    } catch (error) {
      if (error instanceof ConflictException) continue;
      if (!(error instanceof ValidationException)) throw error;
      errors.push(
        `service network "${name}" cannot be made (${error.message}): give the Gateway another name (${networkNameRule}), or its cluster a network with --override`,
      );
    }
  }
  return errors;
}

/** The names of all Gateways in some manifests: in class amazon-vpc-lattice a Gateway is found by the name of its network. */
export const gatewayNames = (manifests: readonly Manifest[]): readonly string[] => [
  ...new Set(
    manifests.filter(({ object }) => object.kind === "Gateway").map(({ object }) => object.metadata.name),
  ),
];

/**
 * The service networks that a run begins with in an account: those that were asked for, and one for each cluster with an override, else for
 * each name of its Gateways, where the cluster is in that account. What is overridden by an id is there already.
 */
export const networksFor = (
  { networks, clusters }: Pick<Options, "networks" | "clusters">,
  folders: readonly { readonly manifests: readonly Manifest[] }[],
  owner: string,
): readonly string[] => {
  const named = folders.flatMap(({ manifests }, index) =>
    (clusters[index]?.account ?? account) === owner
      ? (clusters[index]?.network ?? gatewayNames(manifests))
      : [],
  );
  return [...new Set([...networks, ...named])].filter((name) => !isNetworkId(name));
};
