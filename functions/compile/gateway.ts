import type { ClusterName } from "../model/ids.ts";
import type { Output } from "../model/lattice.ts";
import { keyOf, type Gateway, type Listener, type ObjectRef } from "../model/objects.ts";
import { rootKey, type GatewayRoot } from "../model/roots.ts";
import { controllerName, type Report, type Verdict } from "../model/verdict.ts";
import { attach, namesGateway, supportedKinds } from "./attachment.ts";
import type { Compiled } from "./compiled.ts";
import { clusterObserved } from "./gatewayclass.ts";
import type { View } from "./view.ts";

const nothing: Compiled = { want: { is: "nothing" }, reports: [] };

/** A Gateway of class amazon-vpc-lattice points to a service network; what it has of its own is only its status. */
export async function compileGateway(root: GatewayRoot, view: View): Promise<Compiled> {
  const ref: ObjectRef<"Gateway"> = {
    cluster: root.cluster,
    kind: "Gateway",
    namespace: root.namespace,
    name: root.name,
  };
  const seen = await view.object(ref);
  if (seen.is !== "known") return nothing;
  const gateway = seen.object;
  if ((await isOurs(view, root.cluster, gateway)) !== true) return nothing;
  const facts = await view.cluster(root.cluster);
  if (facts === undefined) return nothing;
  const { account, region } = facts.registration;
  const network = await view.output(
    rootKey({ kind: "service-network", account, region, network: gateway.metadata.name }),
  );
  const verdicts = gateway.spec.listeners.map((listener) =>
    listenerProblems(listener, gateway.spec.listeners),
  );
  const attached = await attachedRoutes(view, root, gateway);
  const report: Report = {
    on: keyOf(ref),
    uid: gateway.metadata.uid,
    generation: gateway.metadata.generation,
    controllerName,
    verdicts: [
      ...gatewayVerdicts(gateway, verdicts),
      programmed(network, gateway.metadata.name, account, region),
      clusterObserved(facts),
      ...gateway.spec.listeners.flatMap((listener, index) =>
        listenerVerdicts(listener, verdicts[index] ?? {}, network),
      ),
    ],
    listeners: gateway.spec.listeners.map((listener) => ({
      name: listener.name,
      supportedKinds: supportedKinds(listener),
      attachedRoutes: attached.get(listener.name) ?? 0,
    })),
  };
  return { want: { is: "nothing" }, reports: [report] };
}

/** Whether a Gateway is of a class of ours; undefined while its class has not been heard of. */
export async function isOurs(
  view: View,
  cluster: ClusterName,
  gateway: Gateway,
): Promise<boolean | undefined> {
  const seen = await view.object({
    cluster,
    kind: "GatewayClass",
    namespace: "",
    name: gateway.spec.gatewayClassName,
  });
  if (seen.is === "unknown") return undefined;
  return seen.is === "known" && seen.object.spec.controllerName === controllerName;
}

interface Problems {
  readonly accepted?: { readonly reason: string; readonly message: string } | undefined;
  readonly conflicted?: { readonly reason: string; readonly message: string } | undefined;
  readonly refs?: { readonly reason: string; readonly message: string } | undefined;
}

const certificateOption = "application-networking.k8s.aws/certificate-arn";

/** What is wrong with a listener, by the book (gateway-api spec, ListenerConditionReason); clashing listeners are all wrong. */
function listenerProblems(listener: Listener, all: readonly Listener[]): Problems {
  const others = all.filter((one) => one.name !== listener.name && one.port === listener.port);
  const protocols = others.filter((one) => one.protocol !== listener.protocol);
  const twins = others.filter(
    (one) => one.protocol === listener.protocol && (one.hostname ?? "") === (listener.hostname ?? ""),
  );
  const conflicted =
    protocols[0] !== undefined
      ? {
          reason: "ProtocolConflict",
          message: `listener ${protocols[0].name} has port ${listener.port} with protocol ${protocols[0].protocol}; Lattice has one protocol per port`,
        }
      : twins[0] !== undefined
        ? {
            reason: "HostnameConflict",
            message: `listener ${twins[0].name} has the same port, protocol and hostname`,
          }
        : undefined;
  const supported = listener.protocol === "HTTP" || listener.protocol === "HTTPS";
  const accepted = supported
    ? conflicted
    : {
        reason: "UnsupportedProtocol",
        message: `protocol ${listener.protocol} is not supported; use HTTP or HTTPS`,
      };
  return { accepted, conflicted, refs: refProblem(listener) };
}

function refProblem(listener: Listener): Problems["refs"] {
  const possible = supportedKinds({ ...listener, allowedRoutes: { ...listener.allowedRoutes, kinds: [] } });
  const impossible = listener.allowedRoutes.kinds.filter(
    (one) => !possible.some((kind) => kind.kind === one.kind && kind.group === one.group),
  );
  if (impossible.length > 0) {
    return {
      reason: "InvalidRouteKinds",
      message: `a listener of protocol ${listener.protocol} cannot take ${impossible.map((one) => one.kind).join(", ")}`,
    };
  }
  if (
    (listener.tls?.certificateRefs.length ?? 0) > 0 &&
    listener.tls?.options[certificateOption] === undefined
  ) {
    return {
      reason: "InvalidCertificateRef",
      message: `certificates in Secrets are not read; name one of ACM in tls.options "${certificateOption}"`,
    };
  }
  return undefined;
}

function listenerVerdicts(
  listener: Listener,
  problems: Problems,
  network: Output | undefined,
): readonly Verdict[] {
  const say = (type: string, status: "True" | "False", reason: string, message = ""): Verdict => ({
    subject: { at: "listener", name: listener.name },
    type,
    status,
    reason,
    message,
  });
  const found = network?.kind === "service-network" && network.state === "found";
  const sound = problems.accepted === undefined && problems.refs === undefined;
  return [
    problems.accepted === undefined
      ? say("Accepted", "True", "Accepted")
      : say("Accepted", "False", problems.accepted.reason, problems.accepted.message),
    ...(problems.conflicted === undefined
      ? []
      : [say("Conflicted", "True", problems.conflicted.reason, problems.conflicted.message)]),
    problems.refs === undefined
      ? say("ResolvedRefs", "True", "ResolvedRefs")
      : say("ResolvedRefs", "False", problems.refs.reason, problems.refs.message),
    !sound
      ? say("Programmed", "False", "Invalid", "see the other conditions of this listener")
      : found
        ? say("Programmed", "True", "Programmed")
        : say("Programmed", "False", "Pending", "the Gateway is not programmed"),
  ];
}

function gatewayVerdicts(gateway: Gateway, problems: readonly Problems[]): readonly Verdict[] {
  const say = (status: "True" | "False", reason: string, message: string): Verdict => ({
    subject: { at: "object" },
    type: "Accepted",
    status,
    reason,
    message,
  });
  const parameters = gateway.spec.infrastructure?.parametersRef;
  if (parameters !== undefined)
    return [
      say(
        "False",
        "InvalidParameters",
        `infrastructure.parametersRef ${parameters.kind} ${parameters.name}: parameters are not supported; remove it`,
      ),
    ];
  if (gateway.spec.addresses.length > 0)
    return [say("False", "UnsupportedAddress", "Lattice chooses addresses itself; remove spec.addresses")];
  const bad = problems.filter((one) => one.accepted !== undefined).length;
  if (bad === 0) return [say("True", "Accepted", controllerName)];
  const message = `${bad} of ${problems.length} listeners are not accepted; see their conditions`;
  return [say(bad === problems.length ? "False" : "True", "ListenersNotValid", message)];
}

function programmed(network: Output | undefined, name: string, account: string, region: string): Verdict {
  const say = (status: "True" | "False", reason: string, message: string): Verdict => ({
    subject: { at: "object" },
    type: "Programmed",
    status,
    reason,
    message,
  });
  if (network?.kind !== "service-network")
    return say(
      "False",
      "Pending",
      `service network ${name} is being looked for in account ${account}, ${region}`,
    );
  switch (network.state) {
    case "found":
      return say("True", "Programmed", `aws-service-network-arn: ${network.arn}`);
    case "missing":
      return say(
        "False",
        "Pending",
        `VPC Lattice Service Network not found: there is none of name or id ${name} in account ${account}, ${region}. Create it, or share it with the account; it is looked for again every half minute`,
      );
    case "ambiguous":
      return say(
        "False",
        "Invalid",
        `several service networks match ${name}: ${network.ids.join(", ")}. Name the Gateway after the id of the right one`,
      );
  }
}

/** How many routes each listener has taken. A route counts once per listener, whatever is the matter with the listener. */
async function attachedRoutes(
  view: View,
  root: GatewayRoot,
  gateway: Gateway,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const value = `${root.namespace}/${root.name}`;
  for (const route of await view.list(root.cluster, { kind: "HTTPRoute", by: "gateway", value })) {
    const taken = new Set<string>();
    for (const ref of route.spec.parentRefs) {
      if (
        !namesGateway(ref) ||
        ref.name !== root.name ||
        (ref.namespace ?? route.metadata.namespace) !== root.namespace
      )
        continue;
      const attachment = await attach(view, root.cluster, route, ref, gateway);
      if (attachment.is === "accepted")
        for (const { listener } of attachment.listeners) taken.add(listener.name);
    }
    for (const name of taken) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
