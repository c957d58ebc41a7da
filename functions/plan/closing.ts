import type { Action, ObservedListener, ObservedService } from "../model/lattice.ts";
import { batches } from "./place.ts";
import type { Change, Plan } from "./change.ts";

const refusal: Action = { do: "fixed", status: 500 };
const because = "a ReferenceGrant was taken back: nothing may be forwarded to its backend";

/**
 * Puts before a plan what must not wait for anything: no rule goes on forwarding to a group that no route may send to any more, not even
 * one that the plan changes or takes away itself, because an earlier call of it may fail. What passes TLS through cannot answer,
 * so its listener goes. A listener that the plan takes away, or gives another default action, is left to it.
 */
export function closing(plan: Plan, have: ObservedService | undefined, forbidden: readonly string[]): Plan {
  if (have === undefined || have.ours === "foreign" || forbidden.length === 0) return plan;
  const closes = have.listeners.flatMap((listener) => closesOf(listener, plan, forbidden));
  return [...closes, ...plan];
}

function closesOf(listener: ObservedListener, plan: Plan, forbidden: readonly string[]): Plan {
  const isDeleted = plan.some((one) => one.do === "delete-listener" && one.listener.id === listener.id);
  if (isDeleted) return [];
  const { port } = listener;
  const updates = listener.rules
    .filter((rule) => sendsTo(rule.action, forbidden))
    .map((rule) => ({ rule: rule.name, action: refusal }));
  const rules = batches(port, updates).map((one): Change => ({ ...one, because }));
  const isChanged = plan.some((one) => one.do === "update-listener" && one.listener.id === listener.id);
  if (isChanged || !sendsTo(listener.defaultAction, forbidden)) return rules;
  return [...rules, { do: "delete-listener", listener, because }];
}

const sendsTo = (action: Action, groups: readonly string[]): boolean =>
  action.do === "forward" && action.groups.some(({ id, weight }) => weight > 0 && groups.includes(id));
