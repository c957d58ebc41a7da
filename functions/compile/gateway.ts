import { isNetworkName, type ClusterFacts, type Registration } from "../model/cluster.ts";
import type { Output, ServiceOutput } from "../model/lattice.ts";
import { keyOf, type Gateway, type ObjectRef } from "../model/objects.ts";
import { rootKey, type GatewayRoot } from "../model/roots.ts";
import { controllers, type ClassName, type Report, type Verdict } from "../model/verdict.ts";
import { notOfEspalier } from "./ask.ts";
import { attachedRoutes } from "./attachedroutes.ts";
import { classLack, classOf } from "./class.ts";
import { waitToKnow, type Compiled } from "./compiled.ts";
import { refusalOf } from "./gatewayrefusal.ts";
import { clusterObserved } from "./gatewayclass.ts";
import { infrastructureOf } from "./infrastructure.ts";
import { isOf, listenersOf, type Owner } from "./listeners.ts";
import { judgeListeners, listenerStatus, listenerVerdicts, type JudgedListener } from "./listenerverdicts.ts";
import { isFound, isMissing, lackOf, networkName, networkOf, type FoundNetwork } from "./networks.ts";
import { routeAddresses } from "./routeaddress.ts";
import { keepServices, type View } from "./view.ts";

const nothing: Compiled = { want: { is: "nothing" }, reports: [] };

/**
 * A Gateway points to a service network. In class `espalier` its address is that of its default service, in class
 * `amazon-vpc-lattice` that of one of its routes.
 */
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
  const its = await classOf(view, root.cluster, gateway);
  if (its === "unknown" || its === "missing") {
    await keepServices(view);
    return waitToKnow(classLack(gateway, its));
  }
  const facts = its === "foreign" ? undefined : await view.cluster(root.cluster);
  if (its === "foreign" || facts === undefined) return nothing;
  const { listeners, all, sets } = await ownListeners(view, facts.registration, root, gateway, its);
  const refusal = refusalOf(gateway);
  const network = await networkOf(view, facts.registration, gateway);
  // A refused Gateway asks for no address, but keeps the one that it has: the name could not be had back.
  const wantsAddress = refusal === undefined || view.own.services.includes(addressKey(root));
  const address = its === "espalier" && wantsAddress ? await addressOf(view, root) : undefined;
  const wanted = networkName(facts.registration, gateway);
  const verdict = programmed(network, wanted, facts.registration, its, address);
  const incumbent = facts.registration.profile === "incumbent";
  const owner: Owner = { kind: "Gateway", namespace: root.namespace, name: root.name };
  const attached = await attachedRoutes(view, root.cluster, gateway, owner, incumbent);
  const addresses =
    its === "espalier" ? published(address, network) : await routeAddresses(view, facts, gateway, network);
  const accepted = refusal ?? acceptedVerdict(listeners, sets, its);
  const standing: Verdict =
    accepted.status === "True"
      ? verdict
      : { ...verdict, status: "False", reason: "Invalid", message: accepted.message };
  // A refused Gateway stands still in this too.
  const { infrastructure, verdicts: unborne } =
    refusal === undefined ? infrastructureOf(gateway, its, facts) : { verdicts: [] };
  const report: Report = {
    on: keyOf(ref),
    uid: gateway.metadata.uid,
    generation: gateway.metadata.generation,
    verdicts: [
      accepted,
      standing,
      clusterObserved(facts),
      ...ignoredAnnotations(gateway, its),
      ...unborne,
      ...listeners.flatMap((one) => listenerVerdicts(one, all, standing.status === "True")),
    ],
    listeners: listeners.map((one) => listenerStatus(one, attached.get(one.listener.name) ?? 0)),
    attachedListenerSets: sets,
    ...(addresses === undefined ? {} : { addresses }),
    ...(infrastructure && { infrastructure }),
  };
  return { want: { is: "nothing" }, reports: [report] };
}

/** Whoever asks for what a class has not must know. */
function ignoredAnnotations({ metadata }: Gateway, its: ClassName): readonly Verdict[] {
  const message = its === "espalier" ? notOfEspalier(metadata.annotations) : undefined;
  const [type, status, reason] = ["espalier.dev/Annotations", "False", "Ignored"] as const;
  return message === undefined ? [] : [{ subject: { at: "object" }, type, status, reason, message }];
}

/**
 * The address, where the default service can be reached by it. While that is being made, or it is not known which network it must be in,
 * what was published before stays.
 */
function published(address: ServiceOutput | undefined, network: Output | undefined): Report["addresses"] {
  if (address?.at === undefined) return undefined;
  if (isMissing(network)) return [];
  if (!isFound(network)) return undefined;
  return address.at.networks.includes(network.id) ? [{ type: "Hostname", value: address.at.dnsName }] : [];
}

/** The Gateway's own listeners among all that it has, and how many ListenerSets add listeners of which any can be had. */
async function ownListeners(
  view: View,
  registration: Registration,
  root: GatewayRoot,
  gateway: Gateway,
  its: ClassName,
) {
  const { all, sets } = await listenersOf(view, root.cluster, gateway);
  const owner: Owner = { kind: "Gateway", namespace: root.namespace, name: root.name };
  const listeners = await judgeListeners(
    view,
    registration,
    its,
    all.filter((one) => isOf(one, owner)),
    all.map((one) => one.listener),
  );
  const accepted = sets.filter(({ set: { metadata }, admitted }) => {
    const its: Owner = { kind: "ListenerSet", namespace: metadata.namespace, name: metadata.name };
    return (
      admitted === true &&
      all.some((one) => isOf(one, its) && one.conflict === undefined && one.unsupported === undefined)
    );
  });
  return { listeners, all, sets: accepted.length };
}

const addressKey = ({ cluster, namespace, name }: GatewayRoot) =>
  rootKey({ kind: "service", cluster, of: "Gateway", namespace, name, hostname: "" });

/** The default service, whose generated name is the Gateway's address. Looking at it makes it wanted. */
async function addressOf(view: View, root: GatewayRoot): Promise<ServiceOutput | undefined> {
  const output = await view.output(addressKey(root));
  return output?.kind === "service" ? output : undefined;
}

/** A Gateway none of whose own listeners can be stands all the same while a ListenerSet adds one that can. */
function acceptedVerdict(listeners: readonly JudgedListener[], sets: number, its: ClassName): Verdict {
  const say = (status: "True" | "False", reason: string, message: string): Verdict => ({
    subject: { at: "object" },
    type: "Accepted",
    status,
    reason,
    message,
  });
  const bad = listeners.filter((one) => one.refused !== undefined).length;
  if (bad === 0) return say("True", "Accepted", controllers[its]);
  const message = `${bad} of ${listeners.length} listeners are not accepted; see their conditions`;
  return say(bad === listeners.length && sets === 0 ? "False" : "True", "ListenersNotValid", message);
}

/** Whether a Gateway's configuration has reached Lattice: its network is there, and in class `espalier` its address. */
function programmed(
  network: Output | undefined,
  name: string,
  { account, region }: Registration,
  its: ClassName,
  address: ServiceOutput | undefined,
): Verdict {
  const say = (status: "True" | "False", reason: string, message: string): Verdict => ({
    subject: { at: "object" },
    type: "Programmed",
    status,
    reason,
    message,
  });
  if (!isNetworkName(name)) return say("False", "Invalid", lackOf(name, { account, region }, network));
  if (network?.kind !== "service-network")
    return say("False", "Pending", lackOf(name, { account, region }, network));
  switch (network.state) {
    case "found":
      if (its === "espalier") {
        const lack = lackOfAddress(address, network);
        if (lack !== undefined) return say("False", lack.reason, lack.message);
      }
      return say("True", "Programmed", `aws-service-network-arn: ${network.arn}`);
    case "failed":
      return say("False", "Failed", lackOf(name, { account, region }, network));
    case "missing":
      return say(
        "False",
        "Pending",
        `VPC Lattice Service Network not found: there is none of name or id ${name} in account ${account}, ${region}. Create it, or share it with the account: then it is found by itself, at the latest two minutes later`,
      );
    case "ambiguous":
      return say(
        "False",
        "Invalid",
        `several service networks match ${name}: ${network.ids.join(", ")}. Name the Gateway after the id of the right one`,
      );
  }
}

/**
 * Why the address of a Gateway does not answer as its listeners have it, by what its default service says; undefined where it does.
 * What is on its way for a route is no lack: the address is there and goes on.
 */
function lackOfAddress(
  address: ServiceOutput | undefined,
  network: FoundNetwork,
): { readonly reason: "Pending" | "Invalid" | "Failed"; readonly message: string } | undefined {
  const reasons = {
    programmed: "Pending",
    pending: "Pending",
    invalid: "Invalid",
    failed: "Failed",
  } as const;
  if (address === undefined) return { reason: "Pending", message: "its default service is being made" };
  const { at, closed = [], standing } = address;
  const reason = reasons[standing.is];
  const isIn = at?.networks.includes(network.id) === true;
  if (isIn && (closed.length === 0 || reason === "Pending")) return undefined;
  const message =
    standing.is === "programmed"
      ? `its default service is not in service network ${network.name} yet`
      : standing.message;
  return { reason, message };
}

/** What a Gateway of ours says of itself to its ListenerSets. */
export async function standingOf(
  view: View,
  root: GatewayRoot,
  gateway: Gateway,
  its: ClassName,
  facts: ClusterFacts,
): Promise<{ readonly accepted: boolean; readonly programmed: boolean }> {
  const network = await networkOf(view, facts.registration, gateway);
  const address = its === "espalier" ? await addressOf(view, root) : undefined;
  const name = networkName(facts.registration, gateway);
  const verdict = programmed(network, name, facts.registration, its, address);
  const accepted = refusalOf(gateway) === undefined;
  return { accepted, programmed: accepted && verdict.status === "True" };
}
