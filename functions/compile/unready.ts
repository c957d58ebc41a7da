import type { Unusable } from "../model/lattice.ts";
import type { Route } from "../model/routes.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Judgements } from "./judge.ts";
import type { Served } from "./routeservices.ts";
import { isLenient, say, type Acceptance } from "./routeverdicts.ts";
import type { RouteUnready } from "./rules.ts";
import { routeText } from "./serving.ts";

/** Backends without an endpoint that can answer, by route. */
export function unreadyByRoute(all: readonly RouteUnready[]): Readonly<Record<string, readonly Unusable[]>> {
  const found: Record<string, Unusable[]> = {};
  for (const { route, group, backend } of all) {
    const its = (found[routeText(route)] ??= []);
    if (!its.some((one) => one.group === group)) its.push({ group, backend });
  }
  return found;
}

/**
 * What keeps the endpoints of a route's backends from answering, on each parent that takes it. That none is ready is what its services
 * say, so it is told when the last one goes and when the first one comes, and for no other pod. What a rule only waits for is not
 * among it: there Programmed says so.
 */
export function endpointVerdicts(
  route: Route,
  accepted: readonly Acceptance[],
  served: readonly Served[],
  judgements: Judgements,
  incumbent: boolean,
): readonly Verdict[] {
  return accepted.flatMap(({ parent, refused }) => {
    if (refused !== undefined) return [];
    const { otherFamily } = judgements[parent.class];
    const its = served.filter((one) => one.parents.includes(parent));
    const none = [...new Set(its.flatMap(({ output }) => output?.unready?.[routeText(route)] ?? []))];
    const others = none.filter(
      (backend) =>
        !otherFamily.some(({ service }) => backend === service || backend.startsWith(`${service},`)),
    );
    const say503 =
      route.kind === "TLSRoute" ? "connections that go there fail" : "what goes there is answered 503";
    const messages = [
      ...otherFamily.map(({ message }) => message),
      ...(others.length === 0
        ? []
        : [
            `${others.toSorted().join("; ")}: 0 endpoints are ready and registered${isLenient(parent, incumbent) ? "" : `, and ${say503} until one is`}`,
          ]),
    ];
    const reason = otherFamily.length > 0 ? "OtherFamily" : "NoneReady";
    return messages.length === 0
      ? []
      : [say(parent, "espalier.dev/Endpoints", "False", reason, messages.join("; "))];
  });
}
