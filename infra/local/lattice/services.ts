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
import { statusOf, type Association, type Network, type Service } from "./state.ts";

const withoutUndefined = (value: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));

const network = (one: Network, context: Context) => ({
  id: one.id,
  arn: one.arn,
  name: one.name,
  createdAt: time(one.createdAt),
  lastUpdatedAt: time(one.updatedAt),
  authType: one.authType,
  numberOfAssociatedVPCs: 0,
  numberOfAssociatedServices: [...context.state.associations.values()].filter(
    (association) => association.network === one.id,
  ).length,
});

const service = (one: Service, context: Context) =>
  withoutUndefined({
    id: one.id,
    arn: one.arn,
    name: one.name,
    createdAt: time(one.createdAt),
    lastUpdatedAt: time(one.updatedAt),
    dnsEntry: { domainName: one.dnsName, hostedZoneId: "Z09127221KTH2CFUOHIZH" },
    customDomainName: one.customDomainName,
    certificateArn: one.certificateArn,
    status: statusOf(one, context.now),
    authType: "NONE",
    ...(one.fails === true
      ? { failureCode: "InternalFailure", failureMessage: "the stand-in was told to fail" }
      : {}),
  });

function association(one: Association, context: Context) {
  const its = context.state.services.get(one.service);
  const net = context.state.networks.get(one.network);
  return withoutUndefined({
    id: one.id,
    arn: one.arn,
    status: statusOf(one, context.now),
    createdBy: context.account,
    createdAt: time(one.createdAt),
    serviceId: one.service,
    serviceName: its?.name,
    serviceArn: its?.arn,
    serviceNetworkId: one.network,
    serviceNetworkName: net?.name,
    serviceNetworkArn: net?.arn,
    dnsEntry:
      its === undefined ? undefined : { domainName: its.dnsName, hostedZoneId: "Z09127221KTH2CFUOHIZH" },
    customDomainName: its?.customDomainName,
  });
}

const associationsOf = (
  context: Context,
  of: { readonly service?: string; readonly network?: string },
): readonly Association[] =>
  [...context.state.associations.values()].filter(
    (one) =>
      (of.service === undefined || one.service === of.service) &&
      (of.network === undefined || one.network === of.network),
  );

function createServiceNetwork(context: Context, input: Input) {
  const name = textOf(input, "name");
  if ([...context.state.networks.values()].some((one) => one.name === name))
    throw conflict(`ServiceNetwork with name ${name} already exists`, name, "SERVICE_NETWORK");
  quota(context, "networks-per-region", context.state.networks.size, "SERVICE_NETWORK");
  const id = context.id("sn-");
  const made: Network = { ...newborn(context, id, `servicenetwork/${id}`, input, 0), name, authType: "NONE" };
  context.state.networks.set(id, made);
  return { id, arn: made.arn, name, authType: "NONE" };
}

function deleteServiceNetwork(context: Context, input: Input) {
  const one = find(context.state.networks, input["serviceNetworkIdentifier"], "SERVICE_NETWORK");
  if (associationsOf(context, { network: one.id }).length > 0)
    throw conflict(`ServiceNetwork ${one.id} has service(s) associated`, one.id, "SERVICE_NETWORK");
  context.state.networks.delete(one.id);
  return {};
}

function createService(context: Context, input: Input) {
  const name = textOf(input, "name");
  const twin = [...context.state.services.values()].find((one) => one.name === name);
  if (twin !== undefined) throw conflict(`Service with name ${name} already exists`, twin.id, "SERVICE");
  quota(context, "services-per-region", context.state.services.size, "SERVICE");
  const id = context.id("svc-");
  const { region, settings } = context;
  const made: Service = {
    ...newborn(context, id, `service/${id}`, input, settings.serviceCreateMs),
    name,
    dnsName: `${name}-${id.slice("svc-".length)}.7d67968.vpc-lattice-svcs.${region}.on.aws`,
    customDomainName: input["customDomainName"] as string | undefined,
    certificateArn: input["certificateArn"] as string | undefined,
    listeners: new Map(),
  };
  context.state.services.set(id, made);
  return service(made, context);
}

function updateService(context: Context, input: Input) {
  const one = find(context.state.services, input["serviceIdentifier"], "SERVICE");
  mustBeActive(one, "SERVICE", context);
  if (input["certificateArn"] !== undefined) one.certificateArn = textOf(input, "certificateArn");
  one.updatedAt = context.now;
  return service(one, context);
}

function deleteService(context: Context, input: Input) {
  const one = find(context.state.services, input["serviceIdentifier"], "SERVICE");
  if (one.goneAt === undefined) {
    if (statusOf(one, context.now) === "CREATE_IN_PROGRESS")
      throw conflict(`Service ${one.id} is in status CREATE_IN_PROGRESS`, one.id, "SERVICE");
    if (associationsOf(context, { service: one.id }).length > 0)
      throw conflict(`Service ${one.id} has service network association(s)`, one.id, "SERVICE");
    one.goneAt = context.now + context.settings.serviceDeleteMs;
    one.listeners.clear();
  }
  return { id: one.id, arn: one.arn, name: one.name, status: "DELETE_IN_PROGRESS" };
}

function createAssociation(context: Context, input: Input) {
  const its = find(context.state.services, input["serviceIdentifier"], "SERVICE");
  const net = find(context.state.networks, input["serviceNetworkIdentifier"], "SERVICE_NETWORK");
  mustBeActive(its, "SERVICE", context);
  const type = "SERVICE_NETWORK_SERVICE_ASSOCIATION";
  const twin = associationsOf(context, { service: its.id, network: net.id })[0];
  if (twin !== undefined)
    throw conflict(
      `Service ${its.id} is already associated with ${net.id} (${statusOf(twin, context.now)})`,
      twin.id,
      type,
    );
  const neighbours = associationsOf(context, { network: net.id });
  const rival = neighbours.find(
    (one) =>
      its.customDomainName !== undefined &&
      context.state.services.get(one.service)?.customDomainName === its.customDomainName,
  );
  if (rival !== undefined)
    throw conflict(
      `custom domain ${its.customDomainName} is already in service network ${net.id}`,
      rival.id,
      type,
    );
  quota(context, "services-per-network", neighbours.length, type);
  const id = context.id("snsa-");
  const made: Association = {
    ...newborn(
      context,
      id,
      `servicenetworkserviceassociation/${id}`,
      input,
      context.settings.associationCreateMs,
    ),
    service: its.id,
    network: net.id,
  };
  context.state.associations.set(id, made);
  return association(made, context);
}

function deleteAssociation(context: Context, input: Input) {
  const one = find(
    context.state.associations,
    input["serviceNetworkServiceAssociationIdentifier"],
    "SERVICE_NETWORK_SERVICE_ASSOCIATION",
  );
  if (statusOf(one, context.now) === "CREATE_IN_PROGRESS")
    throw conflict(
      `association ${one.id} is in status CREATE_IN_PROGRESS`,
      one.id,
      "SERVICE_NETWORK_SERVICE_ASSOCIATION",
    );
  one.goneAt ??= context.now + context.settings.associationDeleteMs;
  return { id: one.id, arn: one.arn, status: "DELETE_IN_PROGRESS" };
}

function listAssociations(context: Context, input: Input) {
  const [its, net] = [input["serviceIdentifier"], input["serviceNetworkIdentifier"]];
  if (its === undefined && net === undefined)
    throw invalid("serviceIdentifier or serviceNetworkIdentifier is required");
  const of = {
    ...(its === undefined ? {} : { service: find(context.state.services, its, "SERVICE").id }),
    ...(net === undefined ? {} : { network: find(context.state.networks, net, "SERVICE_NETWORK").id }),
  };
  return page(
    context,
    input,
    associationsOf(context, of).map((one) => association(one, context)),
  );
}

export const serviceHandlers: Readonly<Record<string, Handler>> = {
  CreateServiceNetwork: createServiceNetwork,
  GetServiceNetwork: (context, input) =>
    network(find(context.state.networks, input["serviceNetworkIdentifier"], "SERVICE_NETWORK"), context),
  ListServiceNetworks: (context, input) =>
    page(
      context,
      input,
      [...context.state.networks.values()].map((one) => network(one, context)),
    ),
  DeleteServiceNetwork: deleteServiceNetwork,
  CreateService: createService,
  GetService: (context, input) =>
    service(find(context.state.services, input["serviceIdentifier"], "SERVICE"), context),
  ListServices: (context, input) =>
    page(
      context,
      input,
      [...context.state.services.values()].map((one) => service(one, context)),
    ),
  UpdateService: updateService,
  DeleteService: deleteService,
  CreateServiceNetworkServiceAssociation: createAssociation,
  GetServiceNetworkServiceAssociation: (context, input) =>
    association(
      find(
        context.state.associations,
        input["serviceNetworkServiceAssociationIdentifier"],
        "SERVICE_NETWORK_SERVICE_ASSOCIATION",
      ),
      context,
    ),
  ListServiceNetworkServiceAssociations: listAssociations,
  DeleteServiceNetworkServiceAssociation: deleteAssociation,
};
