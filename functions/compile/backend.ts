import type { ClusterName } from "../model/ids.ts";
import type { Service, ServicePort } from "../model/objects.ts";
import type { BackendRef, Route, RouteKind } from "../model/routes.ts";
import type { TargetGroupRoot } from "../model/roots.ts";
import { familyOf, type OtherFamily } from "./family.ts";
import { isGranted, missingGrant } from "./grants.ts";
import type { View } from "./view.ts";

export type RefReason = "RefNotPermitted" | "InvalidKind" | "BackendNotFound" | "UnsupportedProtocol";

/** What is wrong with a backend, for the condition ResolvedRefs. */
export interface RefProblem {
  readonly reason: RefReason;
  readonly message: string;
}

/** The part of a target group's root that the backend decides. */
export type BackendGroup = Omit<TargetGroupRoot, "kind" | "service">;

/** A backend of a rule, looked up. */
export type Backend = {
  readonly weight: number;
  readonly grant?: string | undefined;
  /** What is to be said of endpoints that its group cannot have. */
  readonly otherFamily?: OtherFamily | undefined;
} & (
  | { readonly is: "invalid"; readonly problem: RefProblem }
  /** What is wrong with it is said, and it takes part all the same: the in-cluster controller's way with a port that is not there. */
  | { readonly is: "group"; readonly group: BackendGroup; readonly problem?: RefProblem | undefined }
  /** It cannot be served here, and the in-cluster controller serves it: what its rule does in Lattice stays. */
  | { readonly is: "elsewhere"; readonly problem: RefProblem }
  /** Its Service has not been heard of. */
  | { readonly is: "unknown"; readonly group: BackendGroup }
);

/** What a backend is looked up for. */
export interface Referrer {
  readonly cluster: ClusterName;
  readonly route: Route;
  /** A missing grant is allowed, and named. */
  readonly lenient: boolean;
}

/** What is wrong with a backend, whether or not it takes part. */
export const problemOf = (one: Backend): RefProblem | undefined =>
  one.is === "unknown" ? undefined : one.problem;

/** What is spoken with the targets of each kind of route. */
const spoken: Readonly<Record<RouteKind, Pick<BackendGroup, "protocol" | "version">>> = {
  HTTPRoute: { protocol: "HTTP", version: "HTTP1" },
  GRPCRoute: { protocol: "HTTP", version: "GRPC" },
  TLSRoute: { protocol: "TCP", version: "none" },
};

/** Looks a backend up. `from` is the rule in the user's words. */
export async function resolve(
  view: View,
  { cluster, route, lenient }: Referrer,
  ref: BackendRef,
  from: string,
): Promise<Backend> {
  const { weight } = ref;
  const namespace = ref.namespace ?? route.metadata.namespace;
  // Lattice cannot answer 500 for a share: whoever reads of one backend must know what becomes of the others.
  const refuses =
    lenient || weight === 0
      ? ""
      : route.kind === "TLSRoute"
        ? "; connections are refused"
        : "; all requests of the rule are answered 500";
  const invalid = (reason: RefReason, message: string): Backend & { readonly is: "invalid" } => ({
    is: "invalid",
    problem: { reason, message: `${from}: ${message}${refuses}` },
    weight,
  });
  if (ref.group !== "" || ref.kind !== "Service") {
    const kind = `${ref.group === "" ? "" : `${ref.group}/`}${ref.kind}`;
    const refused = invalid(
      "InvalidKind",
      `backend ${ref.name} is of kind ${kind}; only Service is supported`,
    );
    return lenient && ref.kind === "ServiceImport" ? { ...refused, is: "elsewhere" } : refused;
  }
  const referrer = { kind: route.kind, namespace: route.metadata.namespace };
  const granted = await isGranted(view, cluster, referrer, { ...ref, namespace });
  if (!granted && !lenient)
    return invalid(
      "RefNotPermitted",
      `no ReferenceGrant in namespace ${namespace} permits ${referrer.kind}s of ${referrer.namespace} to use Service ${ref.name}`,
    );
  const grant = granted ? {} : { grant: missingGrant(referrer, { ...ref, namespace }) };
  const seen = await view.object({ cluster, kind: "Service", namespace, name: ref.name });
  const group = (family: BackendGroup["family"]): BackendGroup => ({
    backend: { namespace, name: ref.name },
    port: lenient ? "any" : (ref.port ?? 0),
    ...spoken[route.kind],
    family,
  });
  if (seen.is === "unknown") return { is: "unknown", group: group("IPV4"), weight, ...grant };
  if (seen.is === "missing")
    return invalid(
      "BackendNotFound",
      `backend name: ${ref.name} (Service ${namespace}/${ref.name} does not exist)`,
    );
  if (seen.object.spec.type === "ExternalName")
    return invalid("BackendNotFound", `Service ${ref.name} is an ExternalName, which has no endpoints`);
  const problem = portProblem(seen.object, ref, lenient ? undefined : route.kind);
  if (problem !== undefined && !lenient) return invalid(problem.reason, problem.message);
  const { family, ...said } = await familyOf(view, cluster, seen.object);
  const noted = problem && { problem: { ...problem, message: `${from}: ${problem.message}` } };
  return { is: "group", group: group(family), weight, ...noted, ...said, ...grant };
}

/** What is wrong with the port of a Service as a backend. Without a kind of route, what it says that it speaks does not matter. */
function portProblem(service: Service, ref: BackendRef, kind: RouteKind | undefined): RefProblem | undefined {
  const port = portNumbered(service, ref.port);
  if (port === undefined) {
    const others = service.spec.ports.filter((one) => one.port === ref.port).map((one) => one.protocol);
    if (others.length > 0)
      return {
        reason: "UnsupportedProtocol",
        message: `Service ${ref.name} has port ${ref.port} with protocol ${others.join(" and ")} alone, and Lattice reaches targets over TCP`,
      };
    const ports = service.spec.ports.map((one) => one.port).join(", ");
    return {
      reason: "BackendNotFound",
      message: `Service ${ref.name} has no port ${ref.port ?? "(none is named)"}; it has ${ports}`,
    };
  }
  return kind === undefined || speaks(port, kind)
    ? undefined
    : {
        reason: "UnsupportedProtocol",
        message: `Service ${ref.name} speaks ${port.appProtocol} on port ${port.port}, which is not supported for ${kind}s`,
      };
}

/** The port of a Service that has a number. Others may have the same number with UDP or SCTP, which Lattice has not. */
export const portNumbered = (service: Service, number: number | undefined): ServicePort | undefined =>
  service.spec.ports.find((one) => one.port === number && one.protocol === "TCP");

/** Whether a port says that it speaks what the targets of a route are spoken to in (KEP-3726, appProtocol). */
function speaks({ appProtocol }: ServicePort, kind: RouteKind): boolean {
  if (appProtocol?.startsWith("kubernetes.io/") !== true) return true;
  switch (kind) {
    case "HTTPRoute":
      return false;
    case "GRPCRoute":
      return appProtocol === "kubernetes.io/h2c";
    case "TLSRoute":
      return true;
  }
}
