import type { HealthCheck } from "./healthchecks.ts";

/** What the stand-in holds for one account and region, in Lattice's own words and forms. */

export type TagMap = Readonly<Record<string, string>>;

/** Something that is made and deleted over a time. */
export interface Living {
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  updatedAt: number;
  /** From then on it is ACTIVE. */
  readonly readyAt: number;
  /** From then on it is gone; absent while nobody deletes it. */
  goneAt?: number | undefined;
  /** Its creation ends in CREATE_FAILED. */
  readonly fails?: boolean | undefined;
  tags: TagMap;
}

export interface Network extends Living {
  readonly name: string;
  readonly authType: string;
}

export interface WireAction {
  readonly forward?:
    | {
        readonly targetGroups: readonly {
          readonly targetGroupIdentifier: string;
          readonly weight?: number | undefined;
        }[];
      }
    | undefined;
  readonly fixedResponse?: { readonly statusCode: number } | undefined;
}

export interface WireMatch {
  readonly httpMatch: {
    readonly method?: string | undefined;
    readonly pathMatch?:
      | {
          readonly match: { readonly exact?: string | undefined; readonly prefix?: string | undefined };
          readonly caseSensitive?: boolean | undefined;
        }
      | undefined;
    readonly headerMatches?:
      | readonly {
          readonly name: string;
          readonly match: {
            readonly exact?: string | undefined;
            readonly prefix?: string | undefined;
            readonly contains?: string | undefined;
          };
          readonly caseSensitive?: boolean | undefined;
        }[]
      | undefined;
  };
}

export interface Service extends Living {
  readonly name: string;
  readonly dnsName: string;
  readonly customDomainName?: string | undefined;
  certificateArn?: string | undefined;
  readonly listeners: Map<string, Listener>;
}

export interface Listener extends Living {
  readonly service: string;
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly defaultRule: string;
  defaultAction: WireAction;
  readonly rules: Map<string, Rule>;
}

export interface Rule extends Living {
  readonly name: string;
  priority: number;
  match: WireMatch;
  action: WireAction;
}

export interface Association extends Living {
  readonly service: string;
  readonly network: string;
}

export interface GroupConfig {
  readonly port: number;
  readonly protocol: string;
  readonly protocolVersion?: string | undefined;
  readonly ipAddressType: string;
  readonly vpcIdentifier: string;
  readonly healthCheck: HealthCheck;
}

export interface Target {
  readonly id: string;
  readonly port: number;
  /** From then on it is no longer listed; absent while it is registered. */
  drainedAt?: number | undefined;
  /** What the health checks found; absent before the first. */
  healthy?: boolean | undefined;
}

export interface Group extends Living {
  readonly name: string;
  readonly type: string;
  config: GroupConfig;
  readonly targets: Map<string, Target>;
}

export interface State {
  readonly networks: Map<string, Network>;
  readonly services: Map<string, Service>;
  readonly associations: Map<string, Association>;
  readonly groups: Map<string, Group>;
  readonly tokens: Map<string, { readonly input: string; readonly output: unknown; readonly until: number }>;
}

export const emptyState = (): State => ({
  networks: new Map(),
  services: new Map(),
  associations: new Map(),
  groups: new Map(),
  tokens: new Map(),
});

/** Takes away what is gone by now. */
export function settle(state: State, now: number): void {
  for (const all of [state.services, state.associations, state.groups] as const) {
    for (const [id, one] of all) if (one.goneAt !== undefined && one.goneAt <= now) all.delete(id);
  }
  for (const group of state.groups.values()) {
    for (const [key, target] of group.targets)
      if (target.drainedAt !== undefined && target.drainedAt <= now) group.targets.delete(key);
  }
  // All live equally long, and stand in the order in which they were first used.
  for (const [token, kept] of state.tokens) {
    if (kept.until > now) break;
    state.tokens.delete(token);
  }
}

export function statusOf(
  one: Living,
  now: number,
): "CREATE_IN_PROGRESS" | "ACTIVE" | "DELETE_IN_PROGRESS" | "CREATE_FAILED" {
  if (one.goneAt !== undefined) return "DELETE_IN_PROGRESS";
  if (now < one.readyAt) return "CREATE_IN_PROGRESS";
  return one.fails === true ? "CREATE_FAILED" : "ACTIVE";
}

/** Ids of the groups that an action sends to. */
export const groupsIn = (action: WireAction): readonly string[] =>
  (action.forward?.targetGroups ?? []).map((group) => idOf(group.targetGroupIdentifier));

/** The id in an identifier, which may be an ARN. */
export const idOf = (identifier: string): string => identifier.slice(identifier.lastIndexOf("/") + 1);

/** Ids of the services of which a rule or a default action sends to a group. */
export function usersOf(state: State, group: string): readonly string[] {
  const uses = (service: Service): boolean =>
    [...service.listeners.values()].some(
      (listener) =>
        groupsIn(listener.defaultAction).includes(group) ||
        [...listener.rules.values()].some((rule) => groupsIn(rule.action).includes(group)),
    );
  return [...state.services.values()].filter(uses).map((service) => service.id);
}
