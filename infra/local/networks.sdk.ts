import {
  ConflictException,
  CreateServiceNetworkCommand,
  type VPCLatticeClient,
} from "@aws-sdk/client-vpc-lattice";
import type { Manifest } from "./kubernetes/manifests.ts";

/** Makes service networks, as their administrator: Espalier looks networks up and never makes one. One that exists is left as it is. */
export async function createNetworks(client: VPCLatticeClient, names: readonly string[]): Promise<void> {
  for (const name of names) {
    try {
      await client.send(new CreateServiceNetworkCommand({ name, authType: "NONE" }));
    } catch (error) {
      if (!(error instanceof ConflictException)) throw error;
    }
  }
}

/** The names of all Gateways in some manifests: in class amazon-vpc-lattice a Gateway is found by the name of its network. */
export const gatewayNames = (manifests: readonly Manifest[]): readonly string[] => [
  ...new Set(
    manifests.filter(({ object }) => object.kind === "Gateway").map(({ object }) => object.metadata.name),
  ),
];
