import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Calls } from "./calls.ts";
import { json, serve, type Served } from "./http.ts";
import { AccessDenied, type Caller, type Iam } from "./iam.ts";
import { matches } from "./pattern.ts";
import { statementsOf, type Statement } from "./policy.ts";

const entriesMax = 10;
const bytesMax = 256 * 1024;

const putEvents = z.object({
  Entries: z
    .array(
      z.object({
        Source: z.string().default(""),
        DetailType: z.string().default(""),
        Detail: z.string().default(""),
        EventBusName: z.string().default("default"),
        Time: z.number().optional(),
        Resources: z.array(z.string()).default([]),
      }),
    )
    .min(1),
});

/** An event as it leaves a bus, as far as a witness looks at it. */
export interface BusEvent {
  readonly source: string;
  readonly "detail-type": string;
  readonly account: string;
  readonly detail: unknown;
}

export interface BusOptions {
  readonly iam: Iam;
  readonly calls: Calls;
  readonly account: string;
  readonly region: string;
  readonly now: () => number;
  readonly buses: readonly { readonly name: string; readonly arn: string }[];
  readonly policies: readonly { readonly bus: string; readonly statement: unknown }[];
  readonly rules: readonly {
    readonly bus: string;
    readonly pattern: unknown;
    readonly targets: readonly { readonly arn: string }[];
  }[];
  /** Told of every event that the bus took. */
  readonly seen: (event: BusEvent) => void;
  /** Delivers an event to a queue. */
  readonly deliver: (queueArn: string, event: unknown) => Promise<void>;
}

/** What a service of AWS tells the default bus of an account. */
export interface ServiceEvent {
  readonly account: string;
  readonly source: `aws.${string}`;
  readonly "detail-type": string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** EventBridge on one machine. */
export interface Events extends Served {
  /** Puts an event on the default bus of its account, as only services of AWS can. That of another account has no rule. */
  tell(event: ServiceEvent): Promise<void>;
}

/** EventBridge, as far as it is used: PutEvents on buses with rules whose targets are queues, and the events of services. */
export async function serveEvents(options: BusOptions): Promise<Events> {
  const served = await serve(async (received) => {
    const operation = String(received.headers["x-amz-target"] ?? "").replace("AWSEvents.", "");
    try {
      const caller = options.iam.identify(received.headers);
      options.calls.count("events", operation, caller.name);
      if (operation !== "PutEvents")
        return json(400, {
          __type: "UnknownOperationException",
          message: `the local bus has no ${operation}`,
        });
      return json(200, await put(putEvents.parse(JSON.parse(received.body)).Entries, caller, options));
    } catch (error) {
      if (error instanceof AccessDenied)
        return json(400, { __type: "AccessDeniedException", message: error.message });
      if (error instanceof z.ZodError)
        return json(400, { __type: "ValidationException", message: z.prettifyError(error) });
      throw error;
    }
  });
  const { account, now } = options;
  return {
    ...served,
    tell: async (event) =>
      void (await take(event.account === account ? defaultBus : undefined, { ...event, at: now() }, options)),
  };
}

/** Every account has this bus, whatever its templates say. */
const defaultBus = "default";

const arnOf = (bus: string, { account, region }: BusOptions): string =>
  `arn:aws:events:${region}:${account}:event-bus/${bus}`;

type Entry = z.infer<typeof putEvents>["Entries"][number];

async function put(entries: readonly Entry[], caller: Caller, options: BusOptions): Promise<unknown> {
  const size = entries.reduce(
    (sum, entry) =>
      sum +
      Buffer.byteLength(entry.Source) +
      Buffer.byteLength(entry.DetailType) +
      Buffer.byteLength(entry.Detail),
    0,
  );
  if (entries.length > entriesMax)
    throw new z.ZodError([
      { code: "custom", path: ["Entries"], message: `at most ${entriesMax} entries`, input: entries.length },
    ]);
  if (size >= bytesMax)
    throw new z.ZodError([
      {
        code: "custom",
        path: ["Entries"],
        message: "Total size of the entries in the request is over the limit.",
        input: size,
      },
    ]);
  for (const entry of entries) authorise(entry, caller, options);
  const results = await Promise.all(entries.map((entry) => putOne(entry, caller, options)));
  return { FailedEntryCount: results.filter((one) => "ErrorCode" in one).length, Entries: results };
}

function authorise(entry: Entry, caller: Caller, options: BusOptions): void {
  const bus = busOf(entry, options);
  const arn = bus?.arn ?? arnOf(entry.EventBusName, options);
  const statements: Statement[] = options.policies
    .filter((policy) => policy.bus === bus?.name)
    .flatMap((policy) => statementsOf({ Statement: policy.statement }));
  options.iam.authorise(
    caller,
    "events:PutEvents",
    arn,
    { "events:source": [entry.Source], "events:detail-type": [entry.DetailType] },
    statements,
  );
}

const busOf = (entry: Entry, options: BusOptions) =>
  [...options.buses, { name: defaultBus, arn: arnOf(defaultBus, options) }].find(
    (bus) => bus.name === entry.EventBusName || bus.arn === entry.EventBusName,
  );

async function putOne(
  entry: Entry,
  caller: Caller,
  options: BusOptions,
): Promise<Readonly<Record<string, string>>> {
  const detail = parsed(entry.Detail);
  if (entry.Source === "" || entry.DetailType === "")
    return { ErrorCode: "InvalidArgument", ErrorMessage: "Parameters Source and DetailType are required." };
  if (detail === undefined) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  if (entry.Source.startsWith("aws."))
    return {
      ErrorCode: "NotAuthorizedForSourceException",
      ErrorMessage: "Not authorized for the source.",
    };
  const event = {
    source: entry.Source,
    "detail-type": entry.DetailType,
    account: caller.account,
    resources: entry.Resources,
    detail,
    at: entry.Time === undefined ? options.now() : entry.Time * 1000,
  };
  return { EventId: await take(busOf(entry, options)?.name, event, options) };
}

/** Delivers an event to the targets of each rule of its bus that it matches, and answers its id. */
async function take(
  bus: string | undefined,
  { at, ...told }: BusEvent & { readonly resources: readonly string[]; readonly at: number },
  options: BusOptions,
): Promise<string> {
  const id = randomUUID();
  const time = new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
  const event = { version: "0", id, time, region: options.region, ...told };
  options.seen(event);
  const rules = options.rules.filter((rule) => rule.bus === bus && matches(rule.pattern, event));
  await Promise.all(
    rules.flatMap((rule) => rule.targets.map((target) => options.deliver(target.arn, event))),
  );
  return id;
}

function parsed(detail: string): unknown {
  try {
    const value: unknown = JSON.parse(detail);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
