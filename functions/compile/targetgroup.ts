import { byText, same } from "../model/canonical.ts";
import type { Registration } from "../model/cluster.ts";
import type { Target, TargetGroupConfig, TargetGroupModel, Trouble } from "../model/lattice.ts";
import type { EndpointSlice, Service } from "../model/objects.ts";
import type { TargetGroupRoot } from "../model/roots.ts";
import { portNumbered } from "./backend.ts";
import { portsNamed, type NamedPort } from "./backendports.ts";
import { waitToBeMended, waitToKnow, type Compiled } from "./compiled.ts";
import { targetGroupName } from "./names.ts";
import { standstillAt } from "./standstill.ts";
import { targetGroupTags } from "./tags.ts";
import { roomFor } from "./usage.ts";
import type { View } from "./view.ts";

/** The port that Lattice uses for targets without one of their own; every target of ours has one. */
const groupPort = 80;

/** A target group with the ready endpoints of its Service, for as long as its service root reads its output. */
export async function compileTargetGroup(root: TargetGroupRoot, view: View): Promise<Compiled> {
  if (!view.own.wanted) return { want: { is: "absent" }, reports: [] };
  const { cluster } = root.service;
  const facts = await view.cluster(cluster);
  if (facts === undefined) return waitToKnow(`cluster ${cluster} is not registered`);
  if (!facts.listed.includes("EndpointSlice"))
    return waitToKnow(`the endpoints of cluster ${cluster} cannot be seen`);
  const seen = await view.object({ cluster, kind: "Service", ...root.backend });
  if (seen.is === "unknown")
    return waitToKnow(`Service ${root.backend.namespace}/${root.backend.name} is not known yet`);
  // Whoever reads of it sends to it still, and will not once it answers 500 for the backend. Until then its pods may answer.
  if (seen.is === "missing")
    return waitToKnow(
      `Service ${root.backend.namespace}/${root.backend.name} is not there; its targets stay`,
    );
  const port = await portOf(root, view, facts.registration);
  if (port.is !== "known") return port.is === "idle" ? waitToBeMended(port.why) : waitToKnow(port.why);
  const index = {
    kind: "EndpointSlice",
    by: "service",
    value: `${root.backend.namespace}/${root.backend.name}`,
  } as const;
  const slices = await view.list(cluster, index);
  const { registration } = facts;
  const { account, region } = registration;
  const quotas = await view.quotas(account, region);
  const { uses, full } = await roomFor(view, [{ account, region, quota: "targetGroupsPerRegion" }], quotas);
  const [refused] = full;
  if (refused !== undefined) return waitToBeMended(refused.why);
  const all = targetsOf(root, port, seen.object, slices);
  const wanted = all.ready;
  const quota = quotas.targetsPerTargetGroup;
  // Over the quota the first ones by address are registered: enough to serve, the same ones each time. Others stay where they are.
  const targets = wanted.slice(0, quota);
  // The in-cluster controller registers what is not ready too. Where it has, it stays: Lattice's health checks see to it.
  const spared = [...wanted.slice(quota), ...(root.port === "any" ? all.unready : [])];
  const tooMany = `needs ${wanted.length} targets, quota ${quota} (targets per target group; ask AWS to raise it); the first ${quota} are registered`;
  const ours = targetGroupConfig(root, registration);
  // What the in-cluster controller has made speaks as a TargetGroupPolicy had it, and so do its pods.
  const config = root.port === "any" ? { ...ours, ...view.own.spoken } : ours;
  const said = [
    ...(wanted.length > quota ? [tooMany] : []),
    ...(same(config, ours) ? [] : [byPolicy(config)]),
  ];
  const troubles = said.map((message): Trouble => ({ is: "refused", message }));
  const model: TargetGroupModel = {
    kind: "target-group",
    account,
    region,
    name: targetGroupName(root, view.own.incarnation),
    config,
    tags: targetGroupTags(root, registration, view.installation, config.version),
    targets,
    ...(spared.length > 0 ? { spared } : {}),
  };
  return { want: { is: "model", model }, reports: [], troubles, uses };
}

const byPolicy = ({ protocol, version }: TargetGroupConfig): string =>
  `${protocol} (${version}) is spoken with its targets, as a TargetGroupPolicy had it; that is not supported yet, so it stays as it is`;

/** What Lattice fixes when it makes a root's target group. */
export const targetGroupConfig = (
  { protocol, version, family }: TargetGroupRoot,
  { vpc }: Registration,
): TargetGroupConfig => ({ port: groupPort, protocol, version, family, vpc });

/** Which port of its Service a group is for. */
type GroupPort = { readonly is: "known"; readonly port: NamedPort };

/** Why that is not known, or no group is to be made. */
type NoPort = { readonly is: "unknown" | "idle"; readonly why: string };

/**
 * The port of the root, or, where all ports of a Service are one group, the one that its route names last. For a route that stands
 * still no group is made; one that the in-cluster controller has made is found while it waits.
 */
async function portOf(
  root: TargetGroupRoot,
  view: View,
  registration: Registration,
): Promise<GroupPort | NoPort> {
  if (root.port !== "any") return { is: "known", port: root.port };
  const { cluster, of: kind, namespace, name } = root.service;
  const seen = kind === "Gateway" ? undefined : await view.object({ cluster, kind, namespace, name });
  if (seen?.is !== "known") return { is: "unknown", why: `${kind} ${namespace}/${name} is not there` };
  const idle = view.own.exists ? undefined : await standstillAt(view, registration, seen.object);
  if (idle !== undefined) return { is: "idle", why: idle };
  return { is: "known", port: portsNamed(seen.object, root.backend).at(-1) };
}

/** The endpoints of a Service that are not on their way out, each once. */
interface Endpoints {
  readonly ready: readonly Target[];
  readonly unready: readonly Target[];
}

const none: Endpoints = { ready: [], unready: [] };

function targetsOf(
  root: TargetGroupRoot,
  { port: number }: GroupPort,
  service: Service,
  slices: readonly EndpointSlice[],
): Endpoints {
  const port = portNumbered(service, number);
  if (port === undefined && number !== undefined) return none;
  const name = port?.name ?? "";
  // A slice names its ports as the Service does; to the in-cluster controller a port without a name stands for all.
  const takes = (its: string | undefined): boolean =>
    (its ?? "") === name || (root.port === "any" && name === "");
  const family = root.family === "IPV4" ? "IPv4" : "IPv6";
  const found = slices
    .filter((slice) => slice.addressType === family)
    .flatMap((slice) => {
      const numbers = slice.ports.flatMap((one) =>
        takes(one.name) && one.protocol === "TCP" && one.port !== undefined ? [one.port] : [],
      );
      return slice.endpoints
        .filter((endpoint) => endpoint.conditions.terminating !== true)
        .flatMap((endpoint) =>
          endpoint.addresses
            .slice(0, 1)
            .flatMap((id) => numbers.map((each) => ({ id, port: each, ready: isReady(endpoint) }))),
        );
    });
  const ready = unique(found.filter((one) => one.ready));
  const known = new Set(ready.map(keyOf));
  return { ready, unready: unique(found.filter((one) => !known.has(keyOf(one)))) };
}

const keyOf = ({ id, port }: Target): string => `${id} ${port}`;

/** Targets without doubles, in the order of their addresses. */
const unique = (all: readonly Target[]): readonly Target[] =>
  [...new Map(all.map(({ id, port }) => [keyOf({ id, port }), { id, port }])).values()].toSorted(
    (a, b) => byText(a.id, b.id) || a.port - b.port,
  );

/** Ready unless it says otherwise (EndpointSlice API, conditions.ready). */
const isReady = (endpoint: EndpointSlice["endpoints"][number]): boolean =>
  endpoint.conditions.ready !== false;
