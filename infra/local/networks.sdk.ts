import {
  ConflictException,
  CreateServiceNetworkCommand,
  ValidationException,
  type VPCLatticeClient,
} from "@aws-sdk/client-vpc-lattice";
import type { Manifest } from "./kubernetes/manifests.ts";

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
        `service network "${name}" cannot be made (${error.message}): give the Gateway a name of 3 to 63 lower-case letters, digits and single hyphens, or its cluster a network with --override`,
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
