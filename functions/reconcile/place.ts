import { claim, claimForeign, letGo } from "../desired/claims.ts";
import { factsOf, getCluster } from "../desired/clusters.ts";
import type { Held, Ledger } from "../desired/ledger.ts";
import { serviceNameWithSuffix } from "../compile/names.ts";
import type { ClusterFacts } from "../model/cluster.ts";
import type { Model, ObservedService } from "../model/lattice.ts";
import { clusterOf, type Root, type ServiceRoot } from "../model/roots.ts";
import type { ReconcileDeps } from "./deps.ts";

/** Where a root's resource lives, and what is known of the cluster that it is for. */
export interface Place {
  readonly account: string;
  readonly region: string;
  readonly role?: string | undefined;
  readonly facts: ClusterFacts;
}

/** The account and region of a root's cluster, or undefined when the cluster is not registered (any more). */
export async function placeOf(root: Root, d: ReconcileDeps): Promise<Place | undefined> {
  const name = clusterOf(root);
  const cluster = name === undefined ? undefined : await getCluster(d.table, name);
  if (cluster === undefined) return undefined;
  const { account, region, roles } = cluster.registration;
  return { account, region, role: roles.lattice, facts: factsOf(cluster) };
}

/** The name that a root's resource has, or may have been given; before the first create it can still become another one. */
export const fixedName = ({ name, observed, applying, unknownAt }: Ledger): string | undefined =>
  observed === undefined && !applying && unknownAt === undefined ? undefined : name;

/**
 * The name under which a service is made, claimed in its account and region before the first call. The name that the
 * compile asks for, or, when another root holds that, the same with a stable suffix; in profile `incumbent`, who holds it.
 */
export async function claimedName(
  root: ServiceRoot,
  model: Model,
  held: Held,
  place: Place,
  d: Pick<ReconcileDeps, "table">,
): Promise<string | { readonly taken: string; readonly by: string }> {
  const fixed = fixedName(held.ledger);
  if (fixed !== undefined) return fixed;
  const wanted = model.kind === "service" ? model.name : serviceNameWithSuffix(root);
  const name = await claimOf(root, wanted, held, place, d);
  if (name !== held.ledger.name) await letNameGo(held, place, d);
  return name;
}

/**
 * The name of a service that was found and is taken over, claimed unless another root has asked for it before: that one is told that
 * the service is not its own.
 */
export async function nameOfFound(
  observed: ObservedService,
  held: Held,
  place: Place,
  d: Pick<ReconcileDeps, "table">,
): Promise<string> {
  await claim(d.table, place, "service-name", observed.name, held.root);
  return observed.name;
}

async function claimOf(
  root: ServiceRoot,
  wanted: string,
  held: Held,
  place: Place,
  d: Pick<ReconcileDeps, "table">,
): Promise<string | { readonly taken: string; readonly by: string }> {
  const answer = await claim(d.table, place, "service-name", wanted, held.root);
  if (answer === "ours") return wanted;
  // Whoever moves over expects the in-cluster controller's names, or to be told.
  if (place.facts.registration.profile === "incumbent") return { taken: wanted, by: answer.heldBy };
  return claimSuffixed(root, held, place, d);
}

/** The name after one that turned out to belong to a resource that is not ours; undefined when the suffixed one is taken too. */
export async function nameAfter(
  root: ServiceRoot,
  taken: string,
  owner: string,
  held: Held,
  place: Place,
  d: Pick<ReconcileDeps, "table">,
): Promise<string | undefined> {
  if (taken === serviceNameWithSuffix(root)) return undefined;
  await claimForeign(d.table, place, "service-name", taken, held.root, owner);
  return claimSuffixed(root, held, place, d);
}

async function claimSuffixed(
  root: ServiceRoot,
  held: Held,
  place: Place,
  d: Pick<ReconcileDeps, "table">,
): Promise<string> {
  const suffixed = serviceNameWithSuffix(root);
  const answer = await claim(d.table, place, "service-name", suffixed, held.root);
  // The suffix is a hash of the root's key: another holder can only be a resource that was made by hand.
  if (answer !== "ours")
    throw new Error(`the name ${suffixed} is held by ${answer.heldBy}; choose another name for the route`);
  return suffixed;
}

/** Lets the name of a service go that is no more, or was never made. */
export async function letNameGo(held: Held, place: Place, d: Pick<ReconcileDeps, "table">): Promise<void> {
  if (held.ledger.name !== undefined)
    await letGo(d.table, place, "service-name", held.ledger.name, held.root);
}
