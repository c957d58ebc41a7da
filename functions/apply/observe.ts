import { byText } from "../model/canonical.ts";
import type {
  ObservedListener,
  ObservedRule,
  ObservedService,
  ObservedTargetGroup,
  Ownership,
  Tags,
  TargetGroupConfig,
} from "../model/lattice.ts";
import { rootTagKey } from "../model/tags.ts";
import { LatticeError, type Lattice, type TargetGroupHead, type TargetGroupListing } from "./lattice.ts";

/** What is known of a resource before it is looked at: its id, or only the name under which it would have been made. */
export interface Known {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
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
}

/**
 * A service as Lattice itself says that it is, with its associations, listeners and rules; undefined when there is none. Throws
 * LatticeError.
 */
export async function observeService(
  lattice: Lattice,
  known: Known,
  identity: Identity,
): Promise<ObservedService | undefined> {
  const head = await find(
    known,
    (id) => lattice.getService(id, "read"),
    async (name) => (await lattice.findServices(name))[0]?.id,
  );
  if (head === undefined) return undefined;
  const ours = ownership(await lattice.listTags(head.arn), identity);
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

/** As observeService, for a target group with its targets. Where none has the name, one that is `like` it may be taken over. */
export async function observeTargetGroup(
  lattice: Lattice,
  known: Known,
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
  const ours = ownership(await lattice.listTags(head.arn), identity);
  const listed = await lattice.listTargets(head.id);
  const targets = listed
    .filter((target) => target.status !== "DRAINING")
    .map(({ id, port }) => ({ id, port }));
  return { kind: "target-group", ...head, ours, targets, draining: listed.length - targets.length };
}

/**
 * The group that the in-cluster controller has made for a root: the one of its tags to which a service forwards, or else one that
 * nobody uses. A group is in one service at most, and its tags name the route of that.
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
    .filter(
      (one) => one.port === port && one.protocol === protocol && one.family === family && one.vpc === vpc,
    )
    .toSorted((a, b) => Number(b.used) - Number(a.used) || byText(a.id, b.id));
  for (const { id, arn } of alike) {
    const tags = await unlessGone(() => lattice.listTags(arn));
    if (tags !== undefined && ownership(tags, identity) === "adopted") return id;
  }
  return undefined;
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
  const theirs = Object.entries(incumbent).every(([key, value]) => (tags[key] ?? "") === value);
  return theirs ? "adopted" : "foreign";
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
