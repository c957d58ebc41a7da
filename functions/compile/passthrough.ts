import { actionOf, type ActionContext } from "./action.ts";
import { resolve } from "./backend.ts";
import { byAge } from "./listeners.ts";
import { rulesOf } from "./routerules.ts";
import type { Attached } from "./rules.ts";
import type { ServedPort } from "./serving.ts";

/** Of several TLSRoutes on a port the one that fits best is served, and of equals the oldest: nothing else tells connections apart. */
export const withOnePassedThrough = (port: ServedPort): ServedPort =>
  port.protocol === "TLS_PASSTHROUGH"
    ? {
        ...port,
        attached: port.attached.toSorted((a, b) => a.tier - b.tier || byAge(a.route, b.route)).slice(0, 1),
      }
    : port;

/** A TLSRoute without a valid backend gets no listener: nothing can be answered for it. */
export async function passthrough(context: ActionContext, [first]: readonly Attached[]) {
  if (first === undefined) return undefined;
  const referrer = { cluster: context.root.cluster, route: first.route, lenient: context.lenient };
  const [rule] = rulesOf(first.route, context.lenient);
  if (rule === undefined) return undefined;
  const backends = await Promise.all(
    rule.backendRefs.map((ref) => resolve(context.view, referrer, ref, rule.text)),
  );
  const its = await actionOf(context, backends);
  if (its.action.do === "fixed") return undefined;
  const { route } = first;
  return {
    ...its,
    route,
    troubles: its.troubles.map((one) => ({ ...one, route })),
    unready: its.unready.map((one) => ({ ...one, route })),
  };
}
