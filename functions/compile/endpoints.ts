import { byText } from "../model/canonical.ts";
import type { Route } from "../model/routes.ts";
import { dnsEndpointCrd } from "../model/reads.ts";
import { parseRoot, type RouteRoot } from "../model/roots.ts";
import type { DnsEndpoint } from "../model/verdict.ts";
import type { Served } from "./routeservices.ts";
import { routeText } from "./serving.ts";
import type { View } from "./view.ts";

/**
 * The DNS names that a route asks ExternalDNS for: those of the services with a hostname that serve it. Of the routes that
 * share a service the first by name asks, so that no two objects speak of one name. Undefined where ExternalDNS is not
 * known to be installed.
 */
export async function endpointsOf(
  view: View,
  root: RouteRoot,
  route: Route,
  served: readonly Served[],
): Promise<readonly DnsEndpoint[] | undefined> {
  const crd = await view.object({
    cluster: root.cluster,
    kind: "CustomResourceDefinition",
    namespace: "",
    name: dnsEndpointCrd,
  });
  if (crd.is !== "known") return undefined;
  const found = served.flatMap(({ service, output }): readonly DnsEndpoint[] => {
    const its = service === undefined ? undefined : parseRoot(service);
    const [speaker] = Object.keys(output?.serves ?? {}).toSorted(byText);
    if (its?.kind !== "service" || its.hostname === "" || output?.at === undefined) return [];
    return speaker === routeText(route) ? [{ hostname: its.hostname, target: output.at.dnsName }] : [];
  });
  return [...new Map(found.map((one) => [one.hostname, one])).values()].toSorted((a, b) =>
    byText(a.hostname, b.hostname),
  );
}
