import {
  GetListenerCommand,
  GetRuleCommand,
  GetTargetGroupCommand,
  ListTagsForResourceCommand,
  paginateListListeners,
  paginateListRules,
  paginateListServiceNetworkServiceAssociations,
  paginateListServices,
  paginateListTargetGroups,
  paginateListTargets,
  ResourceNotFoundException,
  type VPCLatticeClient,
} from "@aws-sdk/client-vpc-lattice";
import { rootTagKey } from "../../../functions/model/tags.ts";
import { parseRoot } from "../../../functions/model/roots.ts";

export interface SeenListener {
  readonly port: number;
  readonly protocol: string;
  readonly rules: readonly { readonly priority: number; readonly match: unknown; readonly action: unknown }[];
  readonly defaultAction: unknown;
}

/** A Lattice service of ours, as an administrator sees it. */
export interface SeenService {
  readonly cluster: string;
  /** What it is named after: the kind of a route, or `Gateway`. */
  readonly of: string;
  /** `NAMESPACE/NAME` of that route or Gateway. */
  readonly route: string;
  /** The hostname that it serves; empty: the name that Lattice gives it. */
  readonly hostname: string;
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly dnsName: string;
  /** Names of the service networks that it is associated with. */
  readonly networks: readonly string[];
  readonly listeners: readonly SeenListener[];
}

export interface SeenTargetGroup {
  readonly cluster: string;
  /** The Kubernetes Service, `NAMESPACE/NAME`. */
  readonly service: string;
  readonly name: string;
  readonly id: string;
  readonly protocol: string;
  readonly protocolVersion: string;
  readonly port: number;
  readonly targets: readonly { readonly id: string; readonly port: number; readonly status: string }[];
}

/** What Lattice holds of ours: found by the tag that names the root. `named` says how its service networks are called. */
export async function lookAtLattice(
  client: VPCLatticeClient,
  named: (network: string) => string = (network) => network,
): Promise<{
  readonly services: readonly SeenService[];
  readonly targetGroups: readonly SeenTargetGroup[];
}> {
  const services: SeenService[] = [];
  for await (const page of paginateListServices({ client }, {})) {
    for (const { id = "", name = "", arn = "", dnsEntry } of page.items ?? []) {
      const dnsName = dnsEntry?.domainName ?? "";
      const one = await unlessGone(() => service(client, { id, name, arn, dnsName }));
      if (one !== undefined) services.push({ ...one, networks: one.networks.map(named) });
    }
  }
  const targetGroups: SeenTargetGroup[] = [];
  for await (const page of paginateListTargetGroups({ client }, {})) {
    for (const { id = "", arn = "" } of page.items ?? []) {
      const one = await unlessGone(() => targetGroup(client, id, arn));
      if (one !== undefined) targetGroups.push(one);
    }
  }
  const place = (one: { readonly cluster: string; readonly name: string }): string =>
    `${one.cluster} ${one.name}`;
  const inOrder = <T extends { readonly cluster: string; readonly name: string }>(all: T[]): T[] =>
    all.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
  return { services: inOrder(services), targetGroups: inOrder(targetGroups) };
}

/** What is deleted while we look at it is not there. */
async function unlessGone<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function rootOf(client: VPCLatticeClient, arn: string) {
  const { tags = {} } = await client.send(new ListTagsForResourceCommand({ resourceArn: arn }));
  const key = tags[rootTagKey];
  return key === undefined ? undefined : parseRoot(key);
}

async function service(
  client: VPCLatticeClient,
  listed: Pick<SeenService, "id" | "name" | "arn" | "dnsName">,
): Promise<SeenService | undefined> {
  const root = await rootOf(client, listed.arn);
  if (root?.kind !== "service") return undefined;
  return {
    cluster: root.cluster,
    of: root.of,
    route: `${root.namespace}/${root.name}`,
    hostname: root.hostname,
    ...listed,
    networks: await networksOf(client, listed.id),
    listeners: await listenersOf(client, listed.id),
  };
}

async function networksOf(client: VPCLatticeClient, serviceIdentifier: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const page of paginateListServiceNetworkServiceAssociations({ client }, { serviceIdentifier }))
    names.push(...(page.items ?? []).map((one) => one.serviceNetworkName ?? ""));
  return names.toSorted();
}

async function listenersOf(
  client: VPCLatticeClient,
  serviceIdentifier: string,
): Promise<readonly SeenListener[]> {
  const listeners: SeenListener[] = [];
  for await (const page of paginateListListeners({ client }, { serviceIdentifier })) {
    for (const { id: listenerIdentifier } of page.items ?? []) {
      const {
        port = 0,
        protocol = "",
        defaultAction,
      } = await client.send(new GetListenerCommand({ serviceIdentifier, listenerIdentifier }));
      const rules: SeenListener["rules"][number][] = [];
      for await (const some of paginateListRules({ client }, { serviceIdentifier, listenerIdentifier })) {
        for (const { id: ruleIdentifier, isDefault } of some.items ?? []) {
          if (isDefault === true) continue;
          const rule = await client.send(
            new GetRuleCommand({ serviceIdentifier, listenerIdentifier, ruleIdentifier }),
          );
          rules.push({ priority: rule.priority ?? 0, match: rule.match, action: rule.action });
        }
      }
      rules.sort((a, b) => a.priority - b.priority);
      listeners.push({ port, protocol, rules, defaultAction });
    }
  }
  return listeners.toSorted((a, b) => a.port - b.port);
}

async function targetGroup(
  client: VPCLatticeClient,
  targetGroupIdentifier: string,
  arn: string,
): Promise<SeenTargetGroup | undefined> {
  const root = await rootOf(client, arn);
  if (root?.kind !== "target-group") return undefined;
  const { name = "", config } = await client.send(new GetTargetGroupCommand({ targetGroupIdentifier }));
  const targets: SeenTargetGroup["targets"][number][] = [];
  for await (const page of paginateListTargets({ client }, { targetGroupIdentifier })) {
    for (const { id = "", port = 0, status = "" } of page.items ?? []) targets.push({ id, port, status });
  }
  return {
    cluster: root.service.cluster,
    service: `${root.backend.namespace}/${root.backend.name}`,
    name,
    id: targetGroupIdentifier,
    protocol: config?.protocol ?? "",
    protocolVersion: config?.protocolVersion ?? "",
    port: config?.port ?? 0,
    targets,
  };
}
