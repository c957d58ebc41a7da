import type { Registration } from "../model/cluster.ts";
import type { Tags } from "../model/lattice.ts";
import type { ServiceRoot, TargetGroupRoot } from "../model/roots.ts";
import { installationTagKey, rootTag, rootTagKey } from "../model/tags.ts";
import type { Installation } from "./view.ts";

const prefix = "application-networking.k8s.aws/";

/** The in-cluster controller's ownership tag: `ACCOUNT/CLUSTER/VPC`. */
const managedBy = (registration: Registration): string =>
  `${registration.account}/${registration.eks}/${registration.vpc}`;

/** Tags of a service: those that the in-cluster controller writes, and which root and installation it belongs to. */
export const serviceTags = (
  root: ServiceRoot,
  registration: Registration,
  installation: Installation,
): Tags => ({
  [`${prefix}ManagedBy`]: managedBy(registration),
  [`${prefix}RouteName`]: root.name,
  [`${prefix}RouteNamespace`]: root.namespace,
  [`${prefix}RouteType`]: "http",
  [rootTagKey]: rootTag(root),
  [installationTagKey]: installation.name,
});

/** Tags of a target group of a route. */
export const targetGroupTags = (
  root: TargetGroupRoot,
  registration: Registration,
  installation: Installation,
): Tags => ({
  [`${prefix}ManagedBy`]: managedBy(registration),
  [`${prefix}ClusterName`]: registration.eks,
  [`${prefix}ServiceName`]: root.backend.name,
  [`${prefix}ServiceNamespace`]: root.backend.namespace,
  [`${prefix}SourceTypeKey`]: root.service.route,
  [`${prefix}ProtocolVersion`]: root.version,
  [`${prefix}RouteName`]: root.service.name,
  [`${prefix}RouteNamespace`]: root.service.namespace,
  [rootTagKey]: rootTag(root),
  [installationTagKey]: installation.name,
});
