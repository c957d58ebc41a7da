import { randomUUID } from "node:crypto";
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { started, type Served } from "../aws/http.ts";
import type { Caller, LatticeEngine } from "./engine.ts";
import { matches, type HealthCheck } from "./healthchecks.ts";

/** Where a pod's address is reached on this machine, or undefined when there is no such pod. */
export type AddressOf = (
  ip: string,
  port: number,
) => { readonly host: string; readonly port: number } | undefined;

export interface DataPlaneOptions {
  readonly engine: LatticeEngine;
  readonly place: Caller;
  /** The id of the service network that requests come through. */
  readonly network: string;
  /** The port of the Lattice listeners that are served. */
  readonly port: number;
  readonly addressOf: AddressOf;
}

/** One service network on one listener port: an HTTP server that routes by the Host header, as Lattice does. */
export function serveDataPlane(options: DataPlaneOptions): Promise<Served> {
  const agent = new Agent({ keepAlive: true });
  return started(createServer((request, response) => answer(request, response, options, agent)));
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: DataPlaneOptions,
  agent: Agent,
): void {
  const id = String(request.headers["x-amzn-requestid"] ?? randomUUID());
  const end = (status: number): void =>
    void response.writeHead(status, { "x-amzn-requestid": id, "content-length": 0 }).end();
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(",") : (value ?? ""),
    ]),
  );
  const found = options.engine.route(options.place, {
    network: options.network,
    port: options.port,
    host: headers["host"] ?? "",
    method: request.method ?? "GET",
    path: (request.url ?? "/").split("?")[0] ?? "/",
    headers,
  });
  if (found.is === "none") return end(404);
  if (found.is === "fixed") return end(found.status);
  if (found.is === "empty") return end(503);
  const address = options.addressOf(found.target.id, found.target.port);
  if (address === undefined) return end(500);
  const out = httpRequest(
    {
      ...address,
      agent,
      method: request.method,
      path: request.url,
      headers: {
        ...request.headers,
        "x-forwarded-for": request.socket.remoteAddress ?? "",
        "x-forwarded-port": String(options.port),
        "x-forwarded-proto": "http",
        "x-amzn-requestid": id,
        "x-amzn-lattice-target": `ServiceArn=${found.service};TargetGroupArn=${found.group}`,
      },
    },
    (answered) => {
      response.writeHead(answered.statusCode ?? 502, { ...answered.headers, "x-amzn-requestid": id });
      answered.pipe(response);
    },
  );
  out.on("error", () => (response.headersSent ? response.destroy() : end(500)));
  request.pipe(out);
}

/** Checks the health of every target of a group in use, each interval; answers how to stop. */
export function checkHealth(
  engine: LatticeEngine,
  place: Caller,
  addressOf: AddressOf,
  intervalMs: number,
): () => void {
  const agent = new Agent({ keepAlive: true });
  const timer = setInterval(() => {
    for (const group of engine.state(place).groups.values()) {
      const check = group.config.healthCheck;
      if (!check.enabled) continue;
      for (const target of group.targets.values()) {
        if (target.drainedAt !== undefined) continue;
        const address = addressOf(target.id, target.port);
        if (address === undefined) target.healthy = false;
        else probe(address, check, agent, (healthy) => (target.healthy = healthy));
      }
    }
  }, intervalMs);
  return () => {
    clearInterval(timer);
    agent.destroy();
  };
}

function probe(
  address: { readonly host: string; readonly port: number },
  check: HealthCheck,
  agent: Agent,
  done: (healthy: boolean) => void,
): void {
  const request = httpRequest({ ...address, path: check.path, agent, timeout: 2_000 }, (response) => {
    response.resume();
    done(matches(check, response.statusCode ?? 0));
  });
  request.on("timeout", () => request.destroy());
  request.on("error", () => done(false));
  request.end();
}
