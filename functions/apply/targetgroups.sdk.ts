import type * as sdk from "@aws-sdk/client-vpc-lattice";
import type { EntryFailure, How, Lattice, TargetGroupListing } from "./lattice.ts";
import { pages, requestIdOf, type Ask } from "./operations.sdk.ts";
import { lifecycle, sure, targetGroup } from "./wire.sdk.ts";

/** Target groups and their targets. */
export function targetGroups(ask: Ask) {
  const failures = (answer: {
    unsuccessful?: readonly sdk.TargetFailure[] | undefined;
  }): { readonly failed: readonly EntryFailure[] } => ({
    failed: (answer.unsuccessful ?? []).map((one) => ({
      entry: `${one.id}:${one.port}`,
      code: one.failureCode ?? "Unknown",
      message: one.failureMessage ?? "",
      requestId: requestIdOf(answer),
    })),
  });
  return {
    async listTargetGroups() {
      const items = await pages((nextToken) => ask("ListTargetGroups", { maxResults: 100, nextToken }));
      return items.map((item): TargetGroupListing => ({
        id: sure(item.id, "id"),
        arn: sure(item.arn, "arn"),
        name: sure(item.name, "name"),
        active: item.status === "ACTIVE",
        used: (item.serviceArns ?? []).length > 0,
        port: item.port,
        protocol: item.protocol,
        family: item.ipAddressType,
        vpc: item.vpcIdentifier,
      }));
    },
    getTargetGroup: async (id: string, how: How) =>
      targetGroup(await ask("GetTargetGroup", { targetGroupIdentifier: id }, how)),
    async createTargetGroup(input: Parameters<Lattice["createTargetGroup"]>[0]) {
      const { name, config, tags, token } = input;
      const wire: sdk.TargetGroupConfig = {
        port: config.port,
        protocol: config.protocol,
        ...(config.version === "none" ? {} : { protocolVersion: config.version }),
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
