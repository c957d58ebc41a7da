import { api } from "../model/limits.ts";
import type { Route } from "../model/routes.ts";
import { annotationDomain, priorityAnnotation } from "./annotations.ts";

/**
 * The numbers that annotations `rule-N-priority` ask for, by rule: 1 goes first. A text says what is wrong with them; a TLSRoute has
 * no rules in Lattice, so nothing is asked. `lenient` is the in-cluster controller's way: what is no number asks for the place of
 * its rule, and what Lattice would refuse is found when the numbers are given.
 */
export function askedPriorities(route: Route, lenient: boolean): ReadonlyMap<number, number> | string {
  const asked = new Map<number, number>();
  if (route.kind === "TLSRoute") return asked;
  const wrong: string[] = [];
  for (const index of route.spec.rules.keys()) {
    const text = route.metadata.annotations[priorityAnnotation(index)];
    if (text === undefined) continue;
    if (lenient) {
      asked.set(index, wholeNumber.test(text) ? Number(text) : index + 1);
      continue;
    }
    const number = /^\d+$/.test(text) ? Number(text) : 0;
    if (isPriority(number)) asked.set(index, number);
    else
      wrong.push(
        `annotation ${priorityAnnotation(index)}: "${text}" is not a number from 1 to ${api.priorityMax}`,
      );
  }
  return wrong.length > 0 ? wrong.join("; ") : asked;
}

const wholeNumber = /^[+-]?\d+$/;

const isPriority = (number: number): boolean => number >= 1 && number <= api.priorityMax;

/** Annotations of a route that look as if they gave a rule its number, and do not give it; in words. */
export function idlePriorities(route: Route, lenient: boolean): readonly string[] {
  const names = Object.keys(route.metadata.annotations)
    .flatMap((key) => (key.startsWith(annotationDomain) ? [key.slice(annotationDomain.length)] : []))
    .filter((name) => /^rule|priority/i.test(name))
    .toSorted();
  const numbered = names.flatMap((name) => {
    const [, rule] = /^rule-(0|[1-9]\d*)-priority$/.exec(name) ?? [];
    return rule === undefined ? [] : [Number(rule)];
  });
  const unknown = names.filter((name) => !numbered.some((rule) => `rule-${rule}-priority` === name));
  return [
    ...(unknown.length === 0
      ? []
      : [
          `${unknown.map((name) => `${annotationDomain}${name}`).join(", ")}: there is no such annotation; it is ${priorityAnnotation("N")}, where N is the number of a rule, counted from 0`,
        ]),
    ...numbered.flatMap((rule) => {
      const why = idleFor(route, rule, lenient);
      return why === undefined ? [] : [`annotation ${priorityAnnotation(rule)}: ${why}`];
    }),
  ];
}

function idleFor(route: Route, rule: number, lenient: boolean): string | undefined {
  if (route.kind === "TLSRoute") return "a TLSRoute has no rules in Lattice";
  const count = route.spec.rules.length;
  if (rule >= count)
    return `there is no rule ${rule}; rules are counted from 0, and the last is rule ${count - 1}`;
  const text = route.metadata.annotations[priorityAnnotation(rule)] ?? "";
  return lenient && !wholeNumber.test(text)
    ? `"${text}" is no number, so it stands for ${rule + 1}`
    : undefined;
}

/** Lattice rules that stand together, and the number that was asked for the rule of the route that they come from. */
export interface Numbered {
  /** The route, in words. */
  readonly route: string;
  /** Which rule of the route. */
  readonly rule: number;
  readonly asked?: number | undefined;
  readonly count: number;
}

/**
 * The numbers of Lattice rules, in their order: a rule of several Lattice rules takes P, P+1 and so on; rules that ask for
 * none follow the highest, or, where `lenient`, the last rule that asks (the in-cluster controller's way). Undefined when nobody
 * asks; a text says why it cannot be, and whose annotations say so.
 */
export function fixedNumbers(
  entries: readonly Numbered[],
  lenient: boolean,
): readonly number[] | string | undefined {
  const next = new Map(
    entries.flatMap((entry) => (entry.asked === undefined ? [] : [[keyOf(entry), entry.asked] as const])),
  );
  if (next.size === 0) return undefined;
  const width = (key: string): number =>
    entries.filter((entry) => keyOf(entry) === key).reduce((sum, entry) => sum + entry.count, 0);
  const ends = [...next].map(([key, number]) => number + width(key));
  let free = lenient ? (ends.at(-1) ?? 1) : Math.max(...ends);
  const given = entries.flatMap((entry) =>
    Array.from({ length: entry.count }, () => {
      const number = next.get(keyOf(entry)) ?? free;
      if (entry.asked === undefined) free = number + 1;
      else next.set(keyOf(entry), number + 1);
      return { entry, number };
    }),
  );
  return problemOf(given) ?? given.map(({ number }) => number);
}

const keyOf = ({ route, rule }: Numbered): string => `${route} ${rule}`;

type Given = readonly { readonly entry: Numbered; readonly number: number }[];

function problemOf(given: Given): string | undefined {
  const second = given.find(({ number }, index) =>
    given.slice(0, index).some((one) => one.number === number),
  );
  if (second !== undefined) {
    const both = given.filter(({ number }) => number === second.number).map(({ entry }) => whose(entry));
    return `number ${second.number} is taken twice, by ${[...new Set(both)].join(" and by ")}; a rule takes as many numbers as it has Lattice rules`;
  }
  const beyond = given.find(({ number }) => !isPriority(number));
  if (beyond === undefined) return undefined;
  const [highest] = given
    .filter(({ entry }) => entry.asked !== undefined)
    .toSorted((a, b) => b.number - a.number);
  const after =
    beyond.entry.asked === undefined && highest !== undefined
      ? `, which follows ${whose(highest.entry)},`
      : "";
  return `number ${beyond.number} of ${whose(beyond.entry)}${after} is not from 1 to ${api.priorityMax}; a rule takes as many numbers as it has Lattice rules`;
}

const whose = ({ route, rule, asked }: Numbered): string =>
  `rule ${rule} of ${route} (${asked === undefined ? "without an annotation" : `annotation ${priorityAnnotation(rule)}: ${asked}`})`;
