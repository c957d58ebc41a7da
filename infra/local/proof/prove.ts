import type { Cluster } from "../fleet/cluster.ts";
import type { DataPlaneUrls } from "../lattice/dataplanes.ts";
import type { SeenService } from "./look.sdk.ts";
import { serves, type Said } from "./settled.ts";
import { requestsFor, routeSpec, sharesOf } from "./standard.ts";
import { sendTraffic, verdictOn, type Plane, type Traffic } from "./traffic.ts";

export interface Proof {
  readonly traffic: readonly Traffic[];
  readonly problems: readonly string[];
}

/** Sends requests to every route that is served, through the data plane, and compares who answers with what the route says. */
export async function proveByTraffic(d: {
  readonly clusters: readonly Cluster[];
  readonly said: readonly Said[];
  readonly services: readonly SeenService[];
  readonly dataPlanes: DataPlaneUrls;
  /** The certificate of whoever vouches for the data planes, PEM. */
  readonly ca: string | undefined;
  /** Requests per route, shared by its rules. */
  readonly requests: number;
}): Promise<Proof> {
  const traffic: Traffic[] = [];
  const problems: string[] = [];
  for (const cluster of d.clusters) {
    for (const object of await cluster.list("HTTPRoute")) {
      const { namespace = "", name } = object.metadata;
      const here = (one: Said): boolean =>
        one.cluster === cluster.name &&
        one.kind === "HTTPRoute" &&
        one.namespace === namespace &&
        one.name === name;
      if (!d.said.some((one) => here(one) && serves(one))) continue;
      const service = d.services.find(
        (one) => one.cluster === cluster.name && one.route === `${namespace}/${name}`,
      );
      const plane = service === undefined ? undefined : planeOf(service, d);
      if (service === undefined || plane === undefined) {
        problems.push(
          `${cluster.name} HTTPRoute ${namespace}/${name}: its conditions say that it is served, and Lattice has no service of it that can be reached`,
        );
        continue;
      }
      const spec = routeSpec.parse(object["spec"]);
      const requests = requestsFor(spec);
      for (const request of requests) {
        const count = Math.max(1, Math.floor(d.requests / requests.length));
        const one = await sendTraffic(plane, service.dnsName, request, count);
        traffic.push(one);
        const wrong = verdictOn(one, sharesOf(spec, namespace, request));
        if (wrong !== undefined) problems.push(wrong);
      }
    }
  }
  return { traffic, problems };
}

/** The data plane of any network and listener that speaks HTTP, in plaintext if it can be. */
function planeOf(
  service: SeenService,
  { dataPlanes, ca }: { readonly dataPlanes: DataPlaneUrls; readonly ca: string | undefined },
): Plane | undefined {
  const listener = ["HTTP", "HTTPS"].flatMap(
    (protocol) => service.listeners.find((one) => one.protocol === protocol) ?? [],
  )[0];
  if (listener === undefined) return undefined;
  const url = service.networks
    .map((network) => dataPlanes[network]?.[listener.port])
    .find((one) => one !== undefined);
  return url === undefined ? undefined : { url, ca: listener.protocol === "HTTPS" ? ca : undefined };
}
