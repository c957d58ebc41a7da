import type { Route } from "../model/routes.ts";
import { parseRoot, type ServiceRoot } from "../model/roots.ts";
import type { Verdict } from "../model/verdict.ts";
import { nameAnnotation } from "./annotations.ts";
import { isNamesake, nameOverride } from "./ask.ts";
import { serviceName, serviceNameWithSuffix } from "./names.ts";
import type { Served } from "./routeservices.ts";
import { say } from "./routeverdicts.ts";

/**
 * What to say of a service that bears another name than its route asks for. Lattice fixes the name at creation and puts it into the
 * DNS name, so a service under the new name would be another address: traffic stays where it is, and the user decides.
 */
export function nameVerdicts(route: Route, served: readonly Served[]): readonly Verdict[] {
  return served.flatMap(({ parents, service, output }) => {
    const root = service === undefined ? undefined : parseRoot(service);
    if (root?.kind !== "service" || root.of === "Gateway" || output?.at === undefined) return [];
    const message = otherName(route, root, output.at.name);
    return message === undefined
      ? []
      : parents.map((parent) => say(parent, "espalier.dev/ServiceName", "False", "FixedAtCreation", message));
  });
}

function otherName(route: Route, root: ServiceRoot, has: string): string | undefined {
  const override = nameOverride(route);
  // What is no name at all is said otherwise.
  if (override !== undefined && "why" in override) return undefined;
  const asked = override?.name;
  if (asked === has) return undefined;
  if (!isNamesake(root, route))
    return asked === undefined
      ? undefined
      : `its hostname is served by service ${has}, which is named after ${root.of} ${root.namespace}/${root.name}, and not by one named ${asked}; take annotation ${nameAnnotation} off`;
  const plain = serviceName(root);
  const suffixed = serviceNameWithSuffix(root);
  if (asked === undefined && (has === plain || has === suffixed)) return undefined;
  // It bears what it was made with: either the name was asked for later, or it was another service's then.
  const why =
    has === suffixed
      ? `, and a service keeps the name with which Lattice made it. When it was made, its route did not ask for another name, or that name was another service's`
      : ", and a service keeps the name with which Lattice made it";
  const back =
    has === plain || has === suffixed
      ? `take annotation ${nameAnnotation} off`
      : `set annotation ${nameAnnotation} to ${has}`;
  return `its service is named ${has}${why}. To have it named ${asked ?? plain}, delete the route, wait until service ${has} is gone, and create it anew, with a new DNS name; to keep it, ${back}`;
}
