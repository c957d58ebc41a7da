import { z } from "zod";

import { clusterName, epochMs, rv, type ClusterName, type EpochMs, type Rv } from "../model/ids.ts";
import { allKinds, isKind, kinds, type ClusterObject, type Kind } from "../model/objects.ts";

import type { BusEvent, EventType, Put } from "./events.ts";
import { parseObject, problemsOf } from "./objects.ts";

/** Who put an event on the bus and when, as the bus itself says. */
export interface Envelope {
  readonly id: string;
  readonly account: string;
  readonly source: string;
  readonly time: EpochMs;
}

/** An event that could be read, with its envelope; or the reason why it could not, for the one who looks at dead letters. */
export type Received =
  | { readonly ok: true; readonly event: BusEvent; readonly envelope: Envelope }
  | { readonly ok: false; readonly refused: string };

/** Runs a brand's constructor inside a schema, so that its complaint becomes a problem at the right path. */
function branded<In, Out>(construct: (value: In) => Out) {
  return (value: In, context: z.RefinementCtx): Out => {
    try {
      return construct(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  };
}

const cluster = z.string().transform(branded<string, ClusterName>(clusterName));
const version = z.number().transform(branded<number, Rv>(rv));
const kind = z.string().transform((value, context): Kind => {
  if (isKind(value)) return value;
  context.addIssue({
    code: "custom",
    message: `not a kind that is read here: "${value}" (${allKinds.join(", ")})`,
  });
  return z.NEVER;
});
/** Tables by kind hold only the kinds that are there. */
const byKind = <T>(value: z.ZodType<T>) =>
  z.record(z.string(), value).transform((all, context): Partial<Record<Kind, T>> => {
    const known: Partial<Record<Kind, T>> = {};
    for (const [key, v] of Object.entries(all)) {
      if (isKind(key)) known[key] = v;
      else context.addIssue({ code: "custom", path: [key], message: "not a kind that is read here" });
    }
    return known;
  });

const put = z
  .object({ op: z.literal("put"), kind, object: z.unknown(), rv: version, trim: z.int().min(1) })
  .transform(({ kind, object, ...rest }, context): Put => {
    const parsed = parseObject<Kind>(kind, object);
    if (parsed.ok) return { kind, object: parsed.object satisfies ClusterObject, ...rest };
    context.addIssue({ code: "custom", path: ["object"], message: parsed.problems });
    return z.NEVER;
  });

const changedName = { kind, namespace: z.string(), name: z.string().min(1), uid: z.string(), rv: version };
const whereItBelongs = (value: { readonly kind: Kind; readonly namespace: string }): boolean =>
  kinds[value.kind].namespaced === (value.namespace !== "");
const misplaced = {
  path: ["namespace"],
  error: "a namespaced kind has a namespace, and a cluster-scoped one none",
};
const gone = z.object({ op: z.literal("delete"), ...changedName }).refine(whereItBelongs, misplaced);
const refuse = z
  .object({ op: z.literal("refuse"), ...changedName, reason: z.string() })
  .refine(whereItBelongs, misplaced);

const origin = { version: z.literal(1), cluster, epoch: z.string().min(1) };

const objectsChanged = z
  .object({ ...origin, changes: z.array(z.discriminatedUnion("op", [put, gone, refuse])) })
  .transform((detail) => ({ type: "Objects Changed" as const, ...detail }));

const inventory = z
  .object({
    ...origin,
    id: z.string().min(1),
    chunk: z.int().min(0),
    chunks: z.int().min(1),
    full: z.boolean(),
    kinds: z.array(kind),
    taken: byKind(version),
    entries: z.array(
      z.tuple([kind, z.string(), z.string().min(1), z.string().min(1), version, z.string(), z.boolean()]),
    ),
    absent: z.array(z.tuple([kind, z.string(), z.string().min(1)])),
    bodies: z.array(z.discriminatedUnion("op", [put, refuse])),
  })
  .refine(({ chunk, chunks }) => chunk < chunks, { path: ["chunk"], error: "not below the number of chunks" })
  .superRefine((detail, context) => {
    for (const listed of detail.kinds) {
      if (detail.taken[listed] !== undefined) continue;
      context.addIssue({
        code: "custom",
        path: ["taken", listed],
        message: "missing for a kind that is listed",
      });
    }
  })
  .transform((detail) => ({ type: "Inventory" as const, ...detail }));

const heartbeat = z
  .object({
    ...origin,
    versions: z.object({ forwarder: z.string(), trim: z.int() }),
    counts: byKind(z.int().min(0)),
    last: byKind(version),
    watches: z.array(z.object({ kind, ok: z.boolean(), reason: z.string().optional() })),
  })
  .transform((detail) => ({ type: "Heartbeat" as const, ...detail }));

/** Every event that can be read, by type and version. A second version of one stands beside the first here. */
const registry: Readonly<Record<EventType, Readonly<Record<number, z.ZodType<BusEvent>>>>> = {
  "Objects Changed": { 1: objectsChanged },
  Inventory: { 1: inventory },
  Heartbeat: { 1: heartbeat },
};

const isEventType = (value: string): value is EventType => Object.hasOwn(registry, value);

const envelopeSchema = z.object({
  id: z.string(),
  account: z.string(),
  source: z.string(),
  time: z.iso.datetime({ offset: true }).transform((value) => epochMs(Date.parse(value))),
  "detail-type": z.string(),
  detail: z.looseObject({ version: z.unknown() }),
});

/**
 * Reads one event as EventBridge delivers it. Never throws: what cannot be read is answered with a reason that names the
 * event and, where its body is broken, the path of each problem. It checks form only; whether the sender is who it says
 * is ingest's to decide.
 */
export function parseEnvelope(envelope: unknown): Received {
  const outer = envelopeSchema.safeParse(envelope);
  if (!outer.success) return refused(`not an event as EventBridge delivers it: ${problemsOf(outer.error)}`);
  const { "detail-type": type, detail, ...rest } = outer.data;
  const what = `event ${rest.id} from ${rest.source}`;
  if (!isEventType(type)) {
    return refused(`${what}: unknown detail-type "${type}" (known: ${Object.keys(registry).join(", ")})`);
  }
  const versions = registry[type];
  const schema =
    typeof detail.version === "number" && Object.hasOwn(versions, detail.version)
      ? versions[detail.version]
      : undefined;
  if (schema === undefined) {
    const known = Object.keys(versions).join(", ");
    return refused(
      `${what}: unknown version ${JSON.stringify(detail.version)} of "${type}" (known: ${known}); ` +
        `update the control plane before its forwarders`,
    );
  }
  const event = schema.safeParse(detail);
  if (!event.success)
    return refused(`${what}: broken "${type}" version ${String(detail.version)}: ${problemsOf(event.error)}`);
  return { ok: true, event: event.data, envelope: rest };
}

const refused = (reason: string): Received => ({ ok: false, refused: reason });
