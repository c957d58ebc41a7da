import type { Change, Plan } from "../plan/change.ts";

/** Client tokens of creates, by the slot that the create fills. */
export type Tokens = Readonly<Record<string, string>>;

/** The slot that a create fills, or undefined for other changes. */
export function slotOf(change: Change): string | undefined {
  switch (change.do) {
    case "create-service":
      return "service";
    case "associate":
      return `association/${change.network.id}`;
    case "create-listener":
      return `listener/${change.listener.port}`;
    case "create-rule":
      return `rule/${change.port}/${change.name}`;
    case "create-target-group":
      return "target-group";
    default:
      return undefined;
  }
}

/** A token for every create of a plan: the one that a call without a known outcome had, or else one that is drawn now. */
export function tokensFor(plan: Plan, known: Tokens, draw: () => string): Tokens {
  const slots = plan.flatMap((change) => slotOf(change) ?? []);
  return Object.fromEntries(slots.map((slot) => [slot, known[slot] ?? draw()]));
}
