import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { compile } from "../../functions/compile/compile.ts";
import type { View } from "../../functions/compile/view.ts";
import {
  gatewayNameLabel,
  propagatedAnnotation,
  type Infrastructure,
} from "../../functions/model/infrastructure.ts";
import type { Root } from "../../functions/model/roots.ts";
import type { Call } from "../../functions/status/owned.k8s.ts";
import { mergePatched } from "../../infra/local/kubernetes/patch.ts";
import type { SimCluster } from "./cluster.ts";

const account = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    resourceVersion: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(z.object({ kind: z.string(), name: z.string(), uid: z.string() })),
  }),
});
/** A ServiceAccount as an API server would answer it. */
export type Account = z.infer<typeof account>;
const patch = z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }) });

/**
 * The ServiceAccounts of a cluster in memory. `answer` passes before a call is done and once more before it is answered; where it
 * throws, the call was not heard, or its answer is not.
 */
export function simAccounts(answer: () => Promise<void>) {
  const accounts = new Map<string, Account>();
  let version = 0;
  const stored = (path: string, object: unknown): Account => {
    version += 1;
    const made = account.parse(mergePatched(object, { metadata: { resourceVersion: String(version) } }));
    accounts.set(path, made);
    return made;
  };
  function done(
    method: string,
    path: string,
    body: unknown,
  ): { readonly status: number; readonly body: unknown } {
    const status = (code: number, message: string) => ({ status: code, body: { message } });
    if (method === "POST") {
      const { metadata } = z.looseObject({ metadata: z.looseObject({ name: z.string() }) }).parse(body);
      const at = `${path}/${metadata.name}`;
      return accounts.has(at) ? status(409, `${at} exists`) : { status: 201, body: stored(at, body) };
    }
    const known = accounts.get(path);
    if (known === undefined) return status(404, `no ${path}`);
    if (method === "GET") return { status: 200, body: known };
    if (patch.parse(body).metadata.resourceVersion !== known.metadata.resourceVersion)
      return status(409, `${path} has changed`);
    return { status: 200, body: stored(path, mergePatched(known, body)) };
  }
  const call: Call = async (method, path, _type, body) => {
    await answer();
    const result = done(method, path, body);
    await answer();
    return result;
  };
  return { call, all: (): readonly Account[] => [...accounts.values()] };
}

/** Gateways whose ServiceAccount does not bear what a compile from scratch says. Those of Gateways that are gone are Kubernetes' to remove. */
export async function wronglyBorne(
  cluster: SimCluster,
  viewOf: (root: Root) => Promise<View>,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { metadata } of cluster.all("Gateway")) {
    const { name, namespace = "", uid } = metadata;
    const root: Root = { kind: "gateway", cluster: cluster.name, namespace, name };
    const { reports } = await compile(root, await viewOf(root));
    const wanted = reports.find((one) => one.infrastructure !== undefined)?.infrastructure;
    const its = cluster
      .accounts()
      .filter((one) => one.metadata.ownerReferences.some((owner) => owner.uid === uid))
      .map(borne);
    const isRight =
      its.length === 0
        ? wanted === undefined || isBare(wanted)
        : its.length === 1 && isDeepStrictEqual(its[0], wanted);
    if (!isRight)
      wrong.push(`Gateway ${name} wants ${JSON.stringify(wanted)} borne, and has ${JSON.stringify(its)}`);
  }
  return wrong;
}

const isBare = ({ labels, annotations }: Infrastructure): boolean =>
  Object.keys(labels).length + Object.keys(annotations).length === 0;

/** What it bears besides what says whose it is. */
export function borne({ metadata }: Account): Infrastructure {
  const { [gatewayNameLabel]: _name, ...labels } = metadata.labels;
  const { [propagatedAnnotation]: _put, ...annotations } = metadata.annotations;
  return { labels, annotations };
}
