import { letNameGo, takeName } from "../desired/claims.ts";
import { factsOf, getCluster } from "../desired/clusters.ts";
import type { Held, Ledger } from "../desired/ledger.ts";
import { serviceNameWithSuffix } from "../compile/names.ts";
import type { ClusterFacts } from "../model/cluster.ts";
import type { ObservedService, ServiceModel } from "../model/lattice.ts";
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

/** The name of a root's service and who holds the lease after it was claimed; or who has the name, and nothing is claimed then. */
type Named =
  | { readonly held: Held; readonly name: string }
  | { readonly held: Held; readonly taken: string; readonly by: string };

/**
 * The name under which a service is made, claimed in its account and region before the first call. The name that the
 * compile asks for, or, when another root holds that, the same with a stable suffix; in profile `incumbent`, who holds it.
 * Answers undefined when the lease was lost.
 */
export async function claimedName(
  root: ServiceRoot,
  model: ServiceModel,
  held: Held,
  place: Place,
  d: Pick<ReconcileDeps, "table">,
): Promise<Named | undefined> {
  const fixed = fixedName(held.ledger);
  if (fixed !== undefined) return { held, name: fixed };
  const answer = await takeName(d.table, held, place, model.name);
  if (answer === undefined) return undefined;
  if ("held" in answer) return { held: answer.held, name: model.name };
  if (place.facts.registration.profile !== "incumbent") return suffixed(root, held, place, d);
  // Whoever moves over expects the in-cluster controller's names, or to be told.
  const nameless = await letNameGo(d.table, held, place);
  return nameless && { held: nameless, taken: model.name, by: answer.heldBy };
}

/**
 * The name after one that turned out to belong to a resource that is not ours, with the ARN `owner`; `none` when that was the suffixed one
 * already. Answers undefined when the lease was lost.
 */
export async function nameAfter(
  root: ServiceRoot,
  taken: string,
  owner: string,
  held: Held,
  place: Place,
  d: Pick<ReconcileDeps, "table">,
): Promise<{ readonly held: Held; readonly name: string } | "none" | undefined> {
  return taken === serviceNameWithSuffix(root) ? "none" : suffixed(root, held, place, d, owner);
}

async function suffixed(
  root: ServiceRoot,
  held: Held,
  place: Place,
  d: Pick<ReconcileDeps, "table">,
  owner?: string,
): Promise<{ readonly held: Held; readonly name: string } | undefined> {
  const name = serviceNameWithSuffix(root);
  const answer = await takeName(d.table, held, place, name, owner);
  // The suffix is a hash of the root's key: another holder can only be a resource that was made by hand.
  if (answer !== undefined && "heldBy" in answer)
    throw new Error(`the name ${name} is held by ${answer.heldBy}; choose another name for the route`);
  return answer && { held: answer.held, name };
}

/**
 * Gives a root the name of a service that was found and is taken over, claimed unless another root has asked for it before: that one is
 * told that the service is not its own. Answers undefined when the lease was lost.
 */
export async function nameOfFound(
  observed: ObservedService,
  held: Held,
  place: Place,
  d: Pick<ReconcileDeps, "table">,
): Promise<Held | undefined> {
  const taken = await takeName(d.table, held, place, observed.name);
  if (taken === undefined || "held" in taken) return taken?.held;
  const nameless = await letNameGo(d.table, held, place);
  return nameless && { ...nameless, ledger: { ...nameless.ledger, name: observed.name } };
}
