import type { Cluster } from "../fleet/cluster.ts";
import type { KubeObject } from "../kubernetes/objects.ts";
import type { DataPlaneUrls } from "../lattice/dataplanes.ts";
import type { SeenService } from "./look.sdk.ts";
import { reachOf } from "./reach.ts";
import { serves, type Said } from "./settled.ts";
import { requestsFor, routeSpec, sharesOf } from "./standard.ts";
import { sendTraffic, verdictOn, type Traffic } from "./traffic.ts";

export interface Proof {
  readonly traffic: readonly Traffic[];
  readonly problems: readonly string[];
}

/** Sends requests to every route that is served, through the data plane, and compares who answers with what the route says. */
export async function proveByTraffic(d: {
  readonly clusters: readonly Pick<Cluster, "name" | "list">[];
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
    const routes = await cluster.list("HTTPRoute");
    const arns = routes.flatMap((one) => arnOf(one) ?? []);
    const shared = new Set(arns.filter((arn, index) => arns.indexOf(arn) !== index));
    for (const object of routes) {
      const { namespace = "", name } = object.metadata;
      const here = (one: Said): boolean =>
        one.cluster === cluster.name &&
        one.kind === "HTTPRoute" &&
        one.namespace === namespace &&
        one.name === name;
      if (!d.said.some((one) => here(one) && serves(one))) continue;
      const service = d.services.find((one) => one.arn === arnOf(object));
      // Where several routes are served together, who answers is not one route's to say.
      if (service !== undefined && shared.has(service.arn)) continue;
      const reach = service === undefined ? undefined : reachOf(service, d.dataPlanes);
      if (service === undefined || reach === undefined) {
        problems.push(
          `${cluster.name} HTTPRoute ${namespace}/${name}: its conditions say that it is served, and Lattice has no service of it that can be reached`,
        );
        continue;
      }
      const spec = routeSpec.parse(object["spec"]);
      const requests = requestsFor(spec);
      for (const request of requests) {
        const count = Math.max(1, Math.floor(d.requests / requests.length));
        const plane = { url: reach.url, ca: reach.protocol === "HTTPS" ? d.ca : undefined };
        const one = await sendTraffic(plane, service.dnsName, request, count);
        traffic.push(one);
        const wrong = verdictOn(one, sharesOf(spec, namespace, request));
        if (wrong !== undefined) problems.push(wrong);
      }
    }
  }
  return { traffic, problems };
}

/** The service that a route says that it is served by. */
const arnOf = ({ metadata }: KubeObject): string | undefined =>
  metadata.annotations?.["application-networking.k8s.aws/lattice-service-arn"];
