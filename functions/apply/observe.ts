import { later, type EpochMs } from "../model/ids.ts";
import type {
  ObservedListener,
  ObservedRule,
  ObservedService,
  ObservedTargetGroup,
  Ownership,
} from "../model/lattice.ts";
import { times } from "../model/limits.ts";
import { rootTagKey } from "../model/tags.ts";
import { LatticeError, type Lattice, type Listed } from "./lattice.ts";

/** Where a resource is to be looked for, and what of it need not be read again. */
export interface Look<Resource> {
  readonly id?: string | undefined;
  /** The name under which it was or would have been made. */
  readonly name?: string | undefined;
  /** The tag value that ours bears. */
  readonly rootTag: string;
  /** When the look began. */
  readonly now: EpochMs;
  /** What an earlier look read and found to be ours; relied on only while it is of the same id. */
  readonly relied: Resource | undefined;
}

/**
 * A service as Lattice itself says that it is, with its associations, listeners and rules; undefined when there is none. A
 * listener or rule whose listed time is that under which it was read is not read again. Throws LatticeError.
 */
export async function observeService(
  lattice: Lattice,
  look: Look<ObservedService>,
): Promise<ObservedService | undefined> {
  const head = await find(
    look,
    (id) => lattice.getService(id, "read"),
    (name) => lattice.findServices(name),
  );
  if (head === undefined) return undefined;
  const relied = reliedOn(look, head.id);
  const ours = relied?.ours ?? (await ownership(lattice, head.arn, look.rootTag));
  const whole = { kind: "service", ...head, ours, readAt: relied?.readAt ?? look.now } as const;
  if (ours === "foreign" || head.lifecycle === "deleting")
    return { ...whole, associations: [], listeners: [] };
  const associations = await lattice.listAssociations(head.id);
  const listeners: ObservedListener[] = [];
  for (const listed of await lattice.listListeners(head.id)) {
    const before = relied?.listeners.find((one) => one.id === listed.id);
    const read = await unlessSame(before, listed, look.now, () => lattice.getListener(head.id, listed.id));
    const rules = await rulesOf(lattice, head.id, listed.id, before?.rules ?? [], look.now);
    listeners.push({ ...read, rules });
  }
  return { ...whole, associations, listeners };
}

/** As observeService, for a target group with its targets, which are read in any case. */
export async function observeTargetGroup(
  lattice: Lattice,
  look: Look<ObservedTargetGroup>,
): Promise<ObservedTargetGroup | undefined> {
  const head = await find(
    look,
    (id) => lattice.getTargetGroup(id, "read"),
    (name) => lattice.findTargetGroups(name),
  );
  if (head === undefined) return undefined;
  const relied = reliedOn(look, head.id);
  const ours = relied?.ours ?? (await ownership(lattice, head.arn, look.rootTag));
  const readAt = relied?.readAt ?? look.now;
  const listed = await lattice.listTargets(head.id);
  const targets = listed
    .filter((target) => target.status !== "DRAINING")
    .map(({ id, port }) => ({ id, port }));
  const draining = listed.length - targets.length;
  return { kind: "target-group", ...head, ours, readAt, targets, draining };
}

const reliedOn = <R extends { readonly id: string }>({ relied }: Look<R>, id: string): R | undefined =>
  relied?.id === id ? relied : undefined;

async function rulesOf(
  lattice: Lattice,
  service: string,
  listener: string,
  before: readonly ObservedRule[],
  now: EpochMs,
): Promise<readonly ObservedRule[]> {
  const known = new Map(before.map((rule) => [rule.id, rule]));
  const rules: ObservedRule[] = [];
  for (const listed of await lattice.listRules(service, listener)) {
    const get = () => lattice.getRule(service, listener, listed.id);
    rules.push(await unlessSame(known.get(listed.id), listed, now, get));
  }
  return rules.toSorted((a, b) => a.priority - b.priority);
}

/**
 * What was read before, when a list says that it has not changed since; else what a Get says now. Its time is that of the Get
 * and not of the list, which may be ahead of it or behind, and it is kept only when no later change can bear the same.
 */
async function unlessSame<T extends Omit<Listed, "id">>(
  before: T | undefined,
  listed: Listed,
  now: EpochMs,
  get: () => Promise<T>,
): Promise<T> {
  const { lastUpdatedAt } = listed;
  if (lastUpdatedAt !== undefined && before?.lastUpdatedAt === lastUpdatedAt) return before;
  const read = await get();
  const at = read.lastUpdatedAt;
  const lasts = at !== undefined && later(at, times.tickPassed) <= now;
  return lasts ? read : { ...read, lastUpdatedAt: undefined };
}

/** By id while that exists; else by name, because a create whose answer was lost has left nothing but that. */
async function find<Head>(
  known: { readonly id?: string | undefined; readonly name?: string | undefined },
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
