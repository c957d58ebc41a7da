import type {
  Action,
  ListenerModel,
  ObservedListener,
  ObservedRule,
  ObservedService,
  RuleMatch,
  RuleModel,
  ServiceModel,
} from "../../functions/model/lattice.ts";
import type { Plan } from "../../functions/plan/change.ts";

/** A listener small enough to be understood at a glance: rules in order of their numbers, and what a request gets. */

export interface Request {
  readonly path: string;
  readonly method: string;
  readonly version?: string | undefined;
}

export const path = (kind: "exact" | "prefix", value: string): RuleMatch => ({
  path: { kind, value, caseSensitive: true },
  headers: [],
});
export const to = (...groups: readonly string[]): Action => ({
  do: "forward",
  groups: groups.map((id) => ({ id, weight: 1 })),
});
export const rule = (
  match: RuleMatch,
  action: RuleModel["action"],
  more: Partial<RuleModel> = {},
): RuleModel => ({
  from: `for ${JSON.stringify(match)}`,
  match,
  action,
  unusable: [],
  ...more,
});
/** A group behind which nothing answers, of the Service of its name. */
export const unusable = (group: string): RuleModel["unusable"] => [{ group, backend: `Service ${group}` }];
export const seen = (priority: number, match: RuleMatch, action: Action): ObservedRule => ({
  id: `rule-${priority}`,
  name: `name-${priority}`,
  priority,
  match,
  action,
});

export const listenerModel = (rules: readonly RuleModel[]): ListenerModel => ({
  name: "http",
  port: 80,
  protocol: "HTTP",
  defaultAction: { do: "fixed", status: 404 },
  unusable: [],
  rules,
});
export const observedListener = (rules: readonly ObservedRule[]): ObservedListener => ({
  id: "listener-1",
  name: "http",
  port: 80,
  protocol: "HTTP",
  defaultAction: { do: "fixed", status: 404 },
  rules: rules.toSorted((a, b) => a.priority - b.priority),
});
/** A service of ours that is there and whole, in no network. */
export const observedService = (
  listeners: readonly ObservedListener[],
  more: Partial<ObservedService> = {},
): ObservedService => ({
  kind: "service",
  id: "svc-1",
  arn: "arn:svc-1",
  name: "checkout-shop",
  dnsName: "checkout.on.aws",
  lifecycle: "active",
  ours: "ours",
  associations: [],
  listeners,
  ...more,
});
export const serviceModel = (
  listeners: readonly ListenerModel[],
  more: Partial<ServiceModel> = {},
): ServiceModel => ({
  kind: "service",
  account: "111122223333",
  region: "eu-central-1",
  name: "checkout-shop",
  tags: {},
  networks: [{ name: "prod", id: "sn-prod", arn: "arn:sn-prod" }],
  listeners,
  ...more,
});

/** The listener after one change after the other. Throws for what Lattice would refuse: a number taken, a rule that is not there. */
export function stepsOf(start: readonly ObservedRule[], plan: Plan): readonly (readonly ObservedRule[])[] {
  let rules = start;
  const steps: (readonly ObservedRule[])[] = [];
  for (const change of plan) {
    switch (change.do) {
      case "create-rule":
        rules = [
          ...rules,
          {
            id: `id-of-${change.name}`,
            name: change.name,
            priority: change.priority,
            match: change.match,
            action: change.action,
          },
        ];
        break;
      case "update-rules": {
        const known = new Set(rules.map((one) => one.name));
        for (const { rule: name } of change.updates) if (!known.has(name)) throw new Error(`no rule ${name}`);
        const updates = new Map(change.updates.map((one) => [one.rule, one]));
        rules = rules.map((one) => {
          const { match, priority, action } = updates.get(one.name) ?? {};
          return {
            ...one,
            match: match ?? one.match,
            priority: priority ?? one.priority,
            action: action ?? one.action,
          };
        });
        break;
      }
      case "delete-rule":
        rules = rules.filter((one) => one.id !== change.rule.id);
        break;
      case "leave":
        continue;
      default:
        throw new Error(`${change.do} is no change of rules`);
    }
    for (const unique of ["priority", "name"] as const)
      if (new Set(rules.map((one) => one[unique])).size < rules.length)
        throw new Error(`a ${unique} is taken twice`);
    steps.push(rules);
  }
  return steps;
}

/** Who answers a request: the first rule that matches, else nobody. */
export function answer(
  rules: readonly { readonly match: RuleMatch; readonly action: RuleModel["action"] }[],
  request: Request,
): string {
  const found = rules.find((one) => matches(one.match, request));
  return found === undefined ? "nobody" : JSON.stringify(found.action);
}

export const inOrder = (rules: readonly ObservedRule[]): readonly ObservedRule[] =>
  rules.toSorted((a, b) => a.priority - b.priority);

const matches = (match: RuleMatch, request: Request): boolean =>
  (match.method === undefined || match.method === request.method) &&
  (match.path === undefined ||
    (match.path.kind === "exact"
      ? request.path === match.path.value
      : request.path.startsWith(match.path.value))) &&
  match.headers.every((header) => header.name === "version" && header.value === request.version);
