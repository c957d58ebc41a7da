import type { ClusterName } from "../model/ids.ts";
import type { Listener, RouteGroupKind } from "../model/objects.ts";
import { isRouteKind } from "../model/routes.ts";
import { isGranted } from "./grants.ts";
import { certificateOption } from "./certificates.ts";
import type { Owner } from "./listeners.ts";
import { carrierOf, kindsOfProtocol, protocolText } from "./routekinds.ts";
import type { View } from "./view.ts";

/** Why a condition of a listener is not as one would wish it. */
export interface Problem {
  readonly reason: string;
  readonly message: string;
}

/** What is wrong with what a listener refers to; `unknown` while that has not been heard of. */
export type RefsProblem = Problem & { readonly is: "wrong" | "unknown" };

const modeOf = (listener: Listener): string =>
  listener.protocol === "TLS" ? (listener.tls?.mode ?? "Terminate") : "";

/** Protocols that share no port with those over TCP: the same number is another port. */
const datagrams: ReadonlySet<string> = new Set(["UDP"]);

/** Protocols that a client can tell apart on one port by the names in its first bytes. */
const byName: ReadonlySet<string> = new Set(["HTTPS", "TLS"]);

/**
 * Why a listener cannot be beside others of its Gateway (gateway-api spec, ListenerConditionConflicted): one port has one
 * protocol, because a Lattice service has one listener per port; and of one protocol, ports and hostnames must differ.
 */
export function conflictOf(listener: Listener, others: readonly Listener[]): Problem | undefined {
  const over = ({ protocol }: Listener): boolean => datagrams.has(protocol);
  const here = others.filter((one) => one.port === listener.port && over(one) === over(listener));
  const hostname = (one: Listener): string => one.hostname?.toLowerCase() ?? "";
  const clashes = here.find((one) =>
    one.protocol === listener.protocol
      ? modeOf(one) !== modeOf(listener)
      : !(byName.has(one.protocol) && byName.has(listener.protocol) && hostname(one) !== hostname(listener)),
  );
  if (clashes !== undefined)
    return {
      reason: "ProtocolConflict",
      message: `listener ${clashes.name} has port ${listener.port} with protocol ${clashes.protocol}${modeOf(clashes) === "" ? "" : ` (${modeOf(clashes)})`}; Lattice has one protocol per port`,
    };
  const twin = here.find((one) => one.protocol === listener.protocol && hostname(one) === hostname(listener));
  return twin === undefined
    ? undefined
    : {
        reason: "HostnameConflict",
        message: `listener ${twin.name} has the same port, protocol and hostname`,
      };
}

/** Why Lattice cannot have a listener at all. */
export function supportOf(listener: Listener): Problem | undefined {
  if (listener.protocol === "TLS" && modeOf(listener) !== "Passthrough")
    return {
      reason: "UnsupportedValue",
      message: `tls.mode ${modeOf(listener)}: Lattice passes TLS through and does not terminate it; use Passthrough, or protocol HTTPS`,
    };
  if (kindsOfProtocol(listener).length > 0) return undefined;
  return {
    reason: "UnsupportedProtocol",
    message: `protocol ${listener.protocol} is not supported; use HTTP, HTTPS, or TLS with mode Passthrough`,
  };
}

/**
 * What is wrong with the route kinds and certificates that a listener names. The in-cluster controller looks at no Secret, and its
 * users name any where the Gateway API wants one: where `lenient` (its class, in profile `incumbent`) they are not looked at either.
 */
export async function refsOf(
  view: View,
  cluster: ClusterName,
  owner: Owner,
  listener: Listener,
  lenient: boolean,
): Promise<RefsProblem | undefined> {
  const possible = kindsOfProtocol(listener);
  const impossible = listener.allowedRoutes.kinds.filter(
    (one) => !(isOurs(one) && possible.some((kind) => kind === one.kind)),
  );
  if (impossible.length > 0)
    return {
      is: "wrong",
      reason: "InvalidRouteKinds",
      message: [
        `a listener of protocol ${protocolText(listener)} cannot take ${impossible.map(nameOfKind).join(", ")}`,
        ...impossible.flatMap((one) => (isOurs(one) && isRouteKind(one.kind) ? carrierOf[one.kind] : [])),
      ].join("; "),
    };
  if (listener.protocol !== "HTTPS" || lenient) return undefined;
  if (listener.tls?.options[certificateOption] !== undefined) return undefined;
  for (const ref of listener.tls?.certificateRefs ?? []) {
    const problem = await certificateProblem(view, cluster, owner, ref);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const isOurs = ({ group }: RouteGroupKind): boolean => group === "gateway.networking.k8s.io";

const nameOfKind = (one: RouteGroupKind): string => (isOurs(one) ? one.kind : `${one.group}/${one.kind}`);

async function certificateProblem(
  view: View,
  cluster: ClusterName,
  owner: Owner,
  ref: NonNullable<Listener["tls"]>["certificateRefs"][number],
): Promise<RefsProblem | undefined> {
  const invalid = (message: string): RefsProblem => ({
    is: "wrong",
    reason: "InvalidCertificateRef",
    message,
  });
  if (ref.group !== "" || ref.kind !== "Secret")
    return invalid(
      `certificateRef ${ref.name} is of kind ${ref.group === "" ? "" : `${ref.group}/`}${ref.kind}; only Secret is supported`,
    );
  const namespace = ref.namespace ?? owner.namespace;
  // Without a grant it is not said whether the Secret exists.
  if (!(await isGranted(view, cluster, owner, { ...ref, namespace })))
    return {
      is: "wrong",
      reason: "RefNotPermitted",
      message: `no ReferenceGrant in namespace ${namespace} permits ${owner.kind}s of ${owner.namespace} to use Secret ${ref.name}`,
    };
  const seen = await view.object({ cluster, kind: "Secret", namespace, name: ref.name });
  if (seen.is === "unknown")
    return { is: "unknown", reason: "Pending", message: `Secret ${namespace}/${ref.name} is not known yet` };
  if (seen.is === "missing")
    return invalid(`there is no Secret ${namespace}/${ref.name} of type kubernetes.io/tls`);
  const { certificate } = seen.object;
  return certificate.ok ? undefined : invalid(`Secret ${namespace}/${ref.name}: ${certificate.problem}`);
}
