import { z } from "zod";
import { kinds, type ObjectRef } from "../model/objects.ts";
import { ClusterError } from "./cluster.ts";

/** A call of the API server: its HTTP status and its body. */
export type Call = (
  method: string,
  path: string,
  type?: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: unknown }>;

/** An object, and a version in which the cluster serves its kind: the owner of a version that is not served is never found. */
export type ServedRef = ObjectRef & { readonly version: string };

/** The owners of an object as it is found. */
export const ownerReferences = z.array(z.looseObject({ uid: z.string() })).default([]);

/** The owner of an object that Kubernetes is to remove with it. */
export const ownedBy = ({ kind, name, version }: ServedRef, uid: string) => [
  { apiVersion: `${kinds[kind].group}/${version}`, kind, name, uid, controller: true },
];

/** The body of an answer that is a good one. Throws ClusterError. */
export function good(answer: Awaited<ReturnType<Call>>, method: string, path: string): unknown {
  if (answer.status < 300) return answer.body;
  throw new ClusterError(`${method} ${path}: ${answer.status}: ${messageOf(answer)}`, answer.status);
}

/** What the API server says is wrong. */
export function messageOf({ body }: Awaited<ReturnType<Call>>): string {
  const said = z.object({ message: z.string() }).safeParse(body);
  return said.success ? said.data.message : JSON.stringify(body).slice(0, 300);
}
