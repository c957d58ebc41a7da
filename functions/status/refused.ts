import { getObject } from "../desired/objects.ts";
import type { Table } from "../desired/table.ts";
import type { ObjectRef, ParentRef } from "../model/objects.ts";
import { controllerName, type Report } from "../model/verdict.ts";
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
      if (ref.kind !== "HTTPRoute") return current;
      const parents = await ourParents(ref, live.parentRefs, table);
      return {
        ...current,
        verdicts: report.verdicts.flatMap((verdict) =>
          parents.map((parent) => ({ ...verdict, subject: { at: "parent" as const, ref: parent } })),
        ),
      };
    }),
  );
}

async function ourParents(
  route: ObjectRef,
  refs: readonly ParentRef[],
  table: Table,
): Promise<readonly ParentRef[]> {
  const checked = await Promise.all(
    refs.map(async (ref) => {
      const namespace = ref.namespace ?? route.namespace;
      const gateway = await getObject(table, {
        cluster: route.cluster,
        kind: "Gateway",
        namespace,
        name: ref.name,
      });
      if (gateway?.is !== "object" || gateway.object.kind !== "Gateway") return [];
      const name = gateway.object.spec.gatewayClassName;
      const its = await getObject(table, {
        cluster: route.cluster,
        kind: "GatewayClass",
        namespace: "",
        name,
      });
      const ours =
        its?.is === "object" &&
        its.object.kind === "GatewayClass" &&
        its.object.spec.controllerName === controllerName;
      return ours ? [ref] : [];
    }),
  );
  return checked.flat();
}
