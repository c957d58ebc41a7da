import type { Configuration } from "./propagation.ts";
import { idOf, type WireAction, type WireMatch } from "./state.ts";

/** A request as the data plane sees it. */
export interface RouteRequest {
  /** The id of the service network that it comes through. */
  readonly network: string;
  readonly port: number;
  /** Of the listener that it arrived at: HTTPS when it came over TLS. */
  readonly protocol: "HTTP" | "HTTPS";
  /** The Host header, with or without a port. */
  readonly host: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A TLS connection, as its client begins it. */
export interface ConnectRequest extends Pick<RouteRequest, "network" | "port"> {
  /** In lower case. */
  readonly serverName: string;
}

/** What is spoken to the targets of a group. */
export interface Speaks {
  readonly protocol: string;
  /** Absent for TCP. */
  readonly version?: string | undefined;
}

/** Where a request goes, or what it is answered. Services and groups are named by their ARNs. */
export type Answered =
  | {
      readonly is: "target";
      readonly service: string;
      readonly group: string;
      readonly speaks: Speaks;
      readonly target: { readonly id: string; readonly port: number };
    }
  | { readonly is: "fixed"; readonly status: number; readonly service: string }
  /** No service of the network has this name, or the service does not listen there. */
  | { readonly is: "none" }
  /** The group that was chosen has no target. */
  | { readonly is: "empty"; readonly service: string };

/** What becomes of a TLS connection, which is decided before it is answered. */
export type Connected =
  /** It ends here, with a certificate for this name. */
  | { readonly is: "terminated"; readonly certificateFor: string }
  /** It goes on to a target as it is. */
  | Extract<Answered, { readonly is: "target" | "empty" }>
  | { readonly is: "none" };

/**
 * Looks up who a TLS client means by the name that it asks for. A generated name has a certificate of Lattice's own; a custom
 * domain has one when its service names one, and else is shown that of the generated name, which is not good for it (user
 * guide, "Bring your own certificate"). TLS is passed through by the custom domain alone ("TLS listeners").
 */
export function connect(
  configuration: Configuration,
  asked: ConnectRequest,
  now: number,
  random: () => number,
): Connected {
  const service = serviceNamed(configuration, asked.serverName, asked.network, now);
  const listener = service?.listeners.find((one) => one.port === asked.port);
  if (service === undefined || listener === undefined) return { is: "none" };
  const custom = asked.serverName === service.customDomainName;
  if (listener.protocol === "HTTPS")
    return {
      is: "terminated",
      certificateFor: custom && service.certified ? asked.serverName : service.dnsName,
    };
  if (listener.protocol !== "TLS_PASSTHROUGH" || !custom) return { is: "none" };
  const found = act(listener.defaultAction, service.arn, configuration, random);
  return found.is === "fixed" ? { is: "none" } : found;
}

/**
 * Routes one request: the service by its name, the first rule by number of which all conditions hold, a group by weight, and
 * a healthy target of it, or any when none is healthy (VPC Lattice user guide, "Listener rules" and "Health checks").
 */
export function route(
  configuration: Configuration,
  request: RouteRequest,
  now: number,
  random: () => number,
): Answered {
  const host = request.host.toLowerCase().replace(/:\d+$/, "");
  const service = serviceNamed(configuration, host, request.network, now);
  const listener = service?.listeners.find(
    (one) => one.port === request.port && one.protocol === request.protocol,
  );
  if (service === undefined || listener === undefined) return { is: "none" };
  const rule = listener.rules.find((one) => holds(one.match, request));
  return act(rule?.action ?? listener.defaultAction, service.arn, configuration, random);
}

function serviceNamed(configuration: Configuration, name: string, network: string, now: number) {
  return configuration.services.find(
    (one) =>
      (one.dnsName === name || one.customDomainName === name) &&
      one.readyAt <= now &&
      one.networks.some(
        (on) => on.network === network && on.readyAt <= now && (on.goneAt === undefined || now < on.goneAt),
      ),
  );
}

function act(
  action: WireAction,
  service: string,
  configuration: Configuration,
  random: () => number,
): Answered {
  if (action.fixedResponse !== undefined)
    return { is: "fixed", status: action.fixedResponse.statusCode, service };
  const group = byWeight(action.forward?.targetGroups ?? [], random);
  const found = group === undefined ? undefined : configuration.groups.get(group);
  const targets = found?.targets ?? [];
  const healthy = targets.filter((target) => target.live.healthy !== false);
  const from = healthy.length > 0 ? healthy : targets;
  const target = from[Math.floor(random() * from.length)];
  if (found === undefined || target === undefined) return { is: "empty", service };
  const { arn, speaks } = found;
  return { is: "target", service, group: arn, speaks, target: { id: target.id, port: target.port } };
}

function byWeight(
  groups: NonNullable<WireAction["forward"]>["targetGroups"],
  random: () => number,
): string | undefined {
  const weighted = groups.map((group) => ({
    id: idOf(group.targetGroupIdentifier),
    weight: groups.length === 1 ? 1 : (group.weight ?? 1),
  }));
  let left = random() * weighted.reduce((sum, group) => sum + group.weight, 0);
  for (const group of weighted) {
    left -= group.weight;
    if (group.weight > 0 && left < 0) return group.id;
  }
  return undefined;
}

/** All conditions of a match must hold. Paths are compared as plain texts, a prefix too. */
function holds(match: WireMatch, request: Pick<RouteRequest, "method" | "path" | "headers">): boolean {
  const { method, pathMatch, headerMatches = [] } = match.httpMatch;
  if (method !== undefined && method !== request.method) return false;
  if (pathMatch !== undefined && !textHolds(pathMatch.match, request.path, pathMatch.caseSensitive ?? false))
    return false;
  return headerMatches.every((header) => {
    const value = request.headers[header.name.toLowerCase()];
    return value !== undefined && textHolds(header.match, value, header.caseSensitive ?? false);
  });
}

function textHolds(
  match: {
    readonly exact?: string | undefined;
    readonly prefix?: string | undefined;
    readonly contains?: string | undefined;
  },
  text: string,
  caseSensitive: boolean,
): boolean {
  const form = (value: string): string => (caseSensitive ? value : value.toLowerCase());
  const value = form(text);
  if (match.exact !== undefined) return value === form(match.exact);
  if (match.prefix !== undefined) return value.startsWith(form(match.prefix));
  return match.contains !== undefined && value.includes(form(match.contains));
}
