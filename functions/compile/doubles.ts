import { priorityAnnotation } from "./annotations.ts";
import { same } from "../model/canonical.ts";
import type { Route } from "../model/routes.ts";
import { askedPriorities } from "./priorities.ts";
import { rulesOf } from "./routerules.ts";

/**
 * What must be said of matches that no request comes to, because another rule of the route has the same one and a lower number: where
 * numbers are asked for, it is not the order in which they are written that decides.
 */
export function doublesOf(route: Route): readonly string[] {
  const numbers = askedPriorities(route, false);
  if (typeof numbers === "string" || numbers.size === 0) return [];
  const all = rulesOf(route, false).flatMap(({ index, text, matches }) =>
    matches.flatMap(({ expressed }, place) =>
      expressed.ok
        ? [
            {
              text,
              place,
              matches: expressed.matches,
              number: numbers.get(index) ?? Number.POSITIVE_INFINITY,
            },
          ]
        : [],
    ),
  );
  return all.flatMap((one) => {
    const winner = all.find((other) => other.number < one.number && same(other.matches, one.matches));
    return winner === undefined
      ? []
      : [
          `${one.text}, match ${one.place}: ${winner.text} has the same match and goes before it, by annotation ${priorityAnnotation("N")}`,
        ];
  });
}
