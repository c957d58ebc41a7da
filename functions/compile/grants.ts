import type { ClusterName } from "../model/ids.ts";
import type { ReferenceGrant } from "../model/objects.ts";
import type { View } from "./view.ts";

const gatewayApi = "gateway.networking.k8s.io";

/** What a reference names. */
interface Referent {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Whether some ReferenceGrant in the namespace of what is referred to permits the reference (GEP-709; gateway-api, ReferenceGrant). */
export async function isGranted(
  view: View,
  cluster: ClusterName,
  from: { readonly kind: string; readonly namespace: string },
  to: Referent,
): Promise<boolean> {
  if (to.namespace === from.namespace) return true;
  const grants = await view.list(cluster, { kind: "ReferenceGrant", by: "namespace", value: to.namespace });
  return grants.some((grant) => permits(grant, from, to));
}

const permits = (
  grant: ReferenceGrant,
  from: { readonly kind: string; readonly namespace: string },
  to: Referent,
): boolean =>
  grant.spec.from.some(
    (one) => one.group === gatewayApi && one.kind === from.kind && one.namespace === from.namespace,
  ) &&
  grant.spec.to.some(
    (one) =>
      one.group === to.group &&
      one.kind === to.kind &&
      (one.name === undefined || one.name === "" || one.name === to.name),
  );

/** The grant that is missing, as a person would write it. */
export const missingGrant = (
  from: { readonly kind: string; readonly namespace: string },
  to: Referent,
): string =>
  [
    "apiVersion: gateway.networking.k8s.io/v1",
    "kind: ReferenceGrant",
    "metadata:",
    `  name: ${to.name}-from-${from.namespace}`,
    `  namespace: ${to.namespace}`,
    "spec:",
    "  from:",
    `    - { group: ${gatewayApi}, kind: ${from.kind}, namespace: ${from.namespace} }`,
    "  to:",
    `    - { group: "${to.group}", kind: ${to.kind}, name: ${to.name} }`,
  ].join("\n");
