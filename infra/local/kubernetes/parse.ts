import { z } from "zod";
import type { KubeObject } from "./objects.ts";
import type { Resource } from "./resources.ts";
import { apiVersionOf } from "./resources.ts";
import { isObject } from "./schema.ts";
import { badRequest } from "./status.ts";

const texts = z.record(z.string(), z.string());

/** The common metadata of every object. One without a name has an empty one: the server may make it, or says that it is missing. */
const metadata = z.looseObject({
  name: z.string().default(""),
  namespace: z.string().exactOptional(),
  uid: z.string().exactOptional(),
  resourceVersion: z.string().exactOptional(),
  generation: z.int().exactOptional(),
  creationTimestamp: z.string().exactOptional(),
  deletionTimestamp: z.string().exactOptional(),
  labels: texts.exactOptional(),
  annotations: texts.exactOptional(),
  finalizers: z.array(z.string()).exactOptional(),
});

/** A member that is null is one that is not there, as for the real server: kubectl writes `creationTimestamp: null`. */
const object = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z
    .record(z.string(), z.unknown())
    .transform((value) =>
      Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== undefined)),
    )
    .pipe(metadata),
});

/** The object that a value is. Throws the KubeError of a body that cannot be decoded. */
export function kubeObject(value: unknown, resource: Resource): KubeObject {
  const parsed = object.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((one) => `${one.path.join(".")}: ${one.message}`);
  throw badRequest(
    `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${problems.join("; ")}`,
  );
}

/** The object of a body, which may leave out what the URL says already. Throws KubeError when it is of another kind. */
export function objectAt(value: unknown, resource: Resource): KubeObject {
  if (!isObject(value)) throw badRequest("the body of the request is no object");
  const { kind = resource.kind, apiVersion = apiVersionOf(resource), metadata: its, ...rest } = value;
  if (kind !== resource.kind || apiVersion !== apiVersionOf(resource))
    throw badRequest(
      `the object provided is a ${String(apiVersion)} ${String(kind)}, and the URL is about ${apiVersionOf(resource)} ${resource.kind}`,
    );
  return kubeObject({ apiVersion, kind, metadata: isObject(its) ? its : {}, ...rest }, resource);
}
