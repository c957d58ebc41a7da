import type { RootKey } from "../model/ids.ts";
import { api } from "../model/limits.ts";
import type { Action, Waiting } from "../model/lattice.ts";
import type { BackendRef, HTTPRoute, HTTPRouteRule, Service } from "../model/objects.ts";
import { parseRoot, rootKey, type ServiceRoot, type TargetGroupRoot } from "../model/roots.ts";
import { isGranted, missingGrant } from "./grants.ts";
import type { View } from "./view.ts";

export type RefReason = "RefNotPermitted" | "InvalidKind" | "BackendNotFound" | "UnsupportedProtocol";

/** What is wrong with a backend, for the condition ResolvedRefs. */
export interface RefProblem {
  readonly reason: RefReason;
  readonly message: string;
}

/** What a rule does with its requests, and what must be said of its backends. */
export interface RuleAction {
  readonly action: Action | Waiting;
  readonly unusable: readonly string[];
  readonly problems: readonly RefProblem[];
  /** Grants that are missing and are not insisted on. */
  readonly grants: readonly string[];
  /** What its target groups are in need of. */
  readonly troubles: readonly string[];
}

type Backend =
  | { readonly is: "group"; readonly root: TargetGroupRoot; readonly weight: number }
  | { readonly is: "invalid"; readonly problem: RefProblem; readonly weight: number }
  | { readonly is: "unknown"; readonly root: TargetGroupRoot };

const answer500: Action = { do: "fixed", status: 500 };

/** What the rules of a route are compiled from. */
export interface RouteContext {
  readonly view: View;
  readonly root: ServiceRoot;
  readonly route: HTTPRoute;
  readonly incumbent: boolean;
  /**
   * Whether the outputs of target groups are looked at. Whatever is looked at is wanted, and will be made; so at first groups
   * are only named, and every forward waits for them, until it is clear that the route is taken.
   */
  readonly groups: "named" | "seen";
}

/**
 * The action of one rule. A rule with any invalid backend of non-zero weight answers 500 as a whole, because Lattice
 * cannot answer 500 for a share; the in-cluster controller drops such backends, and so does its profile.
 */
export async function ruleAction(
  context: RouteContext,
  rule: HTTPRouteRule,
  from: string,
): Promise<RuleAction> {
  const resolved = await Promise.all(rule.backendRefs.map((ref) => resolve(context, ref, from)));
  const backends = resolved.map((one) => one.backend);
  const grants = resolved.flatMap((one) => one.grant ?? []);
  const problems = backends.flatMap((one) => (one.is === "invalid" ? [one.problem] : []));
  const fixed = (): RuleAction => ({ action: answer500, unusable: [], problems, grants, troubles: [] });
  if (!context.incumbent && backends.some((one) => one.is === "invalid" && one.weight > 0)) return fixed();
  const unknown = backends.flatMap((one) => (one.is === "unknown" ? [rootKey(one.root)] : []));
  if (unknown.length > 0)
    return { action: { do: "wait", for: unknown }, unusable: [], problems, grants, troubles: [] };
  const groups = merged(backends);
  if (groups.every((group) => group.weight === 0)) return fixed();
  if (groups.length > api.groupsPerForward) {
    const problem: RefProblem = {
      reason: "UnsupportedProtocol",
      message: `${from}: Lattice forwards to at most ${api.groupsPerForward} target groups, not ${groups.length}`,
    };
    return { action: answer500, unusable: [], problems: [...problems, problem], grants, troubles: [] };
  }
  if (context.groups === "named") {
    const action: Waiting = { do: "wait", for: groups.map((group) => group.key) };
    return { action, unusable: [], problems, grants, troubles: [] };
  }
  return { ...(await forward(context.view, groups)), problems, grants };
}

async function forward(
  view: View,
  groups: readonly { readonly key: RootKey; readonly weight: number }[],
): Promise<Pick<RuleAction, "action" | "unusable" | "troubles">> {
  const outputs = await Promise.all(
    groups.map(async (group) => ({ ...group, output: await view.output(group.key) })),
  );
  const waiting = outputs
    .filter(({ output }) => output?.kind !== "target-group" || !output.filled)
    .map(({ key }) => key);
  const troubles = outputs.flatMap(({ key, output }) =>
    output !== undefined && "trouble" in output && output.trouble !== undefined
      ? [`${backendText(key)}: ${output.trouble}`]
      : [],
  );
  if (waiting.length > 0) return { action: { do: "wait", for: waiting }, unusable: [], troubles };
  const ready = outputs.flatMap(({ output, weight }) =>
    output?.kind === "target-group" ? [{ id: output.id, weight, usable: output.usable }] : [],
  );
  return {
    action: { do: "forward", groups: ready.map(({ id, weight }) => ({ id, weight })) },
    unusable: ready.filter((group) => !group.usable).map((group) => group.id),
    troubles,
  };
}

function backendText(key: RootKey): string {
  const root = parseRoot(key);
  return root.kind === "target-group"
    ? `target group of Service ${root.backend.namespace}/${root.backend.name}`
    : key;
}

/** Equal backends are one group with the sum of their weights; weights above 999 are scaled, and none that is not zero becomes zero. */
function merged(backends: readonly Backend[]): readonly { readonly key: RootKey; readonly weight: number }[] {
  const sums = new Map<RootKey, number>();
  for (const one of backends) {
    if (one.is !== "group") continue;
    const key = rootKey(one.root);
    sums.set(key, (sums.get(key) ?? 0) + one.weight);
  }
  const most = Math.max(...sums.values());
  const scale = (weight: number): number =>
    most <= api.weightMax || weight === 0
      ? weight
      : Math.max(1, Math.floor((weight * api.weightMax) / most + 0.5));
  return [...sums].map(([key, weight]) => ({ key, weight: scale(weight) }));
}

async function resolve(
  context: RouteContext,
  ref: BackendRef,
  from: string,
): Promise<{ readonly backend: Backend; readonly grant?: string | undefined }> {
  const namespace = ref.namespace ?? context.route.metadata.namespace;
  const invalid = (reason: RefReason, message: string): { readonly backend: Backend } => ({
    backend: { is: "invalid", problem: { reason, message: `${from}: ${message}` }, weight: ref.weight },
  });
  if (ref.group !== "" || ref.kind !== "Service")
    return invalid(
      "InvalidKind",
      `backend ${ref.name} is of kind ${ref.group === "" ? "" : `${ref.group}/`}${ref.kind}; only Service is supported`,
    );
  const referrer = { kind: "HTTPRoute", namespace: context.route.metadata.namespace };
  const granted = await isGranted(context.view, context.root.cluster, referrer, { ...ref, namespace });
  if (!granted && !context.incumbent)
    return invalid(
      "RefNotPermitted",
      `no ReferenceGrant in namespace ${namespace} permits an HTTPRoute of ${referrer.namespace} to use Service ${ref.name}`,
    );
  const grant = granted ? undefined : missingGrant(referrer, { ...ref, namespace });
  if (ref.filters.length > 0)
    return invalid(
      "UnsupportedProtocol",
      `backend ${ref.name} has filters (${ref.filters.map((one) => one.type).join(", ")}), which Lattice does not have`,
    );
  const seen = await context.view.object({
    cluster: context.root.cluster,
    kind: "Service",
    namespace,
    name: ref.name,
  });
  const root = (family: "IPV4" | "IPV6"): TargetGroupRoot => ({
    kind: "target-group",
    service: context.root,
    backend: { namespace, name: ref.name },
    port: ref.port ?? 0,
    protocol: "HTTP",
    version: "HTTP1",
    family,
  });
  if (seen.is === "unknown") return { backend: { is: "unknown", root: root("IPV4") }, grant };
  if (seen.is === "missing")
    return invalid(
      "BackendNotFound",
      `backend name: ${ref.name} (Service ${namespace}/${ref.name} does not exist)`,
    );
  const problem = serviceProblem(seen.object, ref);
  if (problem !== undefined) return invalid(problem.reason, problem.message);
  return {
    backend: {
      is: "group",
      root: root(seen.object.spec.ipFamilies[0] === "IPv6" ? "IPV6" : "IPV4"),
      weight: ref.weight,
    },
    grant,
  };
}

function serviceProblem(service: Service, ref: BackendRef): RefProblem | undefined {
  if (service.spec.type === "ExternalName")
    return {
      reason: "BackendNotFound",
      message: `Service ${ref.name} is an ExternalName, which has no endpoints`,
    };
  const port = service.spec.ports.find((one) => one.port === ref.port);
  if (port === undefined) {
    const ports = service.spec.ports.map((one) => one.port).join(", ");
    return {
      reason: "BackendNotFound",
      message: `Service ${ref.name} has no port ${ref.port ?? "(none is named)"}; it has ${ports}`,
    };
  }
  if (port.appProtocol?.startsWith("kubernetes.io/") === true)
    return {
      reason: "UnsupportedProtocol",
      message: `Service ${ref.name} speaks ${port.appProtocol} on port ${port.port}, which is not supported`,
    };
  return undefined;
}
