import { z } from "zod";
import { checkAction, echoAction } from "./actions.ts";
import {
  find,
  mustBeActive,
  newborn,
  page,
  quota,
  textOf,
  time,
  type Context,
  type Handler,
  type Input,
} from "./context.ts";
import { conflict, invalid, LatticeFault } from "./fault.ts";
import type { Listener, Rule, Service, WireMatch } from "./state.ts";
import { ruleUpdate, wireAction, wireMatch, type RuleUpdate } from "./wire.ts";

const echoMatch = (match: WireMatch): WireMatch => ({
  httpMatch: { ...match.httpMatch, headerMatches: match.httpMatch.headerMatches ?? [] },
});

const listener = (one: Listener, its: Service) => ({
  id: one.id,
  arn: one.arn,
  name: one.name,
  port: one.port,
  protocol: one.protocol,
  serviceId: its.id,
  serviceArn: its.arn,
  defaultAction: echoAction(one.defaultAction),
  createdAt: time(one.createdAt),
  lastUpdatedAt: time(one.updatedAt),
});

const rule = (one: Rule) => ({
  id: one.id,
  arn: one.arn,
  name: one.name,
  isDefault: false,
  priority: one.priority,
  match: echoMatch(one.match),
  action: echoAction(one.action),
  createdAt: time(one.createdAt),
  lastUpdatedAt: time(one.updatedAt),
});

const serviceOf = (context: Context, input: Input): Service =>
  find(context.state.services, input["serviceIdentifier"], "SERVICE");
const listenerOf = (context: Context, input: Input): Listener =>
  find(serviceOf(context, input).listeners, input["listenerIdentifier"], "LISTENER");

function createListener(context: Context, input: Input) {
  const its = serviceOf(context, input);
  mustBeActive(its, "SERVICE", context);
  const protocol = textOf(input, "protocol");
  const port = typeof input["port"] === "number" ? input["port"] : protocol === "HTTP" ? 80 : 443;
  const name = textOf(input, "name");
  const all = [...its.listeners.values()];
  const twin = all.find((one) => one.name === name || one.port === port);
  if (twin !== undefined)
    throw conflict(`Service ${its.id} has a listener of this name or port already`, twin.id, "LISTENER");
  if (protocol === "TLS_PASSTHROUGH" && its.customDomainName === undefined)
    throw invalid("a TLS_PASSTHROUGH listener needs a service with a custom domain name");
  quota(context, "listeners-per-service", all.length, "LISTENER");
  const defaultAction = wireAction.parse(input["defaultAction"]);
  checkAction(context, its, protocol, defaultAction);
  const id = context.id("listener-");
  const made: Listener = {
    ...newborn(context, id, `service/${its.id}/listener/${id}`, input, 0),
    service: its.id,
    name,
    port,
    protocol,
    defaultRule: context.id("rule-"),
    defaultAction,
    rules: new Map(),
  };
  its.listeners.set(id, made);
  return listener(made, its);
}

function updateListener(context: Context, input: Input) {
  const its = serviceOf(context, input);
  const one = listenerOf(context, input);
  const action = wireAction.parse(input["defaultAction"]);
  checkAction(context, its, one.protocol, action);
  one.defaultAction = action;
  one.updatedAt = context.now;
  return listener(one, its);
}

function createRule(context: Context, input: Input) {
  const its = serviceOf(context, input);
  const on = listenerOf(context, input);
  if (on.protocol === "TLS_PASSTHROUGH")
    throw invalid("a TLS_PASSTHROUGH listener has only its default rule");
  const made: Rule = {
    ...newborn(context, context.id("rule-"), "", input, 0),
    name: textOf(input, "name"),
    priority: Number(input["priority"]),
    match: wireMatch.parse(input["match"]),
    action: wireAction.parse(input["action"]),
  };
  const all = [...on.rules.values()];
  const twin = all.find(
    (one) => one.name === made.name || one.priority === made.priority || sameMatch(one.match, made.match),
  );
  if (twin !== undefined)
    throw conflict(`Listener ${on.id} has a rule of this name, priority or match already`, twin.id, "RULE");
  quota(context, "rules-per-listener", all.length, "RULE");
  checkAction(context, its, on.protocol, made.action);
  const arned: Rule = { ...made, arn: `${on.arn}/rule/${made.id}` };
  on.rules.set(made.id, arned);
  return rule(arned);
}

const sameMatch = (a: WireMatch, b: WireMatch): boolean =>
  JSON.stringify(echoMatch(a)) === JSON.stringify(echoMatch(b));

/** Judges updates as one: names, numbers and matches must be unique when all are made. Throws when they are not. */
function judge(context: Context, its: Service, on: Listener, updates: readonly RuleUpdate[]): void {
  for (const { action } of updates) if (action !== undefined) checkAction(context, its, on.protocol, action);
  const changed = new Map(updates.map((one) => [find(on.rules, one.ruleIdentifier, "RULE").id, one]));
  const after = [...on.rules.values()].map((one) => ({
    id: one.id,
    priority: changed.get(one.id)?.priority ?? one.priority,
    match: changed.get(one.id)?.match ?? one.match,
  }));
  for (const [index, one] of after.entries()) {
    const twin = after
      .slice(0, index)
      .find((other) => other.priority === one.priority || sameMatch(other.match, one.match));
    if (twin !== undefined)
      throw conflict(`rules ${twin.id} and ${one.id} would have one priority or match`, one.id, "RULE");
  }
}

function change(context: Context, on: Listener, update: RuleUpdate): Rule {
  const one = find(on.rules, update.ruleIdentifier, "RULE");
  one.priority = update.priority ?? one.priority;
  one.match = update.match ?? one.match;
  one.action = update.action ?? one.action;
  one.updatedAt = context.now;
  return one;
}

function updateRule(context: Context, input: Input) {
  const on = listenerOf(context, input);
  if (textOf(input, "ruleIdentifier") === on.defaultRule)
    throw invalid("the default rule is changed by UpdateListener");
  const update = ruleUpdate.parse(input);
  judge(context, serviceOf(context, input), on, [update]);
  return rule(change(context, on, update));
}

function batchUpdateRule(context: Context, input: Input) {
  const on = listenerOf(context, input);
  const updates = z.array(ruleUpdate).parse(input["rules"]);
  try {
    judge(context, serviceOf(context, input), on, updates);
  } catch (error) {
    if (!(error instanceof LatticeFault)) throw error;
    return {
      successful: [],
      unsuccessful: updates.map((one) => ({
        ruleIdentifier: one.ruleIdentifier,
        failureCode: error.name,
        failureMessage: error.message,
      })),
    };
  }
  return { successful: updates.map((update) => rule(change(context, on, update))), unsuccessful: [] };
}

function deleteRule(context: Context, input: Input) {
  const on = listenerOf(context, input);
  const id = textOf(input, "ruleIdentifier");
  if (id === on.defaultRule) throw invalid("the default rule cannot be deleted");
  on.rules.delete(find(on.rules, id, "RULE").id);
  return {};
}

function listRules(context: Context, input: Input) {
  const on = listenerOf(context, input);
  const byDefault = {
    id: on.defaultRule,
    arn: `${on.arn}/rule/${on.defaultRule}`,
    name: "default",
    isDefault: true,
    createdAt: time(on.createdAt),
    lastUpdatedAt: time(on.updatedAt),
  };
  const rules = [...on.rules.values()]
    .toSorted((a, b) => a.priority - b.priority)
    .map(({ id, arn, name, priority, createdAt, updatedAt }) => ({
      id,
      arn,
      name,
      isDefault: false,
      priority,
      createdAt: time(createdAt),
      lastUpdatedAt: time(updatedAt),
    }));
  return page(context, input, [...rules, byDefault]);
}

export const listenerHandlers: Readonly<Record<string, Handler>> = {
  CreateListener: createListener,
  GetListener: (context, input) => listener(listenerOf(context, input), serviceOf(context, input)),
  ListListeners: (context, input) =>
    page(
      context,
      input,
      [...serviceOf(context, input).listeners.values()].map(
        ({ id, arn, name, port, protocol, createdAt, updatedAt }) => ({
          id,
          arn,
          name,
          port,
          protocol,
          createdAt: time(createdAt),
          lastUpdatedAt: time(updatedAt),
        }),
      ),
    ),
  UpdateListener: updateListener,
  DeleteListener(context, input) {
    serviceOf(context, input).listeners.delete(listenerOf(context, input).id);
    return {};
  },
  CreateRule: createRule,
  GetRule: (context, input) => rule(find(listenerOf(context, input).rules, input["ruleIdentifier"], "RULE")),
  ListRules: listRules,
  UpdateRule: updateRule,
  BatchUpdateRule: batchUpdateRule,
  DeleteRule: deleteRule,
};
