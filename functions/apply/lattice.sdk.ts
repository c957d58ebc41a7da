import type * as sdk from "@aws-sdk/client-vpc-lattice";
import type { Action } from "../model/lattice.ts";
import {
  LatticeError,
  notSent,
  type EntryFailure,
  type How,
  type Lattice,
  type RuleChange,
} from "./lattice.ts";
import { commands, type Ask } from "./operations.sdk.ts";
import {
  association,
  lifecycle,
  listener,
  rule,
  serviceHead,
  sure,
  targetGroup,
  wireAction,
  wireChange,
  wireMatch,
} from "./wire.sdk.ts";

/** Makes one call of an operation by its name. What it throws has a name, a message and perhaps `$metadata`. */
export type Call = (operation: string, input: unknown, how?: How) => Promise<unknown>;

/** The official client, twice: Gets of what is in progress go through one of their own, see `forPolls`. */
export interface Clients {
  readonly calls: sdk.VPCLatticeClient;
  readonly polls: sdk.VPCLatticeClient;
}

/** The port over the official client. Each attempt of a call asks `maySend` in the last moment, see `LatticeIn`. */
export function latticeOfSdk({ calls, polls }: Clients, maySend: () => boolean): Lattice {
  return latticeOver(async (operation, input, how) => {
    const Command = commands[operation];
    if (Command === undefined) throw new TypeError(`no such operation: ${operation}`);
    // Whichever command it is, what is done with it here is the same.
    const command = new Command(input as never) as sdk.GetServiceCommand;
    command.middlewareStack.add(
      (next) => (args) => {
        if (!maySend()) throw notSent(operation);
        return next(args);
      },
      // The last step before the request is written, inside of the retries.
      { step: "deserialize", priority: "low", name: "espalierMaySend" },
    );
    return (how === "poll" ? polls : calls).send(command);
  });
}

/** Makes every call of a client bear a header, by which polls are counted apart from other calls. */
export function forPolls(client: sdk.VPCLatticeClient): sdk.VPCLatticeClient {
  client.middlewareStack.add(
    (next) => (args) => {
      const { request } = args;
      if (
        typeof request === "object" &&
        request !== null &&
        "headers" in request &&
        typeof request.headers === "object"
      ) {
        Object.assign(request.headers ?? {}, { "x-espalier-poll": "1" });
      }
      return next(args);
    },
    { step: "build", name: "espalierPoll" },
  );
  return client;
}

/**
 * The port over any way to make a call. Whatever a call throws becomes a LatticeError; an answer that lacks what the API
 * promises does too, because nothing can be built on it.
 */
export function latticeOver(call: Call): Lattice {
  const ask: Ask = async (operation, input, how) => {
    try {
      // The operation's name decides the shape of its answer.
      return (await call(operation, input, how)) as never;
    } catch (error) {
      throw latticeError(operation, error);
    }
  };
  return {
    ...networksAndServices(ask),
    ...associations(ask),
    ...listeners(ask),
    ...rules(ask),
    ...targetGroups(ask),
  };
}

function networksAndServices(ask: Ask) {
  return {
    async listServiceNetworks() {
      const items = await pages((nextToken) => ask("ListServiceNetworks", { maxResults: 100, nextToken }));
      return items.map(({ id, arn, name }) => ({
        id: sure(id, "id"),
        arn: sure(arn, "arn"),
        name: sure(name, "name"),
      }));
    },
    async findServices(name: string) {
      const items = await pages((nextToken) => ask("ListServices", { maxResults: 100, nextToken }));
      return items
        .filter((item) => item.name === name)
        .map(({ id, arn }) => ({ id: sure(id, "id"), arn: sure(arn, "arn") }));
    },
    getService: async (id: string, how: How) =>
      serviceHead(await ask("GetService", { serviceIdentifier: id }, how)),
    async createService(input: Parameters<Lattice["createService"]>[0]) {
      const { token, tags, ...rest } = input;
      return serviceHead(await ask("CreateService", { ...rest, tags: { ...tags }, clientToken: token }));
    },
    async updateService(id: string, certificateArn: string) {
      await ask("UpdateService", { serviceIdentifier: id, certificateArn });
    },
    async deleteService(id: string) {
      await ask("DeleteService", { serviceIdentifier: id });
    },
    async listTags(arn: string) {
      return (await ask("ListTagsForResource", { resourceArn: arn })).tags ?? {};
    },
  };
}

function associations(ask: Ask) {
  return {
    async listAssociations(service: string) {
      const items = await pages((nextToken) =>
        ask("ListServiceNetworkServiceAssociations", {
          serviceIdentifier: service,
          maxResults: 100,
          nextToken,
        }),
      );
      return items.map(association);
    },
    getAssociation: async (id: string, how: How) =>
      association(
        await ask(
          "GetServiceNetworkServiceAssociation",
          { serviceNetworkServiceAssociationIdentifier: id },
          how,
        ),
      ),
    async createAssociation(input: Parameters<Lattice["createAssociation"]>[0]) {
      const { service, networkArn, tags, token } = input;
      const made = await ask("CreateServiceNetworkServiceAssociation", {
        serviceIdentifier: service,
        serviceNetworkIdentifier: networkArn,
        tags: { ...tags },
        clientToken: token,
      });
      const network = networkArn.slice(networkArn.lastIndexOf("/") + 1);
      return { id: sure(made.id, "id"), network, lifecycle: lifecycle(made.status) };
    },
    async deleteAssociation(id: string) {
      return lifecycle(
        (
          await ask("DeleteServiceNetworkServiceAssociation", {
            serviceNetworkServiceAssociationIdentifier: id,
          })
        ).status,
      );
    },
  };
}

function listeners(ask: Ask) {
  return {
    async listListeners(service: string) {
      const items = await pages((nextToken) =>
        ask("ListListeners", { serviceIdentifier: service, maxResults: 100, nextToken }),
      );
      return items.map(({ id, name, port, protocol }) => ({
        id: sure(id, "id"),
        name: sure(name, "name"),
        port: sure(port, "port"),
        protocol: sure(protocol, "protocol"),
      }));
    },
    getListener: async (service: string, id: string) =>
      listener(await ask("GetListener", { serviceIdentifier: service, listenerIdentifier: id })),
    async createListener(input: Parameters<Lattice["createListener"]>[0]) {
      const { service, defaultAction, tags, token, ...rest } = input;
      return listener(
        await ask("CreateListener", {
          serviceIdentifier: service,
          ...rest,
          defaultAction: wireAction(defaultAction),
          tags: { ...tags },
          clientToken: token,
        }),
      );
    },
    async updateListener(service: string, id: string, defaultAction: Action) {
      await ask("UpdateListener", {
        serviceIdentifier: service,
        listenerIdentifier: id,
        defaultAction: wireAction(defaultAction),
      });
    },
    async deleteListener(service: string, id: string) {
      await ask("DeleteListener", { serviceIdentifier: service, listenerIdentifier: id });
    },
  };
}

function rules(ask: Ask) {
  return {
    async listRules(service: string, listenerId: string) {
      const items = await pages((nextToken) =>
        ask("ListRules", {
          serviceIdentifier: service,
          listenerIdentifier: listenerId,
          maxResults: 100,
          nextToken,
        }),
      );
      return items.filter((item) => item.isDefault !== true).map((item) => ({ id: sure(item.id, "id") }));
    },
    getRule: async (service: string, listenerId: string, id: string) =>
      rule(
        await ask("GetRule", {
          serviceIdentifier: service,
          listenerIdentifier: listenerId,
          ruleIdentifier: id,
        }),
      ),
    async createRule(input: Parameters<Lattice["createRule"]>[0]) {
      const { service, listener: listenerId, name, priority, match, action, tags, token } = input;
      return rule(
        await ask("CreateRule", {
          serviceIdentifier: service,
          listenerIdentifier: listenerId,
          name,
          priority,
          match: wireMatch(match),
          action: wireAction(action),
          tags: { ...tags },
          clientToken: token,
        }),
      );
    },
    async updateRule(service: string, listenerId: string, { id, ...change }: RuleChange) {
      return rule(
        await ask("UpdateRule", {
          serviceIdentifier: service,
          listenerIdentifier: listenerId,
          ruleIdentifier: id,
          ...wireChange(change),
        }),
      );
    },
    async batchUpdateRules(service: string, listenerId: string, updates: readonly RuleChange[]) {
      const answer = await ask("BatchUpdateRule", {
        serviceIdentifier: service,
        listenerIdentifier: listenerId,
        rules: updates.map(({ id, ...change }) => ({ ruleIdentifier: id, ...wireChange(change) })),
      });
      const failed = (answer.unsuccessful ?? []).map((one): EntryFailure => ({
        entry: sure(one.ruleIdentifier, "ruleIdentifier"),
        code: one.failureCode ?? "Unknown",
        message: one.failureMessage ?? "",
      }));
      return { done: (answer.successful ?? []).map(rule), failed };
    },
    async deleteRule(service: string, listenerId: string, id: string) {
      await ask("DeleteRule", {
        serviceIdentifier: service,
        listenerIdentifier: listenerId,
        ruleIdentifier: id,
      });
    },
  };
}

function targetGroups(ask: Ask) {
  const failures = (answer: {
    unsuccessful?: readonly sdk.TargetFailure[] | undefined;
  }): { readonly failed: readonly EntryFailure[] } => ({
    failed: (answer.unsuccessful ?? []).map((one) => ({
      entry: `${one.id}:${one.port}`,
      code: one.failureCode ?? "Unknown",
      message: one.failureMessage ?? "",
    })),
  });
  return {
    async findTargetGroups(name: string) {
      const items = await pages((nextToken) => ask("ListTargetGroups", { maxResults: 100, nextToken }));
      return items
        .filter((item) => item.name === name)
        .map(({ id, arn }) => ({ id: sure(id, "id"), arn: sure(arn, "arn") }));
    },
    getTargetGroup: async (id: string, how: How) =>
      targetGroup(await ask("GetTargetGroup", { targetGroupIdentifier: id }, how)),
    async createTargetGroup(input: Parameters<Lattice["createTargetGroup"]>[0]) {
      const { name, config, tags, token } = input;
      const wire: sdk.TargetGroupConfig = {
        port: config.port,
        protocol: config.protocol,
        protocolVersion: config.version,
        ipAddressType: config.family,
        vpcIdentifier: config.vpc,
      };
      return targetGroup(
        await ask("CreateTargetGroup", {
          name,
          type: "IP",
          config: wire,
          tags: { ...tags },
          clientToken: token,
        }),
      );
    },
    async deleteTargetGroup(id: string) {
      return lifecycle((await ask("DeleteTargetGroup", { targetGroupIdentifier: id })).status);
    },
    registerTargets: async (id: string, targets: Parameters<Lattice["registerTargets"]>[1]) =>
      failures(
        await ask("RegisterTargets", {
          targetGroupIdentifier: id,
          targets: targets.map((target) => ({ ...target })),
        }),
      ),
    deregisterTargets: async (id: string, targets: Parameters<Lattice["deregisterTargets"]>[1]) =>
      failures(
        await ask("DeregisterTargets", {
          targetGroupIdentifier: id,
          targets: targets.map((target) => ({ ...target })),
        }),
      ),
    async listTargets(id: string) {
      const items = await pages((nextToken) =>
        ask("ListTargets", { targetGroupIdentifier: id, maxResults: 100, nextToken }),
      );
      return items.map((item) => ({
        id: sure(item.id, "id"),
        port: sure(item.port, "port"),
        status: sure(item.status, "status"),
      }));
    },
  };
}

async function pages<T>(
  page: (
    nextToken: string | undefined,
  ) => Promise<{ items?: T[] | undefined; nextToken?: string | undefined }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  let nextToken: string | undefined;
  do {
    const answer = await page(nextToken);
    all.push(...(answer.items ?? []));
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  return all;
}

function latticeError(operation: string, error: unknown): LatticeError {
  if (error instanceof LatticeError) return error;
  if (!(error instanceof Error))
    return new LatticeError(operation, "Unknown", String(error), { cause: error });
  const metadata =
    "$metadata" in error && typeof error.$metadata === "object" && error.$metadata !== null
      ? error.$metadata
      : {};
  const requestId =
    "requestId" in metadata && typeof metadata.requestId === "string" ? metadata.requestId : undefined;
  const retryAfterSeconds =
    "retryAfterSeconds" in error && typeof error.retryAfterSeconds === "number"
      ? error.retryAfterSeconds
      : undefined;
  // Only an answer of Lattice has an exception's name; all else means that nobody knows what came of the call.
  const code = error.name.endsWith("Exception") ? error.name : "Unknown";
  return new LatticeError(operation, code, error.message, { requestId, retryAfterSeconds, cause: error });
}
