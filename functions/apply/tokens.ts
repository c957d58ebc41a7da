import { canonicalJson, hash } from "../model/canonical.ts";
import type { Change, Plan } from "../plan/change.ts";
import type { Outcome } from "./apply.ts";

/** Client tokens of creates, by the slot that the create fills. */
export type Tokens = Readonly<Record<string, string>>;

/**
 * The slot that a create fills, or undefined for other changes. What the call says is part of it, because a token stands for
 * one call: Lattice refuses it for ever with other parameters.
 */
export function slotOf(change: Change): string | undefined {
  switch (change.do) {
    case "create-service": {
      const { name, customDomainName, certificateArn, tags } = change.model;
      return slot("service", { name, customDomainName, certificateArn, tags });
    }
    case "associate":
      return slot(`association/${change.network.id}`, change.model.tags);
    case "create-listener":
      return slot(`listener/${change.listener.port}`, {
        listener: { ...change.listener, rules: [] },
        tags: change.model.tags,
      });
    case "create-rule": {
      const { match, priority, action, model } = change;
      return slot(`rule/${change.port}/${change.name}`, { match, priority, action, tags: model.tags });
    }
    case "create-target-group": {
      const { name, config, tags } = change.model;
      return slot("target-group", { name, config, tags });
    }
    default:
      return undefined;
  }
}

const slot = (what: string, said: unknown): string => `${what}#${hash(canonicalJson(said))}`;

/**
 * A token for every create of a plan: the one that the same call without a known outcome had, or else one that is drawn now.
 * Where the service itself is made, its parts are those of another service than before, and have tokens of their own.
 */
export function tokensFor(plan: Plan, known: Tokens, draw: () => string): Tokens {
  const anew = plan.some((change) => change.do === "create-service");
  return Object.fromEntries(
    plan.flatMap((change) => {
      const its = slotOf(change);
      if (its === undefined) return [];
      const before = anew && change.do !== "create-service" ? undefined : known[its];
      return [[its, before ?? draw()]];
    }),
  );
}

/**
 * The tokens that may be sent again: not of a create that was answered. Lattice would answer the same once more, also when
 * somebody has deleted by then what that made.
 */
export function tokensLeft(tokens: Tokens, plan: Plan, outcomes: readonly Outcome[]): Tokens {
  const answered = new Set(plan.filter((_, index) => outcomes[index]?.is === "done").map(slotOf));
  return Object.fromEntries(Object.entries(tokens).filter(([its]) => !answered.has(its)));
}
