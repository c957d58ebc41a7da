import type { Action } from "../model/lattice.ts";
import type { EntryFailure, Lattice, RuleChange } from "./lattice.ts";
import { pages, requestIdOf, type Ask } from "./operations.sdk.ts";
import { listener, rule, sure, updated, wireAction, wireChange, wireMatch } from "./wire.sdk.ts";

/** Listeners of a service. */
export function listeners(ask: Ask) {
  return {
    async listListeners(service: string) {
      const items = await pages((nextToken) =>
        ask("ListListeners", { serviceIdentifier: service, maxResults: 100, nextToken }),
      );
      return items.map((item) => ({
        id: sure(item.id, "id"),
        name: sure(item.name, "name"),
        port: sure(item.port, "port"),
        protocol: sure(item.protocol, "protocol"),
        ...updated(item),
      }));
    },
    async getListener(service: string, id: string) {
      const one = await ask("GetListener", { serviceIdentifier: service, listenerIdentifier: id });
      return { ...listener(one), ...updated(one) };
    },
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

/** Rules of a listener; the default rule that lists answer is none of ours. */
export function rules(ask: Ask) {
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
      return items
        .filter((item) => item.isDefault !== true)
        .map((item) => ({ id: sure(item.id, "id"), ...updated(item) }));
    },
    async getRule(service: string, listenerId: string, id: string) {
      const one = await ask("GetRule", {
        serviceIdentifier: service,
        listenerIdentifier: listenerId,
        ruleIdentifier: id,
      });
      return { ...rule(one), ...updated(one) };
    },
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
        requestId: requestIdOf(answer),
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
