import { z } from "zod";
import type { Witness } from "../controlplane.ts";
import type { KubeObject } from "../kubernetes/objects.ts";
import type { Narrator } from "./narrator.ts";

const detail = z.looseObject({
  cluster: z.string().default("?"),
  changes: z.array(z.looseObject({ op: z.string(), kind: z.string().optional() })).optional(),
  chunk: z.number().optional(),
  chunks: z.number().optional(),
  entries: z.array(z.unknown()).optional(),
});

/** Tells what passes the boundaries of the control plane. */
export function witnessOf(narrator: Narrator): Witness {
  return {
    event(event) {
      const parsed = detail.safeParse(event.detail);
      const one = parsed.success ? parsed.data : { cluster: "?" as const };
      if (event["detail-type"] === "Heartbeat") return;
      if (event.source.startsWith("aws.")) {
        narrator.tell("forward", `${event.source} -> default bus: ${event["detail-type"]}`);
        return;
      }
      const what =
        "changes" in one && one.changes !== undefined
          ? changed(one.changes)
          : "entries" in one && one.entries !== undefined
            ? `${counted(one.entries.length, "entry", "entries")}, part ${Number(one.chunk) + 1} of ${one.chunks}`
            : "an event that is not understood";
      narrator.tell("forward", `${one.cluster} -> bus: ${event["detail-type"]}: ${what}`);
    },
    invoked(name, messages, answer, ms) {
      const step = stepOf(name);
      if (!answer.ok) {
        narrator.tell("trouble", `${name}: ${answer.error.errorType}: ${answer.error.errorMessage}`);
        return;
      }
      narrator.tell(step, `${name} took ${counted(messages, "message", "messages")} in ${ms} ms`);
    },
    log(name, line) {
      const entry = logLine(line);
      if (entry === undefined) return;
      narrator.tell("trouble", `${name}: ${entry}`);
    },
  };
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

function changed(changes: readonly { readonly op: string; readonly kind?: string | undefined }[]): string {
  const kinds = new Map<string, number>();
  for (const { op, kind } of changes) {
    const what = `${op} ${kind ?? "object"}`;
    kinds.set(what, (kinds.get(what) ?? 0) + 1);
  }
  return [...kinds].map(([what, count]) => (count === 1 ? what : `${count} x ${what}`)).join(", ");
}

function stepOf(functionName: string): "ingest" | "reconcile" | "status" | "drift" {
  const name = functionName.slice(functionName.lastIndexOf("-") + 1);
  if (name === "certificates") return "drift";
  return name === "ingest" || name === "status" || name === "drift" ? name : "reconcile";
}

const logged = z.looseObject({ level: z.string(), message: z.string() });

/** What a person must know of a function's log: its warnings and errors, and lines that are no log lines at all. */
function logLine(line: string): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return line.trim() === "" ? undefined : line;
  }
  const entry = logged.safeParse(json);
  if (!entry.success || !/^(WARN|ERROR)$/i.test(entry.data.level)) return undefined;
  const {
    level: _level,
    message,
    timestamp: _time,
    service: _service,
    sampling_rate: _rate,
    xray_trace_id: _trace,
    time: _at,
    ...rest
  } = entry.data;
  return `${message} ${JSON.stringify(rest, (key, value: unknown) => (key === "stack" ? undefined : value))}`;
}

/** What was written of a Lattice call, for a person. */
export function latticeLine(operation: string, input: Readonly<Record<string, unknown>>): string {
  const targets = input["targets"];
  const rules = input["rules"];
  const named =
    input["name"] ?? input["targetGroupIdentifier"] ?? input["serviceIdentifier"] ?? input["resourceArn"];
  return [
    operation,
    typeof named === "string" ? named : "",
    Array.isArray(targets) ? `with ${counted(targets.length, "target", "targets")}` : "",
    Array.isArray(rules) ? `with ${counted(rules.length, "rule", "rules")}` : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

const condition = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(""),
  observedGeneration: z.number().optional(),
});
const status = z.looseObject({
  conditions: z.array(condition).default([]),
  parents: z.array(z.looseObject({ conditions: z.array(condition).default([]) })).default([]),
});

/** Tells each status that is written: not that an object is written otherwise, and nothing twice. */
export function createStatusTeller(tell: (line: string) => void): (object: KubeObject) => void {
  const last = new Map<string, string>();
  return (object) => {
    const { kind, metadata } = object;
    const key = `${kind} ${metadata.namespace ?? ""}/${metadata.name} ${metadata.uid ?? ""}`;
    const line = statusLine(object);
    if (line === undefined || last.get(key) === line) return;
    last.set(key, line);
    tell(line);
  };
}

/** The conditions of an object, and of which generation of it they are, in one line; undefined when it has none. */
function statusLine(object: KubeObject): string | undefined {
  const parsed = status.safeParse(object["status"] ?? {});
  if (!parsed.success) return undefined;
  const { conditions, parents } = parsed.data;
  const all = [...conditions, ...parents.flatMap((parent) => parent.conditions)];
  if (all.length === 0) return undefined;
  const { namespace, name } = object.metadata;
  const said = all.map((one) => `${one.type}=${one.status}${one.status === "True" ? "" : `(${one.reason})`}`);
  const generation = Math.min(...all.map((one) => one.observedGeneration ?? 0));
  const what = `${object.kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
  return `${what}${generation > 1 ? ` (generation ${generation})` : ""}: ${said.join(" ")}`;
}
