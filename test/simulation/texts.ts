import { action, match } from "../../functions/apply/wire.sdk.ts";
import { canonicalJson } from "../../functions/model/canonical.ts";
import type { RuleMatch, ServiceModel, TargetGroupModel } from "../../functions/model/lattice.ts";
import { normalAction } from "../../functions/plan/equal.ts";
import { overlap } from "../../functions/plan/overlap.ts";
import type { Group, Service, State } from "../../infra/local/lattice/state.ts";

/** What is wanted and what is there, as texts that are equal when nothing is wrong. */

/** Matches whose traffic may stay where it is, because nothing answers where it is wanted. */
export const heldBack = (model: ServiceModel): readonly string[] =>
  model.listeners.flatMap((one) => [
    ...(one.unusable.length > 0 ? [`port ${one.port}`] : []),
    ...one.rules.filter((rule) => rule.unusable.length > 0).map((rule) => canonicalJson(rule.match)),
  ]);

export const isWaiting = ({ listeners }: ServiceModel): boolean =>
  listeners.some(
    (one) => one.uncertified === true || [one, ...one.rules].some((each) => actionIn(each).do === "wait"),
  );
const actionIn = (
  one: ServiceModel["listeners"][number] | ServiceModel["listeners"][number]["rules"][number],
) => ("action" in one ? one.action : one.defaultAction);

/** Of a service's rules, those that are compared. */
export type Compared = (port: number, match: RuleMatch) => boolean;
export const everyRule: Compared = () => true;

/**
 * What has requests in common with a rule that is held back may have to stay as it is, and what has with that; all else is as
 * it is wanted.
 */
export function apartFromHeld(model: ServiceModel, there: Service): Compared {
  const touched = new Map<number, Set<string>>();
  for (const listener of model.listeners) {
    const held = listener.rules.filter((rule) => rule.unusable.length > 0).map((rule) => rule.match);
    const others = [...there.listeners.values()]
      .filter((one) => one.port === listener.port)
      .flatMap((one) => [...one.rules.values()].map((rule) => match(rule.match as never)))
      .concat(listener.rules.map((rule) => rule.match));
    const reached = [...held];
    for (const one of reached)
      reached.push(...others.filter((other) => !reached.includes(other) && overlap(one, other)));
    touched.set(listener.port, new Set(reached.map(canonicalJson)));
  }
  return (port, one) => touched.get(port)?.has(canonicalJson(one)) !== true;
}

/** Rules are compared by their order, not by their numbers. */
export const serviceText = (model: ServiceModel, held: readonly string[], compared: Compared): string =>
  canonicalJson({
    name: model.name,
    networks: model.networks.map((network) => network.id).toSorted(),
    listeners: model.listeners.map((one) => ({
      port: one.port,
      protocol: one.protocol,
      otherwise: held.includes(`port ${one.port}`)
        ? "held"
        : one.defaultAction.do === "wait"
          ? one.defaultAction
          : normalAction(one.defaultAction),
      rules: one.rules
        .toSorted((a, b) => (a.priority ?? 0) - (b.priority ?? 0))
        .filter((rule) => compared(one.port, rule.match))
        .map((rule) => [
          rule.match,
          held.includes(canonicalJson(rule.match))
            ? "held"
            : rule.action.do === "wait"
              ? rule.action
              : normalAction(rule.action),
        ]),
    })),
  });

export const observedService = (
  one: Service,
  state: State,
  held: readonly string[],
  compared: Compared,
): string =>
  canonicalJson({
    name: one.name,
    networks: [...state.associations.values()]
      .filter((association) => association.service === one.id)
      .map((association) => association.network)
      .toSorted(),
    listeners: [...one.listeners.values()]
      .toSorted((a, b) => a.port - b.port)
      .map((listener) => ({
        port: listener.port,
        protocol: listener.protocol,
        otherwise: held.includes(`port ${listener.port}`)
          ? "held"
          : normalAction(action(listener.defaultAction as never)),
        rules: [...listener.rules.values()]
          .toSorted((a, b) => a.priority - b.priority)
          .map((rule) => ({ its: match(rule.match as never), does: action(rule.action as never) }))
          .filter(({ its }) => compared(listener.port, its))
          .map(({ its, does }) => [its, held.includes(canonicalJson(its)) ? "held" : normalAction(does)]),
      })),
  });

const address = (target: { readonly id: string; readonly port: number }): string =>
  `${target.id}:${target.port}`;
export const groupText = (model: TargetGroupModel): string =>
  canonicalJson({ targets: model.targets.map(address).toSorted() });
export const observedGroup = (one: Group): string =>
  canonicalJson({
    targets: [...one.targets.values()]
      .filter((target) => target.drainedAt === undefined)
      .map(address)
      .toSorted(),
  });
