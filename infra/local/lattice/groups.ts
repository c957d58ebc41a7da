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
import { conflict, invalid } from "./fault.ts";
import { healthCheckOf, type AskedHealthCheck } from "./healthchecks.ts";
import { statusOf, usersOf, type Group, type GroupConfig, type Target } from "./state.ts";

const group = (one: Group, context: Context) => ({
  id: one.id,
  arn: one.arn,
  name: one.name,
  type: one.type,
  config: one.config,
  createdAt: time(one.createdAt),
  lastUpdatedAt: time(one.updatedAt),
  status: statusOf(one, context.now),
  serviceArns: usersOf(context.state, one.id).flatMap((id) => context.state.services.get(id)?.arn ?? []),
  ...(one.fails === true
    ? { failureCode: "InternalFailure", failureMessage: "the stand-in was told to fail" }
    : {}),
});

/** A config with the service's defaults, as it is echoed. */
function defaulted(input: Input): GroupConfig {
  const config = (input["config"] ?? {}) as Partial<GroupConfig>;
  const protocol = config.protocol ?? "HTTP";
  if (config.vpcIdentifier === undefined) throw invalid("config.vpcIdentifier is required");
  const version = protocol === "TCP" ? undefined : (config.protocolVersion ?? "HTTP1");
  return {
    port: config.port ?? (protocol === "HTTPS" ? 443 : 80),
    protocol,
    ...(version === undefined ? {} : { protocolVersion: version }),
    ipAddressType: config.ipAddressType ?? "IPV4",
    vpcIdentifier: config.vpcIdentifier,
    healthCheck: healthCheckOf({ protocol, protocolVersion: version }, config.healthCheck ?? {}),
  };
}

function createTargetGroup(context: Context, input: Input) {
  const name = textOf(input, "name");
  const type = textOf(input, "type");
  if (type !== "IP") throw invalid(`the stand-in makes target groups of type IP only, not ${type}`);
  const twin = [...context.state.groups.values()].find((one) => one.name === name);
  if (twin !== undefined)
    throw conflict(`TargetGroup with name ${name} already exists`, twin.id, "TARGET_GROUP");
  quota(context, "target-groups-per-region", context.state.groups.size, "TARGET_GROUP");
  const id = context.id("tg-");
  const made: Group = {
    ...newborn(context, id, `targetgroup/${id}`, input, context.settings.groupCreateMs),
    name,
    type,
    config: defaulted(input),
    targets: new Map(),
  };
  context.state.groups.set(id, made);
  return group(made, context);
}

function updateTargetGroup(context: Context, input: Input) {
  const one = find(context.state.groups, input["targetGroupIdentifier"], "TARGET_GROUP");
  mustBeActive(one, "TARGET_GROUP", context);
  one.config = {
    ...one.config,
    healthCheck: healthCheckOf(one.config, {
      ...one.config.healthCheck,
      ...(input["healthCheck"] as AskedHealthCheck),
    }),
  };
  one.updatedAt = context.now;
  return group(one, context);
}

function deleteTargetGroup(context: Context, input: Input) {
  const one = find(context.state.groups, input["targetGroupIdentifier"], "TARGET_GROUP");
  if (one.goneAt === undefined) {
    if (statusOf(one, context.now) === "CREATE_IN_PROGRESS")
      throw conflict(`TargetGroup ${one.id} is in status CREATE_IN_PROGRESS`, one.id, "TARGET_GROUP");
    const [user] = usersOf(context.state, one.id);
    if (user !== undefined)
      throw conflict(`TargetGroup ${one.id} is in use by service ${user}`, one.id, "TARGET_GROUP");
    if ([...one.targets.values()].some((target) => target.drainedAt !== undefined))
      throw conflict(`TargetGroup ${one.id} has draining targets`, one.id, "TARGET_GROUP");
    one.goneAt = context.now + context.settings.groupDeleteMs;
  }
  return { id: one.id, arn: one.arn, status: "DELETE_IN_PROGRESS" };
}

const key = (target: { readonly id: string; readonly port: number }): string => `${target.id}:${target.port}`;

function wanted(one: Group, input: Input): readonly { readonly id: string; readonly port: number }[] {
  const targets = input["targets"] as readonly { readonly id: string; readonly port?: number | undefined }[];
  return targets.map((target) => ({ id: target.id, port: target.port ?? one.config.port }));
}

function registerTargets(context: Context, input: Input) {
  const one = find(context.state.groups, input["targetGroupIdentifier"], "TARGET_GROUP");
  mustBeActive(one, "TARGET_GROUP", context);
  const unsuccessful: unknown[] = [];
  const successful: unknown[] = [];
  for (const target of wanted(one, input)) {
    const known = one.targets.get(key(target));
    if (/^(127\.|169\.254\.)/.test(target.id)) {
      unsuccessful.push({
        ...target,
        failureCode: "InvalidTarget",
        failureMessage: `${target.id} is not an address of the VPC`,
      });
      continue;
    }
    if (known === undefined) quota(context, "targets-per-target-group", one.targets.size, "TARGET");
    one.targets.set(key(target), {
      ...target,
      ...(known?.healthy === undefined ? {} : { healthy: known.healthy }),
    });
    successful.push(target);
  }
  return { successful, unsuccessful };
}

function deregisterTargets(context: Context, input: Input) {
  const one = find(context.state.groups, input["targetGroupIdentifier"], "TARGET_GROUP");
  const used = usersOf(context.state, one.id).length > 0;
  const unsuccessful: unknown[] = [];
  const successful: unknown[] = [];
  for (const target of wanted(one, input)) {
    const known = one.targets.get(key(target));
    if (known === undefined) {
      unsuccessful.push({
        ...target,
        failureCode: "TargetNotFound",
        failureMessage: `${key(target)} is not registered`,
      });
      continue;
    }
    // Targets of a group that no rule uses have no requests to finish.
    if (used) known.drainedAt ??= context.now + context.settings.drainMs;
    else one.targets.delete(key(target));
    successful.push(target);
  }
  return { successful, unsuccessful };
}

/** What ListTargets says of a target. */
function targetStatus(
  one: Group,
  target: Target,
  used: boolean,
): { readonly status: string; readonly reasonCode?: string } {
  if (target.drainedAt !== undefined) return { status: "DRAINING" };
  if (!used) return { status: "UNUSED", reasonCode: "TargetGroupNotInUse" };
  if (!one.config.healthCheck.enabled)
    return { status: "UNAVAILABLE", reasonCode: "HealthCheckNotSupported" };
  if (target.healthy === undefined) return { status: "INITIAL" };
  return target.healthy ? { status: "HEALTHY" } : { status: "UNHEALTHY", reasonCode: "HealthCheckFailed" };
}

function listTargets(context: Context, input: Input) {
  const one = find(context.state.groups, input["targetGroupIdentifier"], "TARGET_GROUP");
  const used = usersOf(context.state, one.id).length > 0;
  return page(
    context,
    input,
    [...one.targets.values()].map((target) => ({
      id: target.id,
      port: target.port,
      ...targetStatus(one, target, used),
    })),
  );
}

function listTargetGroups(context: Context, input: Input) {
  const vpc = input["vpcIdentifier"];
  const all = [...context.state.groups.values()].filter(
    (one) => vpc === undefined || one.config.vpcIdentifier === vpc,
  );
  return page(
    context,
    input,
    all.map((one) => {
      const { config, ...rest } = group(one, context);
      return {
        ...rest,
        port: config.port,
        protocol: config.protocol,
        ipAddressType: config.ipAddressType,
        vpcIdentifier: config.vpcIdentifier,
      };
    }),
  );
}

export const groupHandlers: Readonly<Record<string, Handler>> = {
  CreateTargetGroup: createTargetGroup,
  GetTargetGroup: (context, input) =>
    group(find(context.state.groups, input["targetGroupIdentifier"], "TARGET_GROUP"), context),
  ListTargetGroups: listTargetGroups,
  UpdateTargetGroup: updateTargetGroup,
  DeleteTargetGroup: deleteTargetGroup,
  RegisterTargets: registerTargets,
  DeregisterTargets: deregisterTargets,
  ListTargets: listTargets,
};
