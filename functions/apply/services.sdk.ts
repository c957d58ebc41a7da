import type { Tags } from "../model/lattice.ts";
import type { How, Lattice } from "./lattice.ts";
import { pages, type Ask } from "./operations.sdk.ts";
import { association, lifecycle, serviceHead, sure } from "./wire.sdk.ts";

/** Service networks and services. */
export function networksAndServices(ask: Ask) {
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
    async tag(arn: string, tags: Tags) {
      await ask("TagResource", { resourceArn: arn, tags: { ...tags } });
    },
  };
}

/** Associations of services with service networks. */
export function associations(ask: Ask) {
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
