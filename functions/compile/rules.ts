import { api } from "../model/limits.ts";
import type { Action, RuleModel } from "../model/lattice.ts";
import type { HTTPRoute, HTTPRouteMatch, HTTPRouteRule } from "../model/objects.ts";
import { ruleAction, type RefProblem, type RouteContext, type RuleAction } from "./backend.ts";
import { byPrecedence, expressMatch, implied } from "./match.ts";

/** The rules of a route, and what must be said of them. */
export interface CompiledRules {
  readonly rules: readonly RuleModel[];
  readonly refs: readonly RefProblem[];
  readonly grants: readonly string[];
  /** What cannot be said in Lattice, by rule and field. */
  readonly dropped: readonly string[];
  /** What keeps target groups from being as they are wanted, where somebody must act. */
  readonly troubles: readonly string[];
  /** Whether anything at all of the route can be said. */
  readonly empty: boolean;
  /** A number that the user asked for and cannot have. */
  readonly badPriority?: string | undefined;
}

const answer500: Action = { do: "fixed", status: 500 };

/** Compiles the rules of an HTTPRoute, in order of precedence, or, in profile `incumbent`, as they are written. */
export async function compileRules(context: RouteContext): Promise<CompiledRules> {
  const { route, incumbent } = context;
  const actions = await Promise.all(
    route.spec.rules.map((rule, index) => ruleAction(context, rule, ruleText(rule, index))),
  );
  const dropped: string[] = [];
  const entries = route.spec.rules.flatMap((rule, index) =>
    entriesOf(rule, index, actions[index], incumbent, dropped),
  );
  const ordered = incumbent ? entries : entries.toSorted((a, b) => byPrecedence(a.source, b.source));
  const rules = ordered.flatMap((entry) => entry.models);
  const pruned = incumbent
    ? rules
    : rules.filter(
        (rule, index) => !rules.slice(0, index).some((earlier) => implied(rule.match, earlier.match)),
      );
  const numbers = priorities(
    route,
    pruned,
    ordered.map((entry) => ({
      rule: entry.rule,
      count: entry.models.filter((model) => pruned.includes(model)).length,
    })),
  );
  return {
    rules:
      typeof numbers === "string" ? pruned : pruned.map((rule, index) => withNumber(rule, numbers?.[index])),
    refs: actions.flatMap((one) => one.problems),
    grants: [...new Set(actions.flatMap((one) => one.grants))],
    troubles: [...new Set(actions.flatMap((one) => one.troubles))],
    dropped,
    empty: entries.length === 0 && route.spec.rules.length > 0,
    ...(typeof numbers === "string" ? { badPriority: numbers } : {}),
  };
}

interface Entry {
  readonly rule: number;
  readonly source: HTTPRouteMatch;
  readonly models: readonly RuleModel[];
}

const ruleText = (rule: HTTPRouteRule, index: number): string =>
  rule.name === undefined ? `rule ${index}` : `rule ${index} (${rule.name})`;

/** A match that cannot be said is left out; a rule that asks for more than Lattice does keeps its place and answers 500. */
function entriesOf(
  rule: HTTPRouteRule,
  index: number,
  action: RuleAction | undefined,
  incumbent: boolean,
  dropped: string[],
): readonly Entry[] {
  const text = ruleText(rule, index);
  const beyond = incumbent ? undefined : beyondLattice(rule);
  if (beyond !== undefined) dropped.push(`${text}: ${beyond}`);
  return rule.matches.flatMap((source, match): readonly Entry[] => {
    const expressed = expressMatch(source, incumbent);
    if (!expressed.ok) {
      dropped.push(`${text}, match ${match}, ${expressed.field}: ${expressed.why}`);
      return [];
    }
    const models = expressed.matches.map((one): RuleModel => ({
      from: `${text}, match ${match}`,
      match: one,
      action: beyond === undefined && action !== undefined ? action.action : answer500,
      unusable: beyond === undefined && action !== undefined ? action.unusable : [],
    }));
    return [{ rule: index, source, models }];
  });
}

function beyondLattice(rule: HTTPRouteRule): string | undefined {
  if (rule.filters.length > 0)
    return `filters ${rule.filters.map((one) => one.type).join(", ")} are not supported; its requests are answered 500`;
  const fields = (["timeouts", "retry", "sessionPersistence"] as const).filter(
    (field) => rule[field] !== undefined,
  );
  return fields.length === 0
    ? undefined
    : `${fields.join(", ")} cannot be honoured by Lattice; its requests are answered 500`;
}

const withNumber = (rule: RuleModel, priority: number | undefined): RuleModel =>
  priority === undefined ? rule : { ...rule, priority };

/**
 * The numbers that annotations `rule-N-priority` fix: a rule of several Lattice rules takes P, P+1 and so on; rules without
 * an annotation follow the highest. Undefined when there is no such annotation; a text says what is wrong with one.
 */
function priorities(
  route: HTTPRoute,
  rules: readonly RuleModel[],
  entries: readonly { readonly rule: number; readonly count: number }[],
): readonly number[] | string | undefined {
  const asked = new Map<number, number>();
  for (const [index] of route.spec.rules.entries()) {
    const text = route.metadata.annotations[`application-networking.k8s.aws/rule-${index}-priority`];
    if (text === undefined) continue;
    const number = /^\d+$/.test(text) ? Number(text) : 0;
    if (number < 1 || number > api.priorityMax)
      return `annotation rule-${index}-priority: "${text}" is not a number from 1 to ${api.priorityMax}`;
    asked.set(index, number);
  }
  if (asked.size === 0) return undefined;
  const next = new Map(asked);
  const width = (rule: number): number =>
    entries.filter((entry) => entry.rule === rule).reduce((sum, entry) => sum + entry.count, 0);
  let free = Math.max(...[...asked].map(([rule, number]) => number + width(rule)));
  const numbers = entries.flatMap(({ rule, count }) =>
    Array.from({ length: count }, () => {
      const number = next.get(rule);
      if (number !== undefined) {
        next.set(rule, number + 1);
        return number;
      }
      free += 1;
      return free - 1;
    }),
  );
  const double = numbers.find((number, index) => numbers.indexOf(number) !== index);
  if (double !== undefined)
    return `annotations rule-N-priority: number ${double} is asked for twice (a rule takes as many numbers as it has Lattice rules)`;
  if (numbers.some((number) => number > api.priorityMax))
    return `annotations rule-N-priority: the ${rules.length} rules do not fit below ${api.priorityMax}`;
  return numbers;
}
