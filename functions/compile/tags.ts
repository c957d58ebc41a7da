import type { Registration } from "../model/cluster.ts";
import type { Tags, TargetGroupConfig } from "../model/lattice.ts";
import type { RouteKind } from "../model/routes.ts";
import type { ServiceRoot, TargetGroupRoot } from "../model/roots.ts";
import { installationTagKey, rootTag, rootTagKey } from "../model/tags.ts";
import type { Installation } from "./view.ts";

const prefix = "application-networking.k8s.aws/";

/** The in-cluster controller's ownership tag: `ACCOUNT/CLUSTER/VPC`. */
const managedBy = (registration: Registration): string =>
  `${registration.account}/${registration.eks}/${registration.vpc}`;

const routeTypes: Readonly<Record<RouteKind, string>> = {
  HTTPRoute: "http",
  GRPCRoute: "grpc",
  TLSRoute: "tls",
};

const ownTags = (
  root: ServiceRoot | TargetGroupRoot,
  registration: Registration,
  installation: Installation,
): Tags => ({
  [`${prefix}ManagedBy`]: managedBy(registration),
  [rootTagKey]: rootTag(root),
  [installationTagKey]: installation.name,
});

/** Tags of the service of a route: those that the in-cluster controller writes, and which root and installation it belongs to. */
export const routeServiceTags = (
  root: ServiceRoot,
  registration: Registration,
  installation: Installation,
): Tags => ({
  ...routeTags(root),
  ...ownTags(root, registration, installation),
  ...(root.of === "Gateway" ? {} : { [`${prefix}RouteType`]: routeTypes[root.of] }),
});

/** Tags of the service of a Gateway. */
export const gatewayServiceTags = ownTags;

const routeTags = ({ of, namespace, name }: ServiceRoot): Tags =>
  of === "Gateway" ? {} : { [`${prefix}RouteName`]: name, [`${prefix}RouteNamespace`]: namespace };

/** Tags of a target group. */
export const targetGroupTags = (
  root: TargetGroupRoot,
  registration: Registration,
  installation: Installation,
  version: TargetGroupConfig["version"],
): Tags => ({
  ...ownTags(root, registration, installation),
  ...routeTags(root.service),
  [`${prefix}ClusterName`]: registration.eks,
  [`${prefix}ServiceName`]: root.backend.name,
  [`${prefix}ServiceNamespace`]: root.backend.namespace,
  [`${prefix}SourceTypeKey`]: root.service.of,
  ...versionTag(version),
});

/** The tag of a target group that says what is spoken with its targets. The in-cluster controller writes nothing for TCP. */
export const versionTag = (version: TargetGroupConfig["version"]): Tags => ({
  [`${prefix}ProtocolVersion`]: version === "none" ? "" : version,
});

/**
 * The tags by which the in-cluster controller knows the service or target group of a route, whatever is spoken with its targets; of a
 * Gateway's it knows nothing.
 */
export function incumbentTags(
  root: ServiceRoot | TargetGroupRoot,
  registration: Registration,
): Tags | undefined {
  const service = root.kind === "service" ? root : root.service;
  if (service.of === "Gateway") return undefined;
  const all =
    root.kind === "service"
      ? routeServiceTags(root, registration, { name: "" })
      : targetGroupTags(root, registration, { name: "" }, root.version);
  const known = Object.entries(all).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(known.filter(([key]) => !(key in versionTag("none"))));
}
