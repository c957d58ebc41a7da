import { z } from "zod";
import type { State } from "../../infra/local/lattice/state.ts";
import type { SimCluster } from "./cluster.ts";

const published = z.looseObject({ addresses: z.array(z.looseObject({ value: z.string() })).default([]) });

/** Addresses that Gateways publish and at which nobody answers in their network. */
export const addressesOfNobody = (cluster: SimCluster, state: State): readonly string[] =>
  cluster.all("Gateway").flatMap(({ metadata: { name }, status = {} }) =>
    published
      .parse(status)
      .addresses.filter(({ value }) => !answersThere(state, name, value))
      .map(({ value }) => `Gateway ${name} publishes ${value}, which is not in its network`),
  );

function answersThere(state: State, gateway: string, address: string): boolean {
  const network = [...state.networks.values()].find(({ name }) => name === gateway);
  return [...state.associations.values()].some(
    (one) => one.network === network?.id && state.services.get(one.service)?.dnsName === address,
  );
}
