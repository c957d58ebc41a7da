import { byText } from "../model/canonical.ts";
import type { Route } from "../model/routes.ts";
import { dnsEndpointCrd } from "../model/reads.ts";
import { parseRoot, type RouteRoot, type ServiceRoot } from "../model/roots.ts";
import type { DnsEndpoint } from "../model/verdict.ts";
import type { Served } from "./routeservices.ts";
import { routeText } from "./serving.ts";
import type { View } from "./view.ts";

/**
 * The DNS names that a route asks ExternalDNS for: those of the services with a hostname that serve it. Of the routes that
 * share a service the first by name asks, so that no two objects speak of one name. In profile `incumbent` a service has the first
 * hostname of its route. Undefined where ExternalDNS is not known to be installed, and while a service is on its way: what points
 * somewhere stays until there is somewhere else to point to.
 */
export async function endpointsOf(
  view: View,
  root: RouteRoot,
  route: Route,
  served: readonly Served[],
  incumbent: boolean,
): Promise<readonly DnsEndpoint[] | undefined> {
  const crd = await view.object({
    cluster: root.cluster,
    kind: "CustomResourceDefinition",
    namespace: "",
    name: dnsEndpointCrd,
  });
  if (crd.is !== "known") return undefined;
  const hostnameOf = ({ of, hostname }: ServiceRoot): string =>
    incumbent && of !== "Gateway" ? (route.spec.hostnames[0] ?? "") : hostname;
  const named = served.flatMap(({ service, output }) => {
    const its = service === undefined ? undefined : parseRoot(service);
    const hostname = its?.kind === "service" ? hostnameOf(its) : "";
    return hostname === "" ? [] : [{ hostname, output }];
  });
  if (named.some(({ output }) => output?.at === undefined)) return undefined;
  const found = named.flatMap(({ hostname, output }): readonly DnsEndpoint[] => {
    const [speaker] = Object.keys(output?.serves ?? {}).toSorted(byText);
    return output?.at !== undefined && speaker === routeText(route)
      ? [{ hostname, target: output.at.dnsName }]
      : [];
  });
  return [...new Map(found.map((one) => [one.hostname, one])).values()].toSorted((a, b) =>
    byText(a.hostname, b.hostname),
  );
}
