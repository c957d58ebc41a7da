import type { ClusterName } from "../model/ids.ts";
import type { Gateway, Listener } from "../model/objects.ts";
import type { ParentRef, Route } from "../model/routes.ts";
import { gatewayOf, parentOf } from "../model/reads.ts";
import type { ClassName } from "../model/verdict.ts";
import { attach, type Attachment } from "./attachment.ts";
import { classLack, classOf, wasOurs } from "./class.ts";
import { judgedByFirst } from "./firstgateway.ts";
import { isOf, listenersOf, type Owner } from "./listeners.ts";
import type { View } from "./view.ts";

/** A parentRef whose Gateway is of a class of ours, and how the route is attached by it. */
export interface Parent {
  readonly ref: ParentRef;
  readonly gateway: Gateway;
  readonly class: ClassName;
  readonly attachment: Attachment;
  /** Where the in-cluster controller's rules hold: the listeners that it names, whether or not they take the route, in the Gateway's order. */
  readonly named?: readonly Listener[] | undefined;
}

/** What is known of the parents of a route. */
export interface Parents {
  /** Those that are ours, in the order in which they are named. */
  readonly parents: readonly Parent[];
  /** What is not known yet. */
  readonly unknown: readonly string[];
  /** What it names and there is not, whoever would be its parent. */
  readonly missing: readonly string[];
  /** The Gateways of those that were ours and take the route still, but for their class, which is missing: a route that is served there stands still. */
  readonly lost: readonly Gateway[];
}

/** The parents of a route that are ours; or what is not known of them yet. */
export async function parentsOf(
  view: View,
  cluster: ClusterName,
  route: Route,
  incumbent: boolean,
): Promise<Parents> {
  const found = await Promise.all(route.spec.parentRefs.map((ref) => parent(view, cluster, route, ref)));
  const standard = found.flatMap((one) => (typeof one === "object" && "ref" in one ? [one] : []));
  const judged = incumbent ? await judgedByFirst(view, cluster, route, standard) : standard;
  const parents = typeof judged === "string" ? standard : judged;
  return {
    parents,
    unknown: [
      ...found.flatMap((one) => (typeof one === "string" ? [one] : [])),
      ...parents.flatMap(({ attachment }) => (attachment.is === "unknown" ? [attachment.why] : [])),
      ...(typeof judged === "string" ? [judged] : []),
    ],
    missing: [
      ...new Set(found.flatMap((one) => (typeof one === "object" && "missing" in one ? [one.missing] : []))),
    ],
    lost: found.flatMap((one) => (typeof one === "object" && "lost" in one ? [one.lost] : [])),
  };
}

/** What is named and is not there, in words. */
interface Missing {
  readonly missing: string;
}

/** Answers a text for what is not known yet, and undefined for a parent that is not ours. */
async function parent(
  view: View,
  cluster: ClusterName,
  route: Route,
  ref: ParentRef,
): Promise<Parent | Missing | { readonly lost: Gateway } | string | undefined> {
  const owner = parentOf(route, ref);
  if (owner === undefined) return undefined;
  const gateway = await gatewayBehind(view, cluster, owner);
  if (typeof gateway === "string" || "missing" in gateway) return gateway;
  const its = await classOf(view, cluster, gateway);
  if (its === "unknown") return classLack(gateway, its);
  if (its === "foreign" || (its === "missing" && !(await wasOurs(view, cluster, gateway)))) return undefined;
  const { all, sets } = await listenersOf(view, cluster, gateway);
  const set = sets.find(
    ({ set: { kind, metadata } }) =>
      kind === owner.kind && metadata.namespace === owner.namespace && metadata.name === owner.name,
  );
  if (set?.admitted === "unknown") return `the labels of namespace ${owner.namespace} are not known yet`;
  const attachment: Attachment =
    set?.admitted === false
      ? {
          is: "refused",
          reason: "NoMatchingParent",
          message: `Gateway ${gateway.metadata.namespace}/${gateway.metadata.name} does not allow ListenerSet ${owner.namespace}/${owner.name}`,
        }
      : await attach(
          view,
          cluster,
          route,
          ref,
          all.filter((one) => isOf(one, owner)),
        );
  if (its === "missing") return attachment.is === "refused" ? undefined : { lost: gateway };
  return { ref, gateway, class: its, attachment };
}

/** The Gateway that a parent is or adds to; a text when that is not known yet. */
async function gatewayBehind(
  view: View,
  cluster: ClusterName,
  owner: Owner,
): Promise<Gateway | Missing | string> {
  const name = await gatewayNameOf(view, cluster, owner);
  if (typeof name === "string" || "missing" in name) return name;
  const seen = await view.object({ cluster, kind: "Gateway", ...name });
  if (seen.is === "unknown") return `Gateway ${name.namespace}/${name.name} is not known yet`;
  return seen.is === "known" ? seen.object : { missing: `Gateway ${name.namespace}/${name.name}` };
}

async function gatewayNameOf(
  view: View,
  cluster: ClusterName,
  { kind, namespace, name }: Owner,
): Promise<{ readonly namespace: string; readonly name: string } | Missing | string> {
  if (kind === "Gateway") return { namespace, name };
  const seen = await view.object({ cluster, kind, namespace, name });
  if (seen.is === "unknown") return `ListenerSet ${namespace}/${name} is not known yet`;
  return seen.is === "known" ? gatewayOf(seen.object) : { missing: `ListenerSet ${namespace}/${name}` };
}
