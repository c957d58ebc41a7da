import type { Identity, Like } from "../apply/observe.ts";
import { targetGroupPrefix } from "../compile/names.ts";
import { incumbentTags } from "../compile/tags.ts";
import type { Held } from "../desired/ledger.ts";
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

/** Whether there may be something in Lattice that the ledger knows nothing of: what is wanted is searched for before it is made. */
export const searchesFirst = (want: Want, identity: Identity, held: Held): boolean =>
  identity.incumbent !== undefined && want.is === "model" && held.ledger.observed === undefined;

/** What a target group is like that may be taken over for a root; undefined where none is. */
export function likenessOf(root: Root, want: Want, identity: Identity): Like | undefined {
  if (identity.incumbent === undefined || root.kind !== "target-group") return undefined;
  if (want.is !== "model" || want.model.kind !== "target-group") return undefined;
  return { prefix: targetGroupPrefix(root), config: want.model.config };
}
