import { keyOf, type ObjectRef } from "../model/objects.ts";
import { gatewayOf } from "../model/reads.ts";
import type { ListenerSetRoot } from "../model/roots.ts";
import type { Report, Verdict } from "../model/verdict.ts";
import { attachedRoutes } from "./attachedroutes.ts";
import { classLack, classOf } from "./class.ts";
import { waitToKnow, type Compiled } from "./compiled.ts";
import { standingOf } from "./gateway.ts";
import { isOf, listenersOf, type Owner } from "./listeners.ts";
import { judgeListeners, listenerStatus, listenerVerdicts, type JudgedListener } from "./listenerverdicts.ts";
import type { View } from "./view.ts";

const nothing: Compiled = { want: { is: "nothing" }, reports: [] };

/** A ListenerSet adds listeners to a Gateway of ours, if that admits it; what it has of its own is only its status (GEP-1713). */
export async function compileListenerSet(root: ListenerSetRoot, view: View): Promise<Compiled> {
  const { cluster, namespace, name } = root;
  const ref: ObjectRef<"ListenerSet"> = { cluster, kind: "ListenerSet", namespace, name };
  const seen = await view.object(ref);
  if (seen.is !== "known") return nothing;
  const parent = gatewayOf(seen.object);
  const report = (rest: Pick<Report, "verdicts" | "listeners">): Compiled => ({
    want: { is: "nothing" },
    reports: [
      { on: keyOf(ref), uid: seen.object.metadata.uid, generation: seen.object.metadata.generation, ...rest },
    ],
  });
  const found = await view.object({ cluster, kind: "Gateway", ...parent });
  if (found.is === "unknown")
    return waitToKnow(`Gateway ${parent.namespace}/${parent.name} is not known yet`);
  if (found.is === "missing") {
    // Whose it is only its Gateway says: of one that never was ours nothing is said.
    const why = `there is no Gateway ${parent.namespace}/${parent.name}`;
    return view.own.told ? report({ verdicts: parentLacks(why), listeners: [] }) : nothing;
  }
  const gateway = found.object;
  const its = await classOf(view, cluster, gateway);
  // What was said of it before stands.
  if (its === "unknown" || its === "missing") return waitToKnow(classLack(gateway, its));
  const facts = await view.cluster(cluster);
  if (its === "foreign" || facts === undefined) return nothing;
  const { all, sets } = await listenersOf(view, cluster, gateway);
  const admitted = sets.find(({ set }) => set.metadata.uid === seen.object.metadata.uid)?.admitted;
  if (admitted === "unknown") return waitToKnow(`the labels of namespace ${namespace} are not known yet`);
  const owner: Owner = { kind: "ListenerSet", namespace, name };
  if (admitted !== true) {
    const why = `Gateway ${parent.namespace}/${parent.name} does not allow ListenerSets of namespace ${namespace}; see its allowedListeners`;
    return report({
      verdicts: [say("Accepted", "False", "NotAllowed", why), say("Programmed", "False", "NotAllowed", why)],
      listeners: [],
    });
  }
  const standing = await standingOf(view, { kind: "gateway", cluster, ...parent }, gateway, its, facts);
  const listeners = await judgeListeners(
    view,
    facts.registration,
    its,
    all.filter((one) => isOf(one, owner)),
    all.map((one) => one.listener),
  );
  const incumbent = facts.registration.profile === "incumbent";
  const attached = await attachedRoutes(view, cluster, gateway, owner, incumbent);
  return report({
    verdicts: [
      ...objectVerdicts(listeners, standing),
      ...listeners.flatMap((one) => listenerVerdicts(one, all, standing.programmed)),
    ],
    listeners: listeners.map((one) => listenerStatus(one, attached.get(one.listener.name) ?? 0)),
  });
}

const say = (type: string, status: "True" | "False", reason: string, message = ""): Verdict => ({
  subject: { at: "object" },
  type,
  status,
  reason,
  message,
});

/** A set cannot be accepted where its Gateway is not (GEP-1713). */
const parentLacks = (message: string): readonly Verdict[] => [
  say("Accepted", "False", "ParentNotAccepted", message),
  say("Programmed", "False", "ParentNotProgrammed", message),
];

/** Accepted and Programmed of the set as a whole (gateway-api spec, ListenerSetConditionType). */
function objectVerdicts(
  listeners: readonly JudgedListener[],
  gateway: { readonly accepted: boolean; readonly programmed: boolean },
): readonly Verdict[] {
  if (!gateway.accepted) return parentLacks("its Gateway is not accepted");
  const bad = listeners.filter((one) => one.refused !== undefined).length;
  const message =
    bad === 0 ? "" : `${bad} of ${listeners.length} listeners are not accepted; see their conditions`;
  if (bad === listeners.length)
    return [
      say("Accepted", "False", "ListenersNotValid", message),
      say("Programmed", "False", "ListenersNotValid", message),
    ];
  return [
    say("Accepted", "True", bad === 0 ? "Accepted" : "ListenersNotValid", message),
    gateway.programmed
      ? say("Programmed", "True", "Programmed")
      : say("Programmed", "False", "ParentNotProgrammed", "its Gateway is not programmed"),
  ];
}
