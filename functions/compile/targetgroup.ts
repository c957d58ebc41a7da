import { byText } from "../model/canonical.ts";
import type { Target, TargetGroupModel } from "../model/lattice.ts";
import type { EndpointSlice, Service } from "../model/objects.ts";
import type { TargetGroupRoot } from "../model/roots.ts";
import { waitToBeMended, waitToKnow, type Compiled } from "./compiled.ts";
import { targetGroupName } from "./names.ts";
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
  const wanted = seen.is === "known" ? targetsOf(root, seen.object, slices) : [];
  const quota = quotas.targetsPerTargetGroup;
  // Over the quota the first ones by address are registered: enough to serve, the same ones each time.
  const targets = wanted.slice(0, quota);
  const troubles =
    wanted.length > quota
      ? [
          `needs ${wanted.length} targets, quota ${quota} (targets per target group; ask AWS to raise it); the first ${quota} are registered`,
        ]
      : [];
  const model: TargetGroupModel = {
    kind: "target-group",
    account,
    region,
    name: targetGroupName(root, view.own.incarnation),
    config: {
      port: groupPort,
      protocol: root.protocol,
      version: root.version,
      family: root.family,
      vpc: registration.vpc,
    },
    tags: targetGroupTags(root, registration, view.installation),
    targets,
  };
  return { want: { is: "model", model }, reports: [], troubles, uses };
}

function targetsOf(
  root: TargetGroupRoot,
  service: Service,
  slices: readonly EndpointSlice[],
): readonly Target[] {
  const port = service.spec.ports.find((one) => one.port === root.port);
  if (port === undefined) return [];
  const family = root.family === "IPV4" ? "IPv4" : "IPv6";
  const targets = slices
    .filter((slice) => slice.addressType === family)
    .flatMap((slice) => {
      // A slice names its ports as the Service does; a Service with one unnamed port has slices with one unnamed port.
      const numbers = slice.ports.flatMap((one) =>
        (one.name ?? "") === (port.name ?? "") && one.port !== undefined ? [one.port] : [],
      );
      return slice.endpoints
        .filter(isReady)
        .flatMap((endpoint) =>
          endpoint.addresses
            .slice(0, 1)
            .flatMap((id) => numbers.map((number): Target => ({ id, port: number }))),
        );
    });
  const unique = new Map(targets.map((target) => [`${target.id} ${target.port}`, target]));
  return [...unique.values()].toSorted((a, b) => byText(a.id, b.id) || a.port - b.port);
}

/** Ready unless it says otherwise (EndpointSlice API, conditions.ready), and not on its way out. */
const isReady = (endpoint: EndpointSlice["endpoints"][number]): boolean =>
  endpoint.conditions.ready !== false && endpoint.conditions.terminating !== true;
