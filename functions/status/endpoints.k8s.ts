import { z } from "zod";
import { same } from "../model/canonical.ts";
import { kinds, type ObjectRef } from "../model/objects.ts";
import type { DnsEndpoint } from "../model/verdict.ts";
import { ClusterError } from "./cluster.ts";

/** A call of the API server: its HTTP status and its body. */
export type Call = (
  method: string,
  path: string,
  type?: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: unknown }>;

/** A route, and a version in which the cluster serves its kind: the owner of a version that is not served is never found. */
type ServedRef = ObjectRef & { readonly version: string };

const found = z.looseObject({
  metadata: z.looseObject({
    ownerReferences: z.array(z.looseObject({ uid: z.string() })).default([]),
  }),
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
    ownerReferences: [
      {
        apiVersion: `${kinds[route.kind].group}/${route.version}`,
        kind: route.kind,
        name: route.name,
        uid,
        controller: true,
      },
    ],
  },
  spec,
});

function good(answer: Awaited<ReturnType<Call>>, method: string, path: string): unknown {
  if (answer.status < 300) return answer.body;
  const said = z.looseObject({ message: z.string() }).safeParse(answer.body);
  throw new ClusterError(
    `${method} ${path}: ${answer.status}: ${said.success ? said.data.message : "no reason given"}`,
    answer.status,
  );
}
