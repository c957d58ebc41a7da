import { byText } from "../model/canonical.ts";
import type { RootKey } from "../model/ids.ts";
import type { Route } from "../model/routes.ts";
import { dnsEndpointCrd } from "../model/reads.ts";
import { parseRoot, type RouteRoot } from "../model/roots.ts";
import type { DnsEndpoint } from "../model/verdict.ts";
import { isComing, type Served } from "./routeservices.ts";
import { routeText } from "./serving.ts";
import type { View } from "./view.ts";

/**
 * The DNS names that a route asks ExternalDNS for: those of the services with a hostname that serve it. Of the routes that
 * share a service the first by name asks, so that no two objects speak of one name. In profile `incumbent` a service has the first
 * hostname of its route. Each hostname is for itself: while its service is on its way, or stays until another one is there, what
 * points somewhere stays too. Undefined where ExternalDNS is not known to be installed.
 */
export async function endpointsOf(
  view: View,
  root: RouteRoot,
  route: Route,
  served: readonly Served[],
  kept: readonly RootKey[],
  incumbent: boolean,
): Promise<readonly DnsEndpoint[] | undefined> {
  const crd = await view.object({
    cluster: root.cluster,
    kind: "CustomResourceDefinition",
    namespace: "",
    name: dnsEndpointCrd,
  });
  if (crd.is !== "known") return undefined;
  const hostnameOf = (service: RootKey): string => {
    const its = parseRoot(service);
    if (its.kind !== "service") return "";
    return incumbent && its.of !== "Gateway" ? (route.spec.hostnames[0] ?? "") : its.hostname;
  };
  const found = [
    ...kept.map((service): DnsEndpoint => ({ hostname: hostnameOf(service) })),
    ...served.flatMap((one): readonly DnsEndpoint[] => {
      const { service, output } = one;
      if (service === undefined) return [];
      const hostname = hostnameOf(service);
      if (output?.at === undefined) return isComing(route, one) ? [{ hostname }] : [];
      const [speaker] = Object.keys(output.serves).toSorted(byText);
      return speaker === routeText(route) ? [{ hostname, target: output.at.dnsName }] : [];
    }),
  ];
  return [...new Map(found.map((one) => [one.hostname, one])).values()]
    .filter(({ hostname }) => hostname !== "")
    .toSorted((a, b) => byText(a.hostname, b.hostname));
}
