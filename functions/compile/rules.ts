import { canonicalJson } from "../model/canonical.ts";
import type { RuleModel, Trouble, Unusable } from "../model/lattice.ts";
import type { Route } from "../model/routes.ts";
import { actionOf, answer500, noGroups, type ActionContext } from "./action.ts";
import { resolve } from "./backend.ts";
import { byAge } from "./listeners.ts";
import { byPrecedence, implied, type Precedence } from "./match.ts";
import { askedPriorities, fixedNumbers } from "./priorities.ts";
import { rulesOf } from "./routerules.ts";

/** A route that takes part in a listener of a service. */
export interface Attached {
  readonly route: Route;
  /** How well its hostnames fit the service's: a lower tier goes first, whatever its matches are. */
  readonly tier: number;
}

/** What keeps a target group of a route from being as it is wanted. */
export interface RouteTrouble extends Trouble {
  readonly route: Route;
}

/** A backend of a route behind which no endpoint can answer. */
export interface RouteUnready extends Unusable {
  readonly route: Route;
}

/** The rules of one listener of a service, in order of precedence. */
export interface CompiledRules {
  readonly rules: readonly RuleModel[];
  readonly troubles: readonly RouteTrouble[];
  /** Whose each rule is, by its name in the user's words. */
  readonly owners: readonly (readonly [from: string, route: Route])[];
  readonly unready: readonly RouteUnready[];
  /** Numbers that were asked for and cannot be had, in words. */
  readonly badNumbers?: string | undefined;
}

interface Entry extends Attached {
  /** Which rule of the route. */
  readonly rule: number;
  readonly asked: number | undefined;
  readonly precedence: Precedence;
  readonly models: readonly RuleModel[];
}

/**
 * Compiles the rules of all routes that share a listener, in the order of the standard over all their matches; in profile
 * `incumbent` as they are written. A match that cannot be said is left out; a rule that asks for more than Lattice does keeps
 * its place and answers 500.
 */
export async function compileRules(
  context: ActionContext,
  attached: readonly Attached[],
): Promise<CompiledRules> {
  const found: Found = { troubles: [], unready: [] };
  const entries: Entry[] = [];
  for (const one of attached) entries.push(...(await entriesOf(context, one, attached.length > 1, found)));
  const ordered = context.lenient
    ? onePerMatch(entries)
    : entries.toSorted(
        (a, b) =>
          a.tier - b.tier ||
          byPrecedence(a.precedence, b.precedence) ||
          (a.route === b.route ? 0 : byAge(a.route, b.route)),
      );
  const rules = ordered.flatMap((entry) => entry.models);
  const owners = entries.flatMap(({ models, route }) => models.map(({ from }) => [from, route] as const));
  const kept = context.lenient ? rules : withoutDoubles(ordered);
  const numbers = fixedNumbers(
    ordered.map(({ route, rule, asked, models }) => ({
      route: textOf(route),
      rule,
      asked,
      count: models.filter((model) => kept.includes(model)).length,
    })),
    context.lenient,
  );
  if (typeof numbers === "string") return { rules: kept, owners, ...found, badNumbers: numbers };
  return { rules: kept.map((rule, index) => withNumber(rule, numbers?.[index])), owners, ...found };
}

/** A route in words, for people: `KIND NAMESPACE/NAME`. */
export const textOf = ({ kind, metadata: { namespace, name } }: Route): string =>
  `${kind} ${namespace}/${name}`;

/**
 * The rules to which any request comes. Of those with the same requests the one that goes first stays: by the number that is asked for,
 * where one is, else by the standard's order. What another takes only by its number stays in Lattice as it is written.
 */
function withoutDoubles(ordered: readonly Entry[]): readonly RuleModel[] {
  const rules = ordered.flatMap(({ asked = Number.POSITIVE_INFINITY, models }) =>
    models.map((rule) => ({ rule, asked })),
  );
  return rules.flatMap(({ rule, asked }, index) => {
    const isIdle = rules.some(
      (other, place) =>
        place !== index &&
        implied(rule.match, other.rule.match) &&
        (other.asked === asked ? place < index : other.asked < asked) &&
        (place < index || implied(other.rule.match, rule.match)),
    );
    return isIdle ? [] : [rule];
  });
}

/**
 * To the in-cluster controller a Lattice rule is its match: of several rules of one match the last one says what is done, in the
 * place of the first.
 */
function onePerMatch(entries: readonly Entry[]): readonly Entry[] {
  const keyOf = (rule: RuleModel): string => canonicalJson(rule.match);
  const last = new Map(entries.flatMap((entry) => entry.models).map((rule) => [keyOf(rule), rule]));
  return entries.map((entry) => ({
    ...entry,
    models: entry.models.flatMap((rule) => {
      const said = last.get(keyOf(rule));
      last.delete(keyOf(rule));
      return said ?? [];
    }),
  }));
}

/** What is found on the way to the rules. */
interface Found {
  readonly troubles: RouteTrouble[];
  readonly unready: RouteUnready[];
}

async function entriesOf(
  context: ActionContext,
  { route, tier }: Attached,
  shared: boolean,
  found: Found,
): Promise<readonly Entry[]> {
  const prefix = shared ? `${textOf(route)} ` : "";
  const numbers = askedPriorities(route, context.lenient);
  const referrer = { cluster: context.root.cluster, route, lenient: context.lenient };
  const entries: Entry[] = [];
  for (const rule of rulesOf(route, context.lenient)) {
    const backends = await Promise.all(
      rule.backendRefs.map((ref) => resolve(context.view, referrer, ref, rule.text)),
    );
    const its =
      rule.beyond.length === 0 ? await actionOf(context, backends) : { action: answer500, ...noGroups };
    found.troubles.push(...its.troubles.map((one) => ({ ...one, route })));
    found.unready.push(...its.unready.map((one) => ({ ...one, route })));
    for (const [index, { expressed, precedence }] of rule.matches.entries()) {
      if (!expressed.ok) continue;
      entries.push({
        route,
        tier,
        rule: rule.index,
        asked: typeof numbers === "string" ? undefined : numbers.get(rule.index),
        precedence,
        models: expressed.matches.map((match) => ({
          from: `${prefix}${rule.text}, match ${index}`,
          match,
          action: its.action,
          unusable: its.unusable,
        })),
      });
    }
  }
  return entries;
}

const withNumber = (rule: RuleModel, priority: number | undefined): RuleModel =>
  priority === undefined ? rule : { ...rule, priority };
