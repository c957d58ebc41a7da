import type {
  ObservedListener,
  ObservedRule,
  ObservedService,
  ObservedTargetGroup,
  Ownership,
} from "../model/lattice.ts";
import { rootTagKey } from "../model/tags.ts";
import { LatticeError, type Lattice } from "./lattice.ts";

/** What is known of a resource before it is looked at: its id, or only the name under which it would have been made. */
export interface Known {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}

/**
 * A service as Lattice itself says that it is, with its associations, listeners and rules; undefined when there is none.
 * `rootTag` is the tag value that ours bears. Throws LatticeError.
 */
export async function observeService(
  lattice: Lattice,
  known: Known,
  rootTag: string,
): Promise<ObservedService | undefined> {
  const head = await find(
    known,
    (id) => lattice.getService(id, "read"),
    (name) => lattice.findServices(name),
  );
  if (head === undefined) return undefined;
  const ours = await ownership(lattice, head.arn, rootTag);
  if (ours === "foreign" || head.lifecycle === "deleting") {
    return { kind: "service", ...head, ours, associations: [], listeners: [] };
  }
  const associations = await lattice.listAssociations(head.id);
  const listeners: ObservedListener[] = [];
  for (const { id } of await lattice.listListeners(head.id)) {
    const listener = await lattice.getListener(head.id, id);
    listeners.push({ ...listener, rules: await rulesOf(lattice, head.id, id) });
  }
  return { kind: "service", ...head, ours, associations, listeners };
}

/** As observeService, for a target group with its targets. */
export async function observeTargetGroup(
  lattice: Lattice,
  known: Known,
  rootTag: string,
): Promise<ObservedTargetGroup | undefined> {
  const head = await find(
    known,
    (id) => lattice.getTargetGroup(id, "read"),
    (name) => lattice.findTargetGroups(name),
  );
  if (head === undefined) return undefined;
  const ours = await ownership(lattice, head.arn, rootTag);
  const listed = await lattice.listTargets(head.id);
  const targets = listed
    .filter((target) => target.status !== "DRAINING")
    .map(({ id, port }) => ({ id, port }));
  return { kind: "target-group", ...head, ours, targets, draining: listed.length - targets.length };
}

async function rulesOf(
  lattice: Lattice,
  service: string,
  listener: string,
): Promise<readonly ObservedRule[]> {
  const rules: ObservedRule[] = [];
  for (const { id } of await lattice.listRules(service, listener))
    rules.push(await lattice.getRule(service, listener, id));
  return rules.toSorted((a, b) => a.priority - b.priority);
}

/** By id while that exists; else by name, because a create whose answer was lost has left nothing but that. */
async function find<Head>(
  known: Known,
  get: (id: string) => Promise<Head>,
  search: (name: string) => Promise<readonly { readonly id: string }[]>,
): Promise<Head | undefined> {
  if (known.id !== undefined) {
    const head = await unlessGone(() => get(known.id ?? ""));
    if (head !== undefined) return head;
  }
  if (known.name === undefined) return undefined;
  const [found] = await search(known.name);
  return found && (await unlessGone(() => get(found.id)));
}

async function ownership(lattice: Lattice, arn: string, rootTag: string): Promise<Ownership> {
  const tags = await lattice.listTags(arn);
  return tags[rootTagKey] === rootTag ? "ours" : "foreign";
}

/** The answer of a Get, or undefined when the resource is not there (any more). */
export async function unlessGone<T>(get: () => Promise<T>): Promise<T | undefined> {
  try {
    return await get();
  } catch (error) {
    if (error instanceof LatticeError && error.code === "ResourceNotFoundException") return undefined;
    throw error;
  }
}
