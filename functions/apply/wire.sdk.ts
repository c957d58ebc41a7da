import type * as sdk from "@aws-sdk/client-vpc-lattice";
import { epochMs, type EpochMs } from "../model/ids.ts";
import type {
  Action,
  Lifecycle,
  ObservedAssociation,
  ObservedListener,
  ObservedRule,
  RuleMatch,
  TargetGroupConfig,
} from "../model/lattice.ts";
import { LatticeError, type RuleChange, type ServiceHead, type TargetGroupHead } from "./lattice.ts";

/** A member that the API always answers. */
export function sure<T>(value: T | undefined, member: string): T {
  if (value === undefined) throw new LatticeError("", "Unknown", `an answer of Lattice lacks "${member}"`);
  return value;
}

const lifecycles: Readonly<Record<string, Lifecycle>> = {
  CREATE_IN_PROGRESS: "creating",
  ACTIVE: "active",
  DELETE_IN_PROGRESS: "deleting",
  CREATE_FAILED: "create-failed",
  DELETE_FAILED: "delete-failed",
};

export function lifecycle(status: string | undefined): Lifecycle {
  const known = status === undefined ? undefined : lifecycles[status];
  if (known === undefined)
    throw new LatticeError("", "Unknown", `an unknown status of a resource: ${String(status)}`);
  return known;
}

const failureOf = (one: {
  failureCode?: string | undefined;
  failureMessage?: string | undefined;
}): string | undefined =>
  one.failureCode === undefined ? undefined : `${one.failureCode}: ${one.failureMessage ?? ""}`;

export function serviceHead(one: sdk.GetServiceResponse): ServiceHead {
  const failure = failureOf(one);
  return {
    id: sure(one.id, "id"),
    arn: sure(one.arn, "arn"),
    name: sure(one.name, "name"),
    dnsName: one.dnsEntry?.domainName ?? "",
    lifecycle: lifecycle(one.status),
    ...(failure === undefined ? {} : { failure }),
    ...(one.customDomainName === undefined ? {} : { customDomainName: one.customDomainName }),
    ...(one.certificateArn === undefined ? {} : { certificateArn: one.certificateArn }),
  };
}

export const association = (one: {
  id?: string | undefined;
  serviceNetworkId?: string | undefined;
  status?: string | undefined;
}): ObservedAssociation => ({
  id: sure(one.id, "id"),
  network: sure(one.serviceNetworkId, "serviceNetworkId"),
  lifecycle: lifecycle(one.status),
});

/** The time of the latest change of what was listed or read; creates and updates do not answer it. */
export const updated = (one: {
  lastUpdatedAt?: Date | undefined;
}): { readonly lastUpdatedAt?: EpochMs | undefined } =>
  one.lastUpdatedAt === undefined ? {} : { lastUpdatedAt: epochMs(new Date(one.lastUpdatedAt).getTime()) };

export const listener = (one: sdk.GetListenerResponse): Omit<ObservedListener, "rules"> => ({
  id: sure(one.id, "id"),
  name: sure(one.name, "name"),
  port: sure(one.port, "port"),
  protocol: sure(one.protocol, "protocol"),
  defaultAction: action(one.defaultAction),
});

export const rule = (one: sdk.GetRuleResponse): ObservedRule => ({
  id: sure(one.id, "id"),
  name: sure(one.name, "name"),
  priority: sure(one.priority, "priority"),
  match: match(one.match),
  action: action(one.action),
});

export function targetGroup(one: sdk.GetTargetGroupResponse): TargetGroupHead {
  const { port, protocol, protocolVersion, ipAddressType, vpcIdentifier } = one.config ?? {};
  const failure = failureOf(one);
  return {
    id: sure(one.id, "id"),
    arn: sure(one.arn, "arn"),
    name: sure(one.name, "name"),
    lifecycle: lifecycle(one.status),
    ...(failure === undefined ? {} : { failure }),
    config: {
      port: sure(port, "port"),
      ...spoken(one.id, protocol, protocolVersion),
      family: ipAddressType === "IPV6" ? "IPV6" : "IPV4",
      vpc: sure(vpcIdentifier, "vpcIdentifier"),
    },
  };
}

/** What a target group speaks with its targets. Throws LatticeError for what no group of ours does. */
function spoken(
  id: string | undefined,
  protocol: string | undefined,
  version: string | undefined,
): Pick<TargetGroupConfig, "protocol" | "version"> {
  if (protocol === "TCP") return { protocol, version: "none" };
  if (
    (protocol === "HTTP" || protocol === "HTTPS") &&
    (version === "HTTP1" || version === "HTTP2" || version === "GRPC")
  )
    return { protocol, version };
  throw new LatticeError(
    "GetTargetGroup",
    "ValidationException",
    `target group ${id} has protocol ${protocol} ${version}, which is not one of ours`,
  );
}

export function action(wire: sdk.RuleAction | undefined): Action {
  if (wire?.fixedResponse !== undefined)
    return { do: "fixed", status: wire.fixedResponse.statusCode === 500 ? 500 : 404 };
  const groups = wire?.forward?.targetGroups ?? [];
  return {
    do: "forward",
    groups: groups.map((group) => ({
      id: idOf(sure(group.targetGroupIdentifier, "targetGroupIdentifier")),
      weight: group.weight ?? 100,
    })),
  };
}

/** An identifier may be echoed as an ARN; ids are compared. */
const idOf = (identifier: string): string => identifier.slice(identifier.lastIndexOf("/") + 1);

export const wireAction = (one: Action): sdk.RuleAction =>
  one.do === "fixed"
    ? { fixedResponse: { statusCode: one.status } }
    : {
        forward: {
          targetGroups: one.groups.map((group) => ({
            targetGroupIdentifier: group.id,
            weight: group.weight,
          })),
        },
      };

export function match(wire: sdk.RuleMatch | undefined): RuleMatch {
  const http = wire?.httpMatch;
  const path = http?.pathMatch;
  const headers = (http?.headerMatches ?? []).map((one) => {
    const value: { exact?: string | undefined; prefix?: string | undefined; contains?: string | undefined } =
      one.match ?? {};
    const caseSensitive = one.caseSensitive ?? false;
    const name = sure(one.name, "name");
    if (value.exact !== undefined) return { name, kind: "exact" as const, value: value.exact, caseSensitive };
    if (value.prefix !== undefined)
      return { name, kind: "prefix" as const, value: value.prefix, caseSensitive };
    return { name, kind: "contains" as const, value: value.contains ?? "", caseSensitive };
  });
  const caseSensitive = path?.caseSensitive ?? false;
  return {
    ...(http?.method === undefined ? {} : { method: http.method }),
    ...(path?.match?.exact === undefined
      ? {}
      : { path: { kind: "exact", value: path.match.exact, caseSensitive } }),
    ...(path?.match?.prefix === undefined
      ? {}
      : { path: { kind: "prefix", value: path.match.prefix, caseSensitive } }),
    headers,
  };
}

export function wireMatch(one: RuleMatch): sdk.RuleMatch {
  const { method, path, headers } = one;
  const value =
    path === undefined ? undefined : path.kind === "exact" ? { exact: path.value } : { prefix: path.value };
  return {
    httpMatch: {
      ...(method === undefined ? {} : { method }),
      ...(value === undefined || path === undefined
        ? {}
        : { pathMatch: { match: value, caseSensitive: path.caseSensitive } }),
      ...(headers.length === 0 ? {} : { headerMatches: headers.map(wireHeader) }),
    },
  };
}

function wireHeader(header: RuleMatch["headers"][number]): sdk.HeaderMatch {
  const { name, value, kind, caseSensitive } = header;
  const how =
    kind === "exact" ? { exact: value } : kind === "prefix" ? { prefix: value } : { contains: value };
  return { name, match: how, caseSensitive };
}

export const wireChange = (change: Omit<RuleChange, "id">) => ({
  ...(change.match === undefined ? {} : { match: wireMatch(change.match) }),
  ...(change.priority === undefined ? {} : { priority: change.priority }),
  ...(change.action === undefined ? {} : { action: wireAction(change.action) }),
});
