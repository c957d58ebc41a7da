import type { Attached } from "./rules.ts";
import { rulesOf } from "./routerules.ts";

/**
 * Why a service of a cluster that moved over stays as it is: a rule of one of its routes sends to a ServiceImport, which is not
 * served here. The in-cluster controller's rule does, and one without the import would move its share to other backends.
 */
export function importAmong(attached: readonly Attached[]): string | undefined {
  for (const { route } of attached)
    for (const { text, backendRefs } of rulesOf(route, true)) {
      const ref = backendRefs.find(({ kind }) => kind === "ServiceImport");
      if (ref !== undefined)
        return `${route.kind} ${route.metadata.name}, ${text}: ServiceImport ${ref.name} is not supported yet; what there is stays as it is`;
    }
  return undefined;
}
