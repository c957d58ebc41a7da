import { z } from "zod";
import { byText, canonicalJson, letters } from "../model/canonical.ts";
import { gatewayNameLabel, propagatedAnnotation, type Infrastructure } from "../model/infrastructure.ts";
import type { Borne } from "./cluster.ts";
import { good, messageOf, ownedBy, ownerReferences, type Call, type ServedRef } from "./owned.k8s.ts";

type Texts = Readonly<Record<string, string>>;

const texts = z.record(z.string(), z.string()).default({});
const found = z.looseObject({
  metadata: z.looseObject({
    resourceVersion: z.string(),
    ownerReferences,
    labels: texts,
    annotations: texts,
  }),
  automountServiceAccountToken: z.boolean().optional(),
});

/** The keys of labels and annotations that were put on the object for its Gateway. */
const keys = z.object({ labels: z.array(z.string()), annotations: z.array(z.string()) });

/**
 * Makes a Gateway's ServiceAccount bear what its infrastructure says. It is made when there is something to bear, and stays, bare,
 * when there is nothing any more: Kubernetes removes it with its owner, so no right to delete is needed. What others have put on it
 * stays, and so does what is not the Gateway's own. Throws ClusterError.
 */
export async function putServiceAccount(
  call: Call,
  gateway: ServedRef,
  uid: string,
  wanted: Infrastructure,
): Promise<Borne> {
  const collection = `/api/v1/namespaces/${gateway.namespace}/serviceaccounts`;
  const name = nameOf(gateway.name, uid);
  const path = `${collection}/${name}`;
  const isBare = Object.keys(wanted.labels).length + Object.keys(wanted.annotations).length === 0;
  const before = await call("GET", path);
  const isNothingToDo = isBare && (before.status === 404 || isRefusal(before));
  if (isNothingToDo) return { is: "unchanged" };
  if (before.status === 404) {
    const metadata = { name, namespace: gateway.namespace, ownerReferences: ownedBy(gateway, uid) };
    const body = { ...bare, metadata: { ...metadata, ...borneBy(gateway.name, wanted) } };
    return outcome(await call("POST", collection, "application/json", body), "POST", collection);
  }
  if (isRefusal(before)) return outcome(before, "GET", path);
  const there = found.parse(good(before, "GET", path));
  if (!there.metadata.ownerReferences.some((one) => one.uid === uid))
    return isBare
      ? { is: "unchanged" }
      : { is: "foreign", why: `ServiceAccount ${gateway.namespace}/${name} is not the Gateway's` };
  const body = changesOf(there, borneBy(gateway.name, wanted));
  if (body === undefined) return { is: "unchanged" };
  return outcome(await call("PATCH", path, "application/merge-patch+json", body), "PATCH", path);
}

/** A name that no other Gateway has, and no other of this name had before it: nobody can have given it rights beforehand. */
const nameOf = (gateway: string, uid: string): string =>
  `${gateway.slice(0, 42).replace(/[-.]+$/, "")}-espalier-${letters(uid, 10)}`;

/** Nothing runs as it, and who would is handed no token. */
const bare = { apiVersion: "v1", kind: "ServiceAccount", automountServiceAccountToken: false };

const borneBy = (gateway: string, { labels, annotations }: Infrastructure): Infrastructure => ({
  labels: { ...labels, [gatewayNameLabel]: gateway },
  annotations: {
    ...annotations,
    [propagatedAnnotation]: canonicalJson({
      labels: Object.keys(labels).toSorted(byText),
      annotations: Object.keys(annotations).toSorted(byText),
    }),
  },
});

/** The merge patch of exactly this version that makes an object bear what it is to bear, or undefined when it does. */
function changesOf(
  { metadata, automountServiceAccountToken }: z.infer<typeof found>,
  wanted: Infrastructure,
) {
  const put = putBefore(metadata.annotations[propagatedAnnotation]);
  const labels = changed(metadata.labels, put.labels, wanted.labels);
  const annotations = changed(metadata.annotations, put.annotations, wanted.annotations);
  const isAsItIs = Object.keys(labels).length + Object.keys(annotations).length === 0;
  if (isAsItIs && automountServiceAccountToken === false) return undefined;
  const { resourceVersion } = metadata;
  return { metadata: { resourceVersion, labels, annotations }, automountServiceAccountToken: false };
}

function putBefore(text: string | undefined): z.infer<typeof keys> {
  try {
    return keys.parse(JSON.parse(text ?? ""));
  } catch {
    return { labels: [], annotations: [] };
  }
}

/** What differs, with null for what was put before and is not to be any more. */
const changed = (
  had: Texts,
  put: readonly string[],
  wanted: Texts,
): Readonly<Record<string, string | null>> =>
  Object.fromEntries([
    ...put.filter((key) => had[key] !== undefined && wanted[key] === undefined).map((key) => [key, null]),
    ...Object.entries(wanted).filter(([key, value]) => had[key] !== value),
  ]);

type Answer = Awaited<ReturnType<Call>>;

/** What another attempt would not mend: neither RBAC nor a policy of the cluster allows it. */
const isRefusal = ({ status }: Answer): boolean => status === 400 || status === 403 || status === 422;

function outcome(answer: Answer, method: string, path: string): Borne {
  if (isRefusal(answer))
    return { is: "refused", why: `${method} ${path}: ${answer.status}: ${messageOf(answer)}` };
  // Somebody else has made, changed or removed it since it was looked at.
  if (answer.status === 409 || (method === "PATCH" && answer.status === 404)) return { is: "overtaken" };
  good(answer, method, path);
  return { is: "written" };
}
