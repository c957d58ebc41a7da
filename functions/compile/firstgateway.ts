import type { ClusterName } from "../model/ids.ts";
import type { Gateway } from "../model/objects.ts";
import type { Route } from "../model/routes.ts";
import { attach, namedBy, type Attachment } from "./attachment.ts";
import { classLack, classOf, wasOurs } from "./class.ts";
import { isOf, listenersOf } from "./listeners.ts";
import type { Parent } from "./parents.ts";
import type { View } from "./view.ts";

/**
 * The parents of a route as the in-cluster controller judges them (reference-controller.md 4.0, 4.1): all by the listeners of one
 * Gateway, the first of its class that it finds. Only parentRefs that bear this Gateway's name bring listeners; the others bring their
 * networks. Answers a text while it is not known which Gateway that is.
 */
export async function judgedByFirst(
  view: View,
  cluster: ClusterName,
  route: Route,
  parents: readonly Parent[],
): Promise<readonly Parent[] | string> {
  const first = await firstGateway(view, cluster, route, parents);
  if (typeof first === "string") return first;
  return Promise.all(
    parents.map(async (one) => {
      if (one.class !== "amazon-vpc-lattice" || one.ref.kind !== "Gateway") return one;
      const its =
        first === undefined ? { attachment: lost(one) } : await judgedBy(view, cluster, route, one, first);
      return { ...one, ...its };
    }),
  );
}

/** The first Gateway of class `amazon-vpc-lattice` among the parentRefs, a namespace of one of which counts for those after it. */
async function firstGateway(
  view: View,
  cluster: ClusterName,
  route: Route,
  parents: readonly Parent[],
): Promise<Gateway | string | undefined> {
  let carried = route.metadata.namespace;
  for (const ref of route.spec.parentRefs) {
    carried = ref.namespace ?? carried;
    if (ref.kind !== "Gateway") continue;
    const found =
      carried === (ref.namespace ?? route.metadata.namespace)
        ? parents.find((one) => one.ref === ref && one.class === "amazon-vpc-lattice")?.gateway
        : await ofClass(view, cluster, carried, ref.name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A Gateway of class `amazon-vpc-lattice` that no parentRef names by the standard: the forwarder says of none that it is missing. */
async function ofClass(
  view: View,
  cluster: ClusterName,
  namespace: string,
  name: string,
): Promise<Gateway | string | undefined> {
  const all = await view.list(cluster, { kind: "Gateway", by: "cluster", value: "" });
  const found = all.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  if (found === undefined) return undefined;
  const its = await classOf(view, cluster, found);
  if (its === "unknown" || (its === "missing" && (await wasOurs(view, cluster, found))))
    return classLack(found, its);
  return its === "amazon-vpc-lattice" ? found : undefined;
}

async function judgedBy(
  view: View,
  cluster: ClusterName,
  route: Route,
  parent: Parent,
  first: Gateway,
): Promise<Pick<Parent, "attachment" | "named">> {
  const { namespace, name } = first.metadata;
  const { all } = await listenersOf(view, cluster, first);
  const own = all.filter((one) => isOf(one, { kind: "Gateway", namespace, name }));
  const attachment = attachedTo(parent, first, await attach(view, cluster, route, parent.ref, own));
  const named = parent.ref.name === name ? namedBy(parent.ref, own).map(({ listener }) => listener) : [];
  return { attachment, named };
}

function attachedTo(parent: Parent, first: Gateway, attachment: Attachment): Attachment {
  const { namespace, name } = first.metadata;
  if (attachment.is === "accepted")
    return parent.ref.name === name ? attachment : { is: "accepted", listeners: [] };
  if (attachment.is === "unknown" || parent.gateway.metadata.uid === first.metadata.uid) return attachment;
  const why = `in profile incumbent the listeners of Gateway ${namespace}/${name} decide for all parentRefs`;
  return { ...attachment, message: `${attachment.message}: ${why}` };
}

const lost = ({ ref }: Parent): Attachment => ({
  is: "refused",
  reason: "NoMatchingParent",
  message: `in profile incumbent a parentRef without a namespace is looked for in that of the parentRef before it, and there is no Gateway ${ref.name}; name the namespace`,
});
