import { getObject } from "../desired/objects.ts";
import type { Table } from "../desired/table.ts";
import { type Gateway, type ObjectRef } from "../model/objects.ts";
import { isRouteKind, type ParentRef } from "../model/routes.ts";
import { gatewayOf } from "../model/reads.ts";
import { classNamed, controllers, type Report, type Subject } from "../model/verdict.ts";
import type { LiveObject } from "./cluster.ts";

/**
 * Puts what is said of a whole object that could not be taken in where its users look: at its present generation, and of a route
 * on each parent that is a Gateway of ours, because a route has no conditions of its own.
 */
export async function placeRefusals(
  reports: readonly Report[],
  ref: ObjectRef,
  live: LiveObject,
  table: Table,
): Promise<readonly Report[]> {
  return Promise.all(
    reports.map(async (report) => {
      if (report.generation > 0) return report;
      const current = { ...report, generation: live.generation };
      if (!isRouteKind(ref.kind)) return current;
      const parents = await ourParents(ref, live.parentRefs, table);
      return {
        ...current,
        verdicts: report.verdicts.flatMap((verdict) => parents.map((subject) => ({ ...verdict, subject }))),
      };
    }),
  );
}

async function ourParents(
  route: ObjectRef,
  refs: readonly ParentRef[],
  table: Table,
): Promise<readonly Subject[]> {
  const checked = await Promise.all(
    refs.map(async (ref): Promise<readonly Subject[]> => {
      const gateway = await gatewayBehind(route, ref, table);
      if (gateway === undefined) return [];
      const its = await getObject(table, {
        cluster: route.cluster,
        kind: "GatewayClass",
        namespace: "",
        name: gateway.spec.gatewayClassName,
      });
      const found =
        its?.is === "object" && its.object.kind === "GatewayClass"
          ? classNamed(its.object.spec.controllerName)
          : undefined;
      return found === undefined ? [] : [{ at: "parent", ref, controllerName: controllers[found] }];
    }),
  );
  return checked.flat();
}

/** The Gateway that a parentRef names, itself or by one of its ListenerSets. */
async function gatewayBehind(route: ObjectRef, ref: ParentRef, table: Table): Promise<Gateway | undefined> {
  const { cluster } = route;
  const named = { namespace: ref.namespace ?? route.namespace, name: ref.name };
  const set =
    ref.kind === "ListenerSet"
      ? await getObject(table, { cluster, kind: "ListenerSet", ...named })
      : undefined;
  if (ref.kind === "ListenerSet" && !(set?.is === "object" && set.object.kind === "ListenerSet"))
    return undefined;
  const key = set?.is === "object" && set.object.kind === "ListenerSet" ? gatewayOf(set.object) : named;
  const gateway = await getObject(table, { cluster, kind: "Gateway", ...key });
  return gateway?.is === "object" && gateway.object.kind === "Gateway" ? gateway.object : undefined;
}
