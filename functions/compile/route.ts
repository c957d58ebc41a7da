import type { Registration } from "../model/cluster.ts";
import type { ListenerModel, RuleModel, ServiceModel } from "../model/lattice.ts";
import { keyOf, type HTTPRoute, type ObjectRef, type ParentRef } from "../model/objects.ts";
import { rootKey, type ServiceRoot } from "../model/roots.ts";
import { controllerName, type Report, type Verdict } from "../model/verdict.ts";
import type { Compiled } from "./compiled.ts";
import { isWildcard } from "./hostname.ts";
import { listenerName, serviceName } from "./names.ts";
import { parentsOf, type Parent } from "./parents.ts";
import { tooMany } from "./quota.ts";
import type { RouteContext } from "./backend.ts";
import { compileRules, type CompiledRules } from "./rules.ts";
import { serviceTags } from "./tags.ts";
import { acceptance, acceptedOf, reports, type Acceptance } from "./verdicts.ts";
import type { View } from "./view.ts";

/** A route of class amazon-vpc-lattice: one Lattice service, with a listener for each port that takes the route. */
export async function compileService(root: ServiceRoot, view: View): Promise<Compiled> {
  const ref: ObjectRef<"HTTPRoute"> = {
    cluster: root.cluster,
    kind: "HTTPRoute",
    namespace: root.namespace,
    name: root.name,
  };
  const seen = await view.object(ref);
  if (seen.is === "missing") return { want: { is: "absent" }, reports: [] };
  if (seen.is === "unknown") return wait([`HTTPRoute ${root.namespace}/${root.name} is not known yet`]);
  const route = seen.object;
  const facts = await view.cluster(root.cluster);
  if (facts === undefined) return wait([`cluster ${root.cluster} is not registered`]);
  const { parents, unknown } = await parentsOf(view, root.cluster, route);
  if (unknown.length > 0) return wait(unknown);
  if (parents.length === 0) return { want: { is: "absent" }, reports: [] };
  const incumbent = facts.registration.profile === "incumbent";
  const context: RouteContext = { view, root, route, incumbent, groups: "named" };
  const named = await compileRules(context);
  const accepted = acceptance(parents, named, customDomain(route, parents, incumbent));
  return assemble({ context, registration: facts.registration, accepted, named });
}

interface Parts {
  readonly context: RouteContext;
  readonly registration: Registration;
  readonly accepted: readonly Acceptance[];
  /** The rules before any target group was looked at. */
  readonly named: CompiledRules;
}

/** A route that nobody takes, that breaks a quota or that has no network yet asks for no target group. */
async function assemble({ context, registration, accepted, named }: Parts): Promise<Compiled> {
  const { view, root, route, incumbent } = context;
  const report = (rules: CompiledRules, more: readonly Verdict[] = []): Report => ({
    on: keyOf({ cluster: root.cluster, kind: "HTTPRoute", ...nameOf(route) }),
    uid: route.metadata.uid,
    generation: route.metadata.generation,
    controllerName,
    verdicts: [...reports(accepted, rules), ...more],
  });
  const taken = acceptedOf(accepted);
  // Nobody takes the route: by the standard it has no traffic, so it has no service.
  if (taken.length === 0) return { want: { is: "absent" }, reports: [report(named)] };
  const parents = incumbent ? taken.slice(0, 1) : taken;
  const quotas = await view.quotas(registration.account, registration.region);
  const over = tooMany(listenersOf(root, parents, named.rules), named.rules, quotas);
  if (over !== undefined) {
    const verdicts = taken.map(({ ref }) => notProgrammed(ref, "Invalid", over));
    return { want: { is: "wait", why: [over] }, reports: [report(named, verdicts)] };
  }
  const { networks, missing } = await networksOf(view, registration, taken);
  if (networks.length === 0) {
    const why = missing.map((verdict) => verdict.message);
    return { want: { is: "wait", why }, reports: [report(named, missing)] };
  }
  const rules = await compileRules({ ...context, groups: "seen" });
  const domain = customDomain(route, taken, incumbent);
  const certificate = certificateOf(taken);
  const model: ServiceModel = {
    kind: "service",
    account: registration.account,
    region: registration.region,
    name: view.own.name ?? serviceName(root),
    ...(domain.is === "name" ? { customDomainName: domain.name } : {}),
    ...(certificate === undefined ? {} : { certificateArn: certificate }),
    tags: serviceTags(root, registration, view.installation),
    networks,
    listeners: listenersOf(root, parents, rules.rules),
  };
  return { want: { is: "model", model }, reports: [report(rules, missing)] };
}

const nameOf = ({ metadata: { namespace, name } }: HTTPRoute) => ({ namespace, name });

const notProgrammed = (ref: ParentRef, reason: "Invalid" | "Pending", message: string): Verdict => ({
  subject: { at: "parent", ref },
  type: "Programmed",
  status: "False",
  reason,
  message,
});

/** One Lattice listener for each port and protocol that takes the route; all of them carry the same rules. */
function listenersOf(
  root: ServiceRoot,
  parents: readonly Parent[],
  rules: readonly RuleModel[],
): readonly ListenerModel[] {
  const byPort = new Map<number, ListenerModel>();
  for (const { attachment } of parents) {
    if (attachment.is !== "accepted") continue;
    for (const { listener } of attachment.listeners) {
      const protocol = listener.protocol === "HTTPS" ? "HTTPS" : "HTTP";
      if (byPort.has(listener.port)) continue;
      byPort.set(listener.port, {
        name: listenerName(root, listener.port, protocol),
        port: listener.port,
        protocol,
        defaultAction: { do: "fixed", status: 404 },
        rules,
      });
    }
  }
  return [...byPort.values()].toSorted((a, b) => a.port - b.port);
}

/** The service networks of the Gateways that take the route, and what to say of those that are not there. */
async function networksOf(
  view: View,
  registration: Registration,
  parents: readonly Parent[],
): Promise<{ readonly networks: ServiceModel["networks"]; readonly missing: readonly Verdict[] }> {
  const { account, region } = registration;
  const networks = new Map<string, ServiceModel["networks"][number]>();
  const missing: Verdict[] = [];
  for (const { ref, gateway } of parents) {
    const network = gateway.metadata.name;
    const output = await view.output(rootKey({ kind: "service-network", account, region, network }));
    if (output?.kind === "service-network" && output.state === "found") {
      networks.set(output.id, { name: network, id: output.id, arn: output.arn });
      continue;
    }
    const found = output?.kind === "service-network" ? output.state : "being looked for";
    const message = `service network ${network} is ${found} in account ${account}, ${region}`;
    missing.push(notProgrammed(ref, "Pending", message));
  }
  return { networks: [...networks.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)), missing };
}

export type CustomDomain =
  | { readonly is: "none" }
  | { readonly is: "name"; readonly name: string }
  | { readonly is: "wildcards" };

/**
 * The custom domain of the service: the first hostname that route and listeners have in common. Lattice has no wildcard
 * domains, so a route that has nothing but wildcards cannot be served. The in-cluster controller takes the route's first.
 */
function customDomain(route: HTTPRoute, parents: readonly Parent[], incumbent: boolean): CustomDomain {
  const [first] = route.spec.hostnames;
  if (incumbent) return first === undefined ? { is: "none" } : { is: "name", name: first };
  const all = parents.flatMap(({ attachment }) =>
    attachment.is === "accepted" ? attachment.listeners.flatMap((one) => one.hostnames) : [],
  );
  const exact = all.find((hostname) => hostname !== "" && !isWildcard(hostname));
  if (exact !== undefined) return { is: "name", name: exact };
  return all.length > 0 && all.every(isWildcard) ? { is: "wildcards" } : { is: "none" };
}

function certificateOf(parents: readonly Parent[]): string | undefined {
  const listeners = parents.flatMap(({ attachment }) =>
    attachment.is === "accepted" ? attachment.listeners.map((one) => one.listener) : [],
  );
  return listeners
    .map((listener) => listener.tls?.options["application-networking.k8s.aws/certificate-arn"])
    .find((arn) => arn !== undefined);
}

const wait = (why: readonly string[]): Compiled => ({ want: { is: "wait", why }, reports: [] });
