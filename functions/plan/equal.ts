import { byText, same } from "../model/canonical.ts";
import type { Action, RuleMatch } from "../model/lattice.ts";

/**
 * An action as Lattice echoes it: a lone group has weight 100 whatever was sent, the order of groups means nothing, and a group
 * that is named twice has both weights.
 */
export function normalAction(action: Action): Action {
  if (action.do === "fixed") return action;
  const sums = new Map<string, number>();
  for (const { id, weight } of action.groups) sums.set(id, (sums.get(id) ?? 0) + weight);
  const groups = [...sums].map(([id, weight]) => ({ id, weight: sums.size === 1 ? 100 : weight }));
  return { do: "forward", groups: groups.toSorted((a, b) => byText(a.id, b.id)) };
}

export const sameAction = (a: Action, b: Action): boolean => same(normalAction(a), normalAction(b));

/** The identity of a rule: its match, with absent members and empty lists alike. */
export const sameMatch = (a: RuleMatch, b: RuleMatch): boolean => same(a, b);
