import * as sdk from "@aws-sdk/client-vpc-lattice";
import type { How } from "./lattice.ts";

/** The command of each operation, by the operation's name. */
export const commands: Readonly<Record<string, new (input: never) => object>> = {
  ListServiceNetworks: sdk.ListServiceNetworksCommand,
  ListServices: sdk.ListServicesCommand,
  GetService: sdk.GetServiceCommand,
  CreateService: sdk.CreateServiceCommand,
  UpdateService: sdk.UpdateServiceCommand,
  DeleteService: sdk.DeleteServiceCommand,
  ListServiceNetworkServiceAssociations: sdk.ListServiceNetworkServiceAssociationsCommand,
  GetServiceNetworkServiceAssociation: sdk.GetServiceNetworkServiceAssociationCommand,
  CreateServiceNetworkServiceAssociation: sdk.CreateServiceNetworkServiceAssociationCommand,
  DeleteServiceNetworkServiceAssociation: sdk.DeleteServiceNetworkServiceAssociationCommand,
  ListListeners: sdk.ListListenersCommand,
  GetListener: sdk.GetListenerCommand,
  CreateListener: sdk.CreateListenerCommand,
  UpdateListener: sdk.UpdateListenerCommand,
  DeleteListener: sdk.DeleteListenerCommand,
  ListRules: sdk.ListRulesCommand,
  GetRule: sdk.GetRuleCommand,
  CreateRule: sdk.CreateRuleCommand,
  UpdateRule: sdk.UpdateRuleCommand,
  BatchUpdateRule: sdk.BatchUpdateRuleCommand,
  DeleteRule: sdk.DeleteRuleCommand,
  ListTargetGroups: sdk.ListTargetGroupsCommand,
  GetTargetGroup: sdk.GetTargetGroupCommand,
  CreateTargetGroup: sdk.CreateTargetGroupCommand,
  DeleteTargetGroup: sdk.DeleteTargetGroupCommand,
  RegisterTargets: sdk.RegisterTargetsCommand,
  DeregisterTargets: sdk.DeregisterTargetsCommand,
  ListTargets: sdk.ListTargetsCommand,
  ListTagsForResource: sdk.ListTagsForResourceCommand,
  TagResource: sdk.TagResourceCommand,
};

/** The input and output of each operation that is called, by the official client's own types. */
export interface Operations {
  ListServiceNetworks: [sdk.ListServiceNetworksRequest, sdk.ListServiceNetworksResponse];
  ListServices: [sdk.ListServicesRequest, sdk.ListServicesResponse];
  GetService: [sdk.GetServiceRequest, sdk.GetServiceResponse];
  CreateService: [sdk.CreateServiceRequest, sdk.CreateServiceResponse];
  UpdateService: [sdk.UpdateServiceRequest, sdk.UpdateServiceResponse];
  DeleteService: [sdk.DeleteServiceRequest, sdk.DeleteServiceResponse];
  ListServiceNetworkServiceAssociations: [
    sdk.ListServiceNetworkServiceAssociationsRequest,
    sdk.ListServiceNetworkServiceAssociationsResponse,
  ];
  GetServiceNetworkServiceAssociation: [
    sdk.GetServiceNetworkServiceAssociationRequest,
    sdk.GetServiceNetworkServiceAssociationResponse,
  ];
  CreateServiceNetworkServiceAssociation: [
    sdk.CreateServiceNetworkServiceAssociationRequest,
    sdk.CreateServiceNetworkServiceAssociationResponse,
  ];
  DeleteServiceNetworkServiceAssociation: [
    sdk.DeleteServiceNetworkServiceAssociationRequest,
    sdk.DeleteServiceNetworkServiceAssociationResponse,
  ];
  ListListeners: [sdk.ListListenersRequest, sdk.ListListenersResponse];
  GetListener: [sdk.GetListenerRequest, sdk.GetListenerResponse];
  CreateListener: [sdk.CreateListenerRequest, sdk.CreateListenerResponse];
  UpdateListener: [sdk.UpdateListenerRequest, sdk.UpdateListenerResponse];
  DeleteListener: [sdk.DeleteListenerRequest, sdk.DeleteListenerResponse];
  ListRules: [sdk.ListRulesRequest, sdk.ListRulesResponse];
  GetRule: [sdk.GetRuleRequest, sdk.GetRuleResponse];
  CreateRule: [sdk.CreateRuleRequest, sdk.CreateRuleResponse];
  UpdateRule: [sdk.UpdateRuleRequest, sdk.UpdateRuleResponse];
  BatchUpdateRule: [sdk.BatchUpdateRuleRequest, sdk.BatchUpdateRuleResponse];
  DeleteRule: [sdk.DeleteRuleRequest, sdk.DeleteRuleResponse];
  ListTargetGroups: [sdk.ListTargetGroupsRequest, sdk.ListTargetGroupsResponse];
  GetTargetGroup: [sdk.GetTargetGroupRequest, sdk.GetTargetGroupResponse];
  CreateTargetGroup: [sdk.CreateTargetGroupRequest, sdk.CreateTargetGroupResponse];
  DeleteTargetGroup: [sdk.DeleteTargetGroupRequest, sdk.DeleteTargetGroupResponse];
  RegisterTargets: [sdk.RegisterTargetsRequest, sdk.RegisterTargetsResponse];
  DeregisterTargets: [sdk.DeregisterTargetsRequest, sdk.DeregisterTargetsResponse];
  ListTargets: [sdk.ListTargetsRequest, sdk.ListTargetsResponse];
  ListTagsForResource: [sdk.ListTagsForResourceRequest, sdk.ListTagsForResourceResponse];
  TagResource: [sdk.TagResourceRequest, sdk.TagResourceResponse];
}

/** Makes a call with the types of its operation. */
export type Ask = <K extends keyof Operations>(
  operation: K,
  input: Operations[K][0],
  how?: How,
) => Promise<Operations[K][1]>;

/** By which id AWS knows the request of an answer or an error. */
export function requestIdOf(answer: object): string | undefined {
  const metadata =
    "$metadata" in answer && typeof answer.$metadata === "object" && answer.$metadata !== null
      ? answer.$metadata
      : {};
  return "requestId" in metadata && typeof metadata.requestId === "string" ? metadata.requestId : undefined;
}

/** All items of a list, page by page. */
export async function pages<T>(
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
