import { z } from "zod";
import { same } from "../model/canonical.ts";
import type { DnsEndpoint } from "../model/verdict.ts";
import { good, ownedBy, ownerReferences, type Call, type ServedRef } from "./owned.k8s.ts";

const found = z.looseObject({
  metadata: z.looseObject({ ownerReferences }),
  spec: z
    .looseObject({ endpoints: z.array(z.record(z.string(), z.unknown())).default([]) })
    .default({ endpoints: [] }),
});

/** Seconds for which resolvers keep a record: the in-cluster controller's. */
const ttl = 300;

/**
 * Makes the DNSEndpoint `ROUTE-dns` of a route what it should be (ExternalDNS, CRD source; the in-cluster controller's name and
 * shape), or removes it when there is nothing to point to. A hostname without a target keeps the record that it has. Throws
 * ClusterError.
 */
export async function putEndpoints(
  call: Call,
  route: ServedRef,
  uid: string,
  endpoints: readonly DnsEndpoint[],
): Promise<"written" | "unchanged" | "foreign"> {
  const collection = `/apis/externaldns.k8s.io/v1alpha1/namespaces/${route.namespace}/dnsendpoints`;
  const path = `${collection}/${route.name}-dns`;
  const before = await call("GET", path);
  const there = before.status === 404 ? undefined : found.parse(good(before, "GET", path));
  const had = there?.spec.endpoints ?? [];
  const spec = {
    endpoints: endpoints.flatMap(({ hostname, target }) =>
      target === undefined
        ? had.filter((one) => one["dnsName"] === hostname)
        : [{ dnsName: hostname, recordType: "CNAME", recordTTL: ttl, targets: [target] }],
    ),
  };
  if (there === undefined && spec.endpoints.length === 0) return "unchanged";
  if (there !== undefined && !there.metadata.ownerReferences.some((one) => one.uid === uid)) return "foreign";
  if (there !== undefined && same(had, spec.endpoints)) return "unchanged";
  if (spec.endpoints.length === 0) {
    const gone = await call("DELETE", path);
    if (gone.status !== 404) good(gone, "DELETE", path);
    return "written";
  }
  if (there === undefined)
    good(await call("POST", collection, "application/json", made(route, uid, spec)), "POST", collection);
  else good(await call("PATCH", path, "application/merge-patch+json", { spec }), "PATCH", path);
  return "written";
}

const made = (route: ServedRef, uid: string, spec: unknown) => ({
  apiVersion: "externaldns.k8s.io/v1alpha1",
  kind: "DNSEndpoint",
  metadata: {
    name: `${route.name}-dns`,
    namespace: route.namespace,
    ownerReferences: ownedBy(route, uid),
  },
  spec,
});
