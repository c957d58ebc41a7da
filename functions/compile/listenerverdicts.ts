import type { Registration } from "../model/cluster.ts";
import type { ClassName, Verdict } from "../model/verdict.ts";
import { lackOfCertificate } from "./certificates.ts";
import type { Listener } from "../model/objects.ts";
import { intersection } from "./hostname.ts";
import { refsOf, type Problem, type RefsProblem } from "./listenerproblems.ts";
import { nameFor, type GatewayListener } from "./listeners.ts";
import { supportedKinds } from "./routekinds.ts";
import type { View } from "./view.ts";

/** A listener with all that is the matter with it. */
export interface JudgedListener extends GatewayListener {
  /** Why it is not accepted. */
  readonly refused?: Problem | undefined;
  readonly refs?: RefsProblem | undefined;
  /** Why nobody is answered over TLS. */
  readonly uncertified?: string | undefined;
}

/** Judges listeners for their status, beside all listeners of their Gateway, by the rules of its class. */
export const judgeListeners = (
  view: View,
  registration: Registration,
  its: ClassName,
  all: readonly GatewayListener[],
  siblings: readonly Listener[],
): Promise<readonly JudgedListener[]> => {
  const lenient = registration.profile === "incumbent" && its === "amazon-vpc-lattice";
  return Promise.all(
    all.map(async (one) => {
      const refs = await refsOf(view, registration.cluster, one.owner, one.listener, lenient);
      const uncertified = await lackOfCertificate(view, registration, one.listener, siblings, lenient);
      const refused = one.conflict ?? one.unsupported;
      return {
        ...one,
        ...(refused === undefined ? {} : { refused }),
        ...(refs === undefined ? {} : { refs }),
        ...(uncertified === undefined ? {} : { uncertified }),
      };
    }),
  );
};

/** The conditions of a listener (gateway-api spec, ListenerConditionType). `programmed` says whether its Gateway is. */
export function listenerVerdicts(
  one: JudgedListener,
  all: readonly GatewayListener[],
  programmed: boolean,
): readonly Verdict[] {
  const { listener, refused, conflict, refs } = one;
  const say = (type: string, status: Verdict["status"], reason: string, message = ""): Verdict => ({
    subject: { at: "listener", name: listener.name },
    type,
    status,
    reason,
    message,
  });
  const overlap = overlapping(one, all);
  return [
    refused === undefined
      ? say("Accepted", "True", "Accepted")
      : say("Accepted", "False", refused.reason, refused.message),
    ...(conflict === undefined ? [] : [say("Conflicted", "True", conflict.reason, conflict.message)]),
    refs === undefined
      ? say("ResolvedRefs", "True", "ResolvedRefs")
      : say("ResolvedRefs", refs.is === "wrong" ? "False" : "Unknown", refs.reason, refs.message),
    ...(overlap === undefined ? [] : [say("OverlappingTLSConfig", "True", "OverlappingHostnames", overlap)]),
    refused !== undefined || isSpoiled(one)
      ? say("Programmed", "False", invalidReason(one), "see the other conditions of this listener")
      : refs?.is === "unknown"
        ? say("Programmed", "False", "Pending", refs.message)
        : one.uncertified !== undefined
          ? say("Programmed", "False", "Invalid", one.uncertified)
          : programmed
            ? say("Programmed", "True", "Programmed", secretsNote(one))
            : say("Programmed", "False", "Pending", "the Gateway is not programmed"),
  ];
}

/** Whether what a listener refers to keeps it from being used. Route kinds that it cannot take leave it the others. */
const isSpoiled = ({ listener, refs }: JudgedListener): boolean =>
  refs?.is === "wrong" && (refs.reason !== "InvalidRouteKinds" || supportedKinds(listener).length === 0);

/** Of a ListenerSet the one that comes too late says why (GEP-1713, listener conflicts). */
const invalidReason = ({ owner, conflict }: JudgedListener): string =>
  owner.kind === "ListenerSet" && conflict !== undefined ? conflict.reason : "Invalid";

/** Whoever names a Secret must know that it is not what clients see. */
const secretsNote = ({ listener }: GatewayListener): string =>
  (listener.tls?.certificateRefs.length ?? 0) > 0 && listener.protocol === "HTTPS"
    ? "its Secrets are not used: Lattice has certificates of ACM, found by hostname or named in tls.options"
    : "";

/** Hostnames of another HTTPS listener on the port that a client could take this one's connection for (gateway-api spec, OverlappingTLSConfig). */
function overlapping(one: GatewayListener, all: readonly GatewayListener[]): string | undefined {
  if (one.listener.protocol !== "HTTPS") return undefined;
  const other = all.find(
    ({ listener }) =>
      listener !== one.listener &&
      listener.protocol === "HTTPS" &&
      listener.port === one.listener.port &&
      intersection(listener.hostname, one.listener.hostname) !== undefined,
  );
  return other === undefined
    ? undefined
    : `its hostname overlaps with that of listener ${nameFor(one.owner, other)}; clients may use one connection for both`;
}

/** What Kubernetes wants to know of a listener besides conditions. */
export const listenerStatus = ({ listener }: GatewayListener, attachedRoutes: number) => ({
  name: listener.name,
  supportedKinds: supportedKinds(listener).map(({ group, kind }) => ({ group, kind })),
  attachedRoutes,
});
