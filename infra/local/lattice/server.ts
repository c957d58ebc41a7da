import { randomUUID } from "node:crypto";
import { AccessDenied, type Caller, type Iam } from "../aws/iam.ts";
import type { Calls } from "../aws/calls.ts";
import { serve, type Received, type Reply, type Served } from "../aws/http.ts";
import type { LatticeEngine } from "./engine.ts";
import { LatticeFault } from "./fault.ts";
import { inputMembers, operations, type Operation } from "./model.ts";

export interface LatticeServerOptions {
  readonly engine: LatticeEngine;
  readonly iam: Iam;
  readonly calls: Calls;
  /** Told of every call that changed something, with its caller. */
  readonly onCall?:
    | ((operation: string, caller: Caller, input: Readonly<Record<string, unknown>>) => void)
    | undefined;
  readonly port?: number | undefined;
}

/** The engine at the wire protocol of the official SDKs (restJson1), with access control in front. */
export function serveLattice(options: LatticeServerOptions): Promise<Served> {
  return serve((received) => {
    try {
      return answer(received, options);
    } catch (error) {
      return fault(error);
    }
  }, options.port);
}

function answer(received: Received, options: LatticeServerOptions): Reply {
  const caller = options.iam.identify(received.headers);
  const found = find(received);
  if (found === undefined)
    throw new LatticeFault("ValidationException", `there is no ${received.method} ${received.url}`, {
      reason: "unknownOperation",
    });
  const { name, operation, input } = found;
  // IAM knows no BatchUpdateRule: it is authorised as what it does.
  const action = `vpc-lattice:${name === "BatchUpdateRule" ? "UpdateRule" : name}`;
  options.calls.count("lattice", name, caller.name, received.headers["x-espalier-poll"] === "1");
  options.iam.authorise(caller, action, resourceOf(input, caller));
  const output = options.engine.call(caller, name, input);
  if (operation.method !== "GET" && name !== "ListTargets") options.onCall?.(name, caller, input);
  return {
    status: operation.code,
    headers: headers(),
    body: operation.code === 204 ? "" : JSON.stringify(output),
  };
}

const headers = (more: Readonly<Record<string, string>> = {}) => ({
  "content-type": "application/json",
  "x-amzn-requestid": randomUUID(),
  ...more,
});

function fault(error: unknown): Reply {
  if (error instanceof LatticeFault) {
    const retry: Record<string, string> =
      error.retryAfterSeconds === undefined ? {} : { "retry-after": String(error.retryAfterSeconds) };
    return {
      status: error.status,
      headers: headers({ "x-amzn-errortype": error.name, ...retry }),
      body: JSON.stringify(error.body),
    };
  }
  if (error instanceof AccessDenied)
    return {
      status: 403,
      headers: headers({ "x-amzn-errortype": "AccessDeniedException" }),
      body: JSON.stringify({ message: error.message }),
    };
  if (error instanceof SyntaxError)
    return {
      status: 400,
      headers: headers({ "x-amzn-errortype": "ValidationException" }),
      body: JSON.stringify({ message: error.message, reason: "cannotParse" }),
    };
  throw error;
}

/** The most particular resource that a call names; `*` for what names none. */
function resourceOf(input: Readonly<Record<string, unknown>>, caller: Caller): string {
  const identifier =
    input["resourceArn"] ??
    input["targetGroupIdentifier"] ??
    input["serviceIdentifier"] ??
    input["serviceNetworkIdentifier"];
  if (typeof identifier !== "string") return `arn:aws:vpc-lattice:${caller.region}:${caller.account}:*`;
  if (identifier.startsWith("arn:")) return identifier;
  const type = identifier.startsWith("tg-")
    ? "targetgroup"
    : identifier.startsWith("svc-")
      ? "service"
      : "servicenetwork";
  return `arn:aws:vpc-lattice:${caller.region}:${caller.account}:${type}/${identifier}`;
}

interface Found {
  readonly name: string;
  readonly operation: Operation;
  readonly input: Readonly<Record<string, unknown>>;
}

const routes = Object.entries(operations).map(([name, operation]) => ({
  name,
  operation,
  parts: operation.uri.split("/"),
}));

/** The operation of a request. The raw path is split before it is decoded, because a label may hold an ARN with its slashes. */
function find(received: Received): Found | undefined {
  const [path = "", query = ""] = received.url.split("?");
  const parts = path.split("/");
  const found = routes.find(
    (one) =>
      one.operation.method === received.method &&
      one.parts.length === parts.length &&
      one.parts.every((part, index) => part.startsWith("{") || part === parts[index]),
  );
  if (found === undefined) return undefined;
  const labels = Object.fromEntries(
    found.parts.flatMap((part, index) =>
      part.startsWith("{") ? [[part.slice(1, -1), decodeURIComponent(parts[index] ?? "")]] : [],
    ),
  );
  const body: Readonly<Record<string, unknown>> = received.body === "" ? {} : JSON.parse(received.body);
  return {
    name: found.name,
    operation: found.operation,
    input: { ...body, ...queryOf(found.operation, new URLSearchParams(query)), ...labels },
  };
}

function queryOf(operation: Operation, query: URLSearchParams): Readonly<Record<string, unknown>> {
  const members = Object.entries(inputMembers(operation)).filter(
    ([, member]) => member.location === "querystring",
  );
  return Object.fromEntries(
    members.flatMap(([name, member]) => {
      const values = query.getAll(member.locationName ?? name);
      const [first] = values;
      if (first === undefined) return [];
      return [[name, name === "tagKeys" ? values : name === "maxResults" ? Number(first) : first]];
    }),
  );
}
