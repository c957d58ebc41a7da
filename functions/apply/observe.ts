import { byText } from "../model/canonical.ts";
import { later, type EpochMs } from "../model/ids.ts";
import type {
  ObservedListener,
  ObservedRule,
  ObservedService,
  ObservedTargetGroup,
  Ownership,
  Tags,
  TargetGroupConfig,
} from "../model/lattice.ts";
import { times } from "../model/limits.ts";
import { rootTagKey } from "../model/tags.ts";
import {
  LatticeError,
  type Lattice,
  type Listed,
  type TargetGroupHead,
  type TargetGroupListing,
} from "./lattice.ts";

/** Where a resource is to be looked for, and what of it need not be read again. */
export interface Known<Resource> {
  readonly id?: string | undefined;
  /** The name under which it was or would have been made. */
  readonly name?: string | undefined;
  /** What was read before and may be relied on, as long as it is of the same id. */
  readonly relied: Resource | undefined;
  /** When the look began. */
  readonly now: EpochMs;
}

/** By which tags a resource is known as a root's. */
export interface Identity {
  /** The value of the tag that ours bears. */
  readonly rootTag: string;
  /** What the in-cluster controller's bears; absent where nothing of that one's is taken over. */
  readonly incumbent?: Tags | undefined;
}

/** What a target group must be to be taken over: its name was drawn by lot, behind this beginning. */
export interface Like {
  readonly prefix: string;
  readonly config: TargetGroupConfig;
  /** What it bears besides the tags that make it known, unless a TargetGroupPolicy has had it made otherwise. */
  readonly tags: Tags;
}

/**
 * A service as Lattice itself says that it is, with its associations, listeners and rules; undefined when there is none. A
 * listener or rule whose listed time is that under which it was read is not read again. Throws LatticeError.
 */
export async function observeService(
  lattice: Lattice,
  known: Known<ObservedService>,
  identity: Identity,
): Promise<ObservedService | undefined> {
  const head = await find(
    known,
    (id) => lattice.getService(id, "read"),
    async (name) => (await lattice.findServices(name))[0]?.id,
  );
  if (head === undefined) return undefined;
  const relied = reliedOn(known, head.id);
  const ours = relied?.ours ?? ownership(await lattice.listTags(head.arn), identity);
  const whole = { kind: "service", ...head, ours, readAt: relied?.readAt ?? known.now } as const;
  if (ours === "foreign" || head.lifecycle === "deleting")
    return { ...whole, associations: [], listeners: [] };
  const associations = await lattice.listAssociations(head.id);
  const listeners: ObservedListener[] = [];
  for (const listed of await lattice.listListeners(head.id)) {
    const before = relied?.listeners.find((one) => one.id === listed.id);
    const read = await unlessSame(before, listed, known.now, () => lattice.getListener(head.id, listed.id));
    const rules = await rulesOf(lattice, head.id, listed.id, before?.rules ?? [], known.now);
    listeners.push({ ...read, rules });
  }
  return { ...whole, associations, listeners };
}

/** As observeService, for a target group with its targets, which are read in any case. Where none has the name, one that is `like` it may be taken over. */
export async function observeTargetGroup(
  lattice: Lattice,
  known: Known<ObservedTargetGroup>,
  identity: Identity,
  like?: Like,
): Promise<ObservedTargetGroup | undefined> {
  const head = await find<TargetGroupHead>(
    known,
    (id) => lattice.getTargetGroup(id, "read"),
    async (name) => {
      const all = await lattice.listTargetGroups();
      return all.find((one) => one.name === name)?.id ?? adoptable(lattice, all, identity, like);
    },
  );
  if (head === undefined) return undefined;
  const relied = reliedOn(known, head.id);
  const ours = relied?.ours ?? ownership(await lattice.listTags(head.arn), identity);
  const readAt = relied?.readAt ?? known.now;
  const listed = await lattice.listTargets(head.id);
  const targets = listed
    .filter((target) => target.status !== "DRAINING")
    .map(({ id, port }) => ({ id, port }));
  const draining = listed.length - targets.length;
  return { kind: "target-group", ...head, ours, readAt, targets, draining };
}

const reliedOn = <R extends { readonly id: string }>({ relied }: Known<R>, id: string): R | undefined =>
  relied?.id === id ? relied : undefined;

/**
 * The group that the in-cluster controller has made for a root: the one of its tags to which a service forwards, or else one that
 * nobody uses. A group is in one service at most, and its tags name the route of that. One that is used may speak otherwise with its
 * targets: only a TargetGroupPolicy can have done that.
 */
async function adoptable(
  lattice: Lattice,
  all: readonly TargetGroupListing[],
  identity: Identity,
  like: Like | undefined,
): Promise<string | undefined> {
  if (like === undefined) return undefined;
  const { port, protocol, family, vpc } = like.config;
  const alike = all
    .filter((one) => one.active && one.name.startsWith(like.prefix))
    .filter((one) => one.port === port && one.family === family && one.vpc === vpc)
    .filter((one) => one.used || one.protocol === protocol)
    .toSorted((a, b) => Number(b.used) - Number(a.used) || byText(a.id, b.id));
  let otherwise: string | undefined;
  for (const one of alike) {
    if (!one.used && otherwise !== undefined) break;
    const tags = await unlessGone(() => lattice.listTags(one.arn));
    if (tags === undefined || ownership(tags, identity) !== "adopted") continue;
    if (one.protocol === protocol && bears(tags, like.tags)) return one.id;
    if (one.used) otherwise ??= one.id;
  }
  return otherwise;
}

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
  search: (name: string) => Promise<string | undefined>,
): Promise<Head | undefined> {
  if (known.id !== undefined) {
    const head = await unlessGone(() => get(known.id ?? ""));
    if (head !== undefined) return head;
  }
  if (known.name === undefined) return undefined;
  const found = await search(known.name);
  return found === undefined ? undefined : unlessGone(() => get(found));
}

/** What bears another root's tag is never taken over, whatever else it bears. A tag without a value may not be answered. */
function ownership(tags: Tags, { rootTag, incumbent }: Identity): Ownership {
  const root = tags[rootTagKey];
  if (root !== undefined || incumbent === undefined) return root === rootTag ? "ours" : "foreign";
  return bears(tags, incumbent) ? "adopted" : "foreign";
}

const bears = (tags: Tags, wanted: Tags): boolean =>
  Object.entries(wanted).every(([key, value]) => (tags[key] ?? "") === value);

/** The answer of a Get, or undefined when the resource is not there (any more). */
export async function unlessGone<T>(get: () => Promise<T>): Promise<T | undefined> {
  try {
    return await get();
  } catch (error) {
    if (error instanceof LatticeError && error.code === "ResourceNotFoundException") return undefined;
    throw error;
  }
}
