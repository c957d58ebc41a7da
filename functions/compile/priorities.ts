import { api } from "../model/limits.ts";
import type { Route } from "../model/routes.ts";

const prefix = "application-networking.k8s.aws/rule-";

/**
 * The numbers that annotations `rule-N-priority` ask for, by rule: 1 goes first. A text says what is wrong with one; a TLSRoute has
 * no rules in Lattice, so nothing is asked. `lenient` is the in-cluster controller's way: what is no number asks for the place of
 * its rule, and what Lattice would refuse is found when the numbers are given.
 */
export function askedPriorities(route: Route, lenient: boolean): ReadonlyMap<number, number> | string {
  const asked = new Map<number, number>();
  if (route.kind === "TLSRoute") return asked;
  for (const [index] of [...route.spec.rules].entries()) {
    const text = route.metadata.annotations[`${prefix}${index}-priority`];
    if (text === undefined) continue;
    if (lenient) {
      asked.set(index, /^[+-]?\d+$/.test(text) ? Number(text) : index + 1);
      continue;
    }
    const number = /^\d+$/.test(text) ? Number(text) : 0;
    if (!isPriority(number))
      return `annotation rule-${index}-priority: "${text}" is not a number from 1 to ${api.priorityMax}`;
    asked.set(index, number);
  }
  return asked;
}

const isPriority = (number: number): boolean => number >= 1 && number <= api.priorityMax;

/** Lattice rules that stand together, and the number that was asked for the rule of the route that they come from. */
export interface Numbered {
  /** Which rule of which route. */
  readonly rule: string;
  readonly asked?: number | undefined;
  readonly count: number;
}

/**
 * The numbers of Lattice rules, in their order: a rule of several Lattice rules takes P, P+1 and so on; rules that ask for
 * none follow the highest, or, where `lenient`, the last rule that asks (the in-cluster controller's way). Undefined when nobody
 * asks; a text says why it cannot be.
 */
export function fixedNumbers(
  entries: readonly Numbered[],
  lenient: boolean,
): readonly number[] | string | undefined {
  const next = new Map(
    entries.flatMap(({ rule, asked }) => (asked === undefined ? [] : [[rule, asked] as const])),
  );
  if (next.size === 0) return undefined;
  const width = (rule: string): number =>
    entries.filter((entry) => entry.rule === rule).reduce((sum, entry) => sum + entry.count, 0);
  const ends = [...next].map(([rule, number]) => number + width(rule));
  let free = lenient ? (ends.at(-1) ?? 1) : Math.max(...ends);
  const taken = entries.flatMap(({ rule, count }) =>
    Array.from({ length: count }, () => {
      const number = next.get(rule);
      if (number !== undefined) {
        next.set(rule, number + 1);
        return { rule, number };
      }
      free += 1;
      return { rule, number: free - 1 };
    }),
  );
  const numbers = taken.map((one) => one.number);
  const double = numbers.find((number, index) => numbers.indexOf(number) !== index);
  if (double !== undefined) {
    const both = [...new Set(taken.flatMap(({ rule, number }) => (number === double ? [rule] : [])))];
    const its = both.map((rule) => {
      const of = taken.flatMap((one) => (one.rule === rule ? [one.number] : []));
      return `${rule} takes ${of.length > 1 ? `${Math.min(...of)} to ` : ""}${Math.max(...of)}`;
    });
    return `annotations rule-N-priority: number ${double} is asked for twice: ${its.join(", ")} (a rule takes as many numbers as it has Lattice rules)`;
  }
  if (!numbers.every(isPriority))
    return `annotations rule-N-priority: the ${numbers.length} rules do not fit into the numbers from 1 to ${api.priorityMax}`;
  return numbers;
}
