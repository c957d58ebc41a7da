import type { Route } from "../model/routes.ts";
import { rootKey, type ServiceRoot } from "../model/roots.ts";
import { resolve } from "./backend.ts";
import { rulesOf } from "./routerules.ts";
import type { View } from "./view.ts";

/**
 * Looks at the target groups of all backends of a route of profile `incumbent`, whatever its rules ask for besides: that makes them
 * wanted, and their pods are followed.
 */
export async function lookAfter(view: View, root: ServiceRoot, route: Route): Promise<void> {
  const referrer = { cluster: root.cluster, route, lenient: true };
  for (const { backendRefs, text } of rulesOf(route, true))
    for (const ref of backendRefs) {
      const backend = await resolve(view, referrer, ref, text);
      if (backend.is === "group")
        await view.output(rootKey({ kind: "target-group", service: root, ...backend.group }));
    }
}
