import { find, mustBeActive, quota, type Context } from "./context.ts";
import { conflict, invalid } from "./fault.ts";
import { groupsIn, usersOf, type Group, type Service, type WireAction } from "./state.ts";

/** An action as it is echoed: a lone group has weight 100 whatever was sent. */
export function echoAction(action: WireAction): WireAction {
  if (action.forward === undefined) return action;
  const { targetGroups } = action.forward;
  const lone = targetGroups.length === 1;
  return {
    forward: { targetGroups: targetGroups.map((group) => ({ ...group, weight: lone ? 100 : group.weight })) },
  };
}

/**
 * Checks what an action on a listener sends to: groups that exist, that speak what the listener does, of no other service, not
 * too many, with fixed answers that Lattice gives. Throws a fault otherwise.
 */
export function checkAction(context: Context, its: Service, protocol: string, action: WireAction): void {
  const code = action.fixedResponse?.statusCode;
  if (code !== undefined && protocol === "TLS_PASSTHROUGH")
    throw invalid("the default action of a TLS_PASSTHROUGH listener must forward to TCP target groups");
  if (code !== undefined && code !== 404 && code !== 500)
    throw invalid(`fixedResponse.statusCode ${code} is not supported: 404 or 500`);
  const targets = action.forward?.targetGroups ?? [];
  if (targets.length > 1 && targets.some((group) => group.weight === undefined))
    throw invalid("weight is required when there are several target groups");
  for (const id of groupsIn(action)) {
    const group = find(context.state.groups, id, "TARGET_GROUP");
    mustBeActive(group, "TARGET_GROUP", context);
    checkProtocol(protocol, group);
    const other = usersOf(context.state, group.id).find((user) => user !== its.id);
    if (other !== undefined)
      throw conflict(`target group ${group.id} is used by service ${other}`, group.id, "TARGET_GROUP");
  }
  const used = new Set(
    [...context.state.groups.keys()].filter((id) => usersOf(context.state, id).includes(its.id)),
  );
  const fresh = new Set(groupsIn(action).filter((id) => !used.has(id)));
  if (fresh.size > 0) quota(context, "target-groups-per-service", used.size + fresh.size - 1, "TARGET_GROUP");
}

/** TCP groups go with TLS_PASSTHROUGH listeners and with no others; HTTP/2 and gRPC groups only with HTTPS (user guide, "Target groups"). */
function checkProtocol(listener: string, { id, config }: Group): void {
  const { protocol, protocolVersion } = config;
  if ((protocol === "TCP") !== (listener === "TLS_PASSTHROUGH"))
    throw invalid(`target group ${id} of protocol ${protocol} cannot be used by a ${listener} listener`);
  if ((protocolVersion === "HTTP2" || protocolVersion === "GRPC") && listener !== "HTTPS")
    throw invalid(
      `target group ${id} of protocol version ${protocolVersion} needs an HTTPS listener, not ${listener}`,
    );
}
