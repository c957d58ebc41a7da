import { byText, same } from "../model/canonical.ts";
import type { Action, RuleMatch } from "../model/lattice.ts";

/** An action as Lattice echoes it: a lone group has weight 100 whatever was sent, and the order of groups means nothing. */
export function normalAction(action: Action): Action {
  if (action.do === "fixed") return action;
  const lone = action.groups.length === 1;
  const groups = action.groups.map(({ id, weight }) => ({ id, weight: lone ? 100 : weight }));
  return { do: "forward", groups: groups.toSorted((a, b) => byText(a.id, b.id)) };
}

export const sameAction = (a: Action, b: Action): boolean => same(normalAction(a), normalAction(b));

/** The identity of a rule: its match, with absent members and empty lists alike. */
export const sameMatch = (a: RuleMatch, b: RuleMatch): boolean => same(a, b);
