import type { Configuration } from "./propagation.ts";
import { idOf, type WireAction, type WireMatch } from "./state.ts";

/** A request as the data plane sees it. */
export interface RouteRequest {
  /** The id of the service network that it comes through. */
  readonly network: string;
  readonly port: number;
  /** The Host header, with or without a port. */
  readonly host: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Where a request goes, or what it is answered. */
export type Answered =
  | {
      readonly is: "target";
      readonly service: string;
      readonly group: string;
      readonly target: { readonly id: string; readonly port: number };
    }
  | { readonly is: "fixed"; readonly status: number; readonly service: string }
  /** No service of the network has this name, or the service does not listen there. */
  | { readonly is: "none" }
  /** The group that was chosen has no target. */
  | { readonly is: "empty"; readonly service: string; readonly group: string };

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
  const service = configuration.services.find(
    (one) =>
      one.names.includes(host) &&
      one.readyAt <= now &&
      one.networks.some(
        (on) =>
          on.network === request.network && on.readyAt <= now && (on.goneAt === undefined || now < on.goneAt),
      ),
  );
  const listener = service?.listeners.find((one) => one.port === request.port);
  if (service === undefined || listener === undefined) return { is: "none" };
  const rule = listener.rules.find((one) => holds(one.match, request));
  return act(rule?.action ?? listener.defaultAction, service.arn, configuration, random);
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
  if (target === undefined) return { is: "empty", service, group: group ?? "" };
  return { is: "target", service, group: group ?? "", target: { id: target.id, port: target.port } };
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
