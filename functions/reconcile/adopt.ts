import type { Identity, Like } from "../apply/observe.ts";
import { targetGroupPrefix } from "../compile/names.ts";
import { targetGroupConfig } from "../compile/targetgroup.ts";
import { incumbentTags, versionTag } from "../compile/tags.ts";
import type { Held } from "../desired/ledger.ts";
import type { Observed } from "../model/lattice.ts";
import type { ServiceRoot, TargetGroupRoot } from "../model/roots.ts";
import { rootTag } from "../model/tags.ts";
import type { Want } from "./decide.ts";
import type { Place } from "./place.ts";

type Root = ServiceRoot | TargetGroupRoot;

/** By which tags a root's resource is its own: in profile `incumbent` also by those of the in-cluster controller. */
export function identityOf(root: Root, { facts: { registration } }: Place): Identity {
  const theirs = registration.profile === "incumbent" ? incumbentTags(root, registration) : undefined;
  return { rootTag: rootTag(root), ...(theirs === undefined ? {} : { incumbent: theirs }) };
}

/**
 * Whether there may be something in Lattice that the ledger knows nothing of: what is wanted is searched for before it is made. What
 * must wait is searched for as well, once under each name: it may exist, and then it is looked after whatever it waits for. Before a
 * cluster has shown itself whole most of it waits, and not for long.
 */
export function searchesFirst(
  want: Want,
  name: string | undefined,
  identity: Identity,
  { ledger }: Held,
  { facts }: Place,
): boolean {
  if (identity.incumbent === undefined || ledger.observed !== undefined) return false;
  if (want.is === "model") return true;
  const isTime = want.is === "wait" && (facts.applied || want.seeks === true);
  return isTime && name !== undefined && ledger.soughtAs !== name;
}

/** What a target group is like that may be taken over for a root; undefined where none is. */
export function likenessOf(root: Root, want: Want, identity: Identity, place: Place): Like | undefined {
  if (identity.incumbent === undefined || root.kind !== "target-group") return undefined;
  if (want.is !== "model" && want.is !== "wait") return undefined;
  const config = targetGroupConfig(root, place.facts.registration);
  return { prefix: targetGroupPrefix(root), config, tags: versionTag(config.version) };
}

/** Whether a look has found what the in-cluster controller has made. */
export const isFound = ({ ledger }: Held, observed: Observed | undefined): boolean =>
  ledger.observed === undefined &&
  observed !== undefined &&
  observed.kind !== "service-network" &&
  observed.ours === "adopted";

/** What exists is compiled anew before anything is done with it: what must not be made may go on all the same. */
export const takingOver = {
  is: "wait",
  why: ["what the in-cluster controller has made is being taken over"],
  until: "known",
} as const satisfies Want;
