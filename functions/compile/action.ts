import type { RootKey } from "../model/ids.ts";
import { api } from "../model/limits.ts";
import type { Action, Output, Trouble, Unusable, Waiting } from "../model/lattice.ts";
import { parseRoot, rootKey, type ServiceRoot } from "../model/roots.ts";
import type { Backend } from "./backend.ts";
import type { Lack } from "./match.ts";
import type { View } from "./view.ts";

/** What a rule does with its requests. */
export interface RuleAction {
  readonly action: Action | Waiting;
  readonly unusable: readonly Unusable[];
  /** Those of them that have a weight, and of which nothing worse is to be said. */
  readonly unready: readonly Unusable[];
  /** What its target groups are in need of. */
  readonly troubles: readonly Trouble[];
}

export const answer500: Action = { do: "fixed", status: 500 };
/** Of an action that needs no target group, or has none yet. */
export const noGroups = { unusable: [], unready: [], troubles: [] } as const;
const fixed: RuleAction = { action: answer500, ...noGroups };

/** How actions are made for a service. */
export interface ActionContext {
  readonly view: View;
  readonly root: ServiceRoot;
  /** Invalid backends are dropped, instead of that the whole rule answers 500: the in-cluster controller's way. */
  readonly lenient: boolean;
  /**
   * Whether the outputs of target groups are looked at. Whatever is looked at is wanted, and will be made; so at first groups
   * are only named, and every forward waits for them, until it is clear that the service is to be.
   */
  readonly groups: "named" | "seen";
}

/** What to say of too many different backends for one rule. */
export function tooManyGroups(backends: readonly Backend[]): Lack | undefined {
  const count = new Set(backends.flatMap((one) => ("group" in one ? [JSON.stringify(one.group)] : []))).size;
  return count > api.groupsPerForward
    ? {
        field: "backendRefs",
        why: `Lattice forwards to at most ${api.groupsPerForward} target groups, not ${count}`,
        instead: "name fewer",
      }
    : undefined;
}

/**
 * The action of one rule. A rule with any invalid backend of non-zero weight answers 500 as a whole, because Lattice
 * cannot answer 500 for a share.
 */
export async function actionOf(context: ActionContext, backends: readonly Backend[]): Promise<RuleAction> {
  if (!context.lenient && backends.some((one) => one.is === "invalid" && one.weight > 0)) return fixed;
  if (tooManyGroups(backends) !== undefined) return fixed;
  const root = (one: Exclude<Backend, { is: "invalid" | "elsewhere" }>): RootKey =>
    rootKey({ kind: "target-group", service: context.root, ...one.group });
  const unknown = backends.flatMap((one) => (one.is === "unknown" ? [root(one)] : []));
  if (unknown.length > 0) return { action: { do: "wait", for: unknown }, ...noGroups };
  const groups = merged(
    backends.flatMap((one) => (one.is === "group" ? [{ key: root(one), weight: one.weight }] : [])),
  );
  const elsewhere = backends.find((one) => one.is === "elsewhere");
  if (elsewhere !== undefined) return untouched(context, groups, elsewhere.problem.message);
  // The in-cluster controller leaves it to Lattice what a forward without any weight does.
  if (groups.length === 0 || (!context.lenient && groups.every((group) => group.weight === 0))) return fixed;
  if (context.groups === "named")
    return { action: { do: "wait", for: groups.map((group) => group.key) }, ...noGroups };
  return forward(context.view, groups);
}

/** What a rule does stays, whatever it is; the groups that it has of ours are looked after all the same. */
async function untouched(
  { view, groups: are }: ActionContext,
  groups: readonly Weighted[],
  why: string,
): Promise<RuleAction> {
  const action: Waiting = {
    do: "wait",
    for: groups.map((group) => group.key),
    because: `${why}; what its rule does stays as it is`,
  };
  const troubles = are === "named" ? [] : (await forward(view, groups)).troubles;
  return { action, ...noGroups, troubles };
}

interface Weighted {
  readonly key: RootKey;
  readonly weight: number;
}

async function forward(view: View, groups: readonly Weighted[]): Promise<RuleAction> {
  const outputs = await Promise.all(
    groups.map(async (group) => ({ ...group, output: await view.output(group.key) })),
  );
  const waiting = outputs.filter(({ output }) => output?.kind !== "target-group" || !output.filled);
  const troubles = outputs.flatMap(troubleOf);
  if (waiting.length > 0) {
    // What it waits for does not come before somebody has done something about that.
    const because = waiting.flatMap(troubleOf).map(({ message }) => message);
    const action: Waiting = {
      do: "wait",
      for: waiting.map(({ key }) => key),
      ...(because.length > 0 ? { because: because.join("; ") } : {}),
    };
    return { action, ...noGroups, troubles };
  }
  const ready = outputs.flatMap(({ key, output, weight }) =>
    output?.kind === "target-group" ? [{ key, weight, output }] : [],
  );
  const unusable = ready
    .filter(({ output }) => !output.usable)
    .map((one) => ({ ...one, said: { group: one.output.id, backend: backendText(one.key) } }));
  return {
    action: { do: "forward", groups: ready.map(({ output: { id }, weight }) => ({ id, weight })) },
    unusable: unusable.map(({ said }) => said),
    unready: unusable
      .filter(({ output, weight }) => weight > 0 && output.trouble === undefined)
      .map(({ said }) => said),
    troubles,
  };
}

interface Seen extends Weighted {
  readonly output: Output | undefined;
}

const troubleOf = ({ key, output }: Seen): readonly Trouble[] =>
  output !== undefined && "trouble" in output && output.trouble !== undefined
    ? [{ ...output.trouble, message: `target group of ${serviceText(key)}: ${output.trouble.message}` }]
    : [];

/** The Service of a target group, in words. */
function serviceText(key: RootKey): string {
  const root = parseRoot(key);
  return root.kind === "target-group" ? `Service ${root.backend.namespace}/${root.backend.name}` : key;
}

/** The same with its port, where that is a part of it. */
function backendText(key: RootKey): string {
  const root = parseRoot(key);
  const port = root.kind === "target-group" && root.port !== "any" ? `, port ${root.port}` : "";
  return `${serviceText(key)}${port}`;
}

/** Equal backends are one group with the sum of their weights; weights above 999 are scaled, and none that is not zero becomes zero. */
function merged(backends: readonly Weighted[]): readonly Weighted[] {
  const sums = new Map<RootKey, number>();
  for (const { key, weight } of backends) sums.set(key, (sums.get(key) ?? 0) + weight);
  const most = Math.max(...sums.values());
  const scale = (weight: number): number =>
    most <= api.weightMax || weight === 0
      ? weight
      : Math.max(1, Math.floor((weight * api.weightMax) / most + 0.5));
  return [...sums].map(([key, weight]) => ({ key, weight: scale(weight) }));
}
