import { usersOf, type State, type WireAction, type WireMatch } from "./state.ts";

/** The configuration as the data plane has it: what routing needs, and nothing that changes under it. */
export interface Configuration {
  readonly services: readonly {
    readonly arn: string;
    readonly dnsName: string;
    readonly customDomainName: string | undefined;
    /** Whether it has a certificate for its custom domain. */
    readonly certified: boolean;
    readonly readyAt: number;
    readonly networks: readonly {
      readonly network: string;
      readonly readyAt: number;
      readonly goneAt: number | undefined;
    }[];
    readonly listeners: readonly {
      readonly port: number;
      readonly protocol: string;
      readonly defaultAction: WireAction;
      readonly rules: readonly {
        readonly id: string;
        readonly match: WireMatch;
        readonly action: WireAction;
      }[];
    }[];
  }[];
  readonly groups: ReadonlyMap<
    string,
    {
      readonly arn: string;
      readonly speaks: { readonly protocol: string; readonly version?: string | undefined };
      readonly targets: readonly {
        readonly id: string;
        readonly port: number;
        readonly live: { readonly healthy?: boolean | undefined };
      }[];
    }
  >;
}

/** Remembers configurations for as long as the data plane may still go by them. */
export interface Propagation {
  changed(state: State, now: number): void;
  /** The configuration as it was at a time. */
  at(time: number): Configuration;
}

const empty: Configuration = { services: [], groups: new Map() };

export function createPropagation(): Propagation {
  let versions: { readonly at: number; readonly configuration: Configuration }[] = [];
  return {
    changed(state, now) {
      versions.push({ at: now, configuration: configurationOf(state) });
    },
    at(time) {
      const index = versions.findLastIndex((version) => version.at <= time);
      if (index > 0) versions = versions.slice(index);
      return (index === -1 ? undefined : versions[0]?.configuration) ?? empty;
    },
  };
}

function configurationOf(state: State): Configuration {
  const services = [...state.services.values()].map((service) => ({
    arn: service.arn,
    dnsName: service.dnsName,
    customDomainName: service.customDomainName?.toLowerCase(),
    certified: (service.certificateArn ?? "") !== "",
    readyAt: service.readyAt,
    networks: [...state.associations.values()]
      .filter((one) => one.service === service.id)
      .map(({ network, readyAt, goneAt }) => ({ network, readyAt, goneAt })),
    listeners: [...service.listeners.values()].map((listener) => ({
      port: listener.port,
      protocol: listener.protocol,
      defaultAction: listener.defaultAction,
      rules: [...listener.rules.values()]
        .toSorted((a, b) => a.priority - b.priority)
        .map(({ id, match, action }) => ({ id, match, action })),
    })),
  }));
  const groups = [...state.groups.values()].filter((group) => usersOf(state, group.id).length > 0);
  return {
    services,
    // Health is seen at once: it is the data plane that checks it.
    groups: new Map(
      groups.map((group) => [
        group.id,
        {
          arn: group.arn,
          speaks: { protocol: group.config.protocol, version: group.config.protocolVersion },
          targets: [...group.targets.values()]
            .filter((target) => target.drainedAt === undefined)
            .map((live) => ({ id: live.id, port: live.port, live })),
        },
      ]),
    ),
  };
}
