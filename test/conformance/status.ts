import { z } from "zod";
import type { KubeObject } from "../../infra/local/kubernetes/objects.ts";
import { controllerName } from "./stack.ts";

const condition = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string(),
  message: z.string(),
  observedGeneration: z.number().optional(),
});
const conditions = z.array(condition).default([]);
const parentRef = z.looseObject({
  group: z.string(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().optional(),
  sectionName: z.string().optional(),
  port: z.number().optional(),
});
const kind = z.object({ group: z.string(), kind: z.string() });
const listener = z.looseObject({
  name: z.string(),
  attachedRoutes: z.number().default(0),
  supportedKinds: z.array(kind).default([]),
  conditions,
});
const status = z.looseObject({
  conditions,
  addresses: z.array(z.object({ type: z.string(), value: z.string() })).default([]),
  listeners: z.array(listener).default([]),
  supportedFeatures: z.array(z.object({ name: z.string() })).default([]),
  attachedListenerSets: z.number().default(0),
  parents: z.array(z.looseObject({ parentRef, controllerName: z.string(), conditions })).default([]),
});

type Conditions = z.infer<typeof conditions>;

/** The status of an object of the Gateway API; empty while nobody has written one. */
export const statusOf = (object: KubeObject) => status.parse(object["status"] ?? {});

/** What a test wants of a condition: `TYPE STATUS REASON`, or `TYPE STATUS` where the suite takes any reason. */
export type Wanted = `${string} ${"True" | "False" | "Unknown"}${"" | ` ${string}`}`;

/**
 * Why conditions are not as they are wanted; undefined when they are. Every condition of the list must be of the object's
 * latest generation, those too that nobody asks for.
 */
export function complaintOf(
  object: KubeObject,
  has: Conditions,
  wanted: readonly Wanted[],
  where: string,
): string | undefined {
  const generation = object.metadata.generation ?? 0;
  const stale = has.find((one) => one.observedGeneration !== generation);
  if (stale !== undefined)
    return `${where}: ${stale.type} is of generation ${stale.observedGeneration}, not ${generation}`;
  for (const one of wanted) {
    const [type, state, reason] = one.split(" ");
    const found = has.find((each) => each.type === type);
    if (found === undefined) return `${where}: there is no condition ${type}`;
    if (found.status !== state || (reason !== undefined && found.reason !== reason))
      return `${where}: ${type} is ${found.status} ${found.reason} (${found.message}), not ${state} ${reason ?? ""}`;
  }
  return undefined;
}

/** The entries that our controller has written about a route's parents. */
export const parentsIn = (route: KubeObject) =>
  statusOf(route).parents.filter((one) => one.controllerName === controllerName);
