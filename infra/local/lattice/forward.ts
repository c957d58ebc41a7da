import { randomUUID } from "node:crypto";
import type { OutgoingHttpHeaders } from "node:http";
import type { Exchange } from "../wire/exchange.ts";
import { isGrpc } from "../wire/grpc.ts";
import { endToEnd } from "../wire/headers.ts";
import type { Caller, LatticeEngine } from "./engine.ts";
import type { Answered, Speaks } from "./routing.ts";
import type { AddressOf, Targets } from "./targets.ts";

export interface Forwarding {
  readonly engine: LatticeEngine;
  readonly place: Caller;
  /** The service network that requests come through. */
  readonly network: { readonly id: string; readonly arn: string };
  /** The port of the Lattice listeners that are served. */
  readonly port: number;
  readonly addressOf: AddressOf;
  readonly targets: Targets;
}

/**
 * Nothing says what a client is answered whose version of HTTP the target group cannot serve, only that it is an error (user
 * guide, "Protocol version").
 */
const versionNotServed = 505;

/** Answers one request by the listeners, rules and target groups of the service that it is for. */
export function forward(exchange: Exchange, d: Forwarding): void {
  const id = (one(exchange.headers["x-amzn-requestid"]) ?? randomUUID()).slice(0, 512);
  const end = (status: number): void =>
    exchange.answer({ status, headers: { "x-amzn-requestid": id, "content-length": 0 } });
  const found = d.engine.route(d.place, {
    network: d.network.id,
    port: d.port,
    protocol: exchange.tls === undefined ? "HTTP" : "HTTPS",
    host: exchange.host,
    method: exchange.method,
    path: exchange.path.split("?")[0] ?? "/",
    headers: Object.fromEntries(
      Object.entries(exchange.headers).map(([name, value]) => [name, one(value) ?? ""]),
    ),
  });
  switch (found.is) {
    case "none":
      return end(404);
    case "fixed":
      return end(found.status);
    case "empty":
      return end(503);
    case "target":
      return serves(found.speaks, exchange) ? send(exchange, id, found, end, d) : end(versionNotServed);
  }
}

/** Which clients the protocol version of a target group can serve (user guide, "Protocol version"). */
function serves({ version }: Speaks, { http, method, headers }: Exchange): boolean {
  if (version === "HTTP2") return http === "2";
  if (version === "GRPC") return http === "2" && method === "POST";
  return !(http === "2" && isGrpc(headers));
}

function send(
  exchange: Exchange,
  id: string,
  found: Extract<Answered, { is: "target" }>,
  end: (status: number) => void,
  { addressOf, targets, ...d }: Forwarding,
): void {
  const address = addressOf(found.target.id, found.target.port);
  if (address === undefined) return end(500);
  const { method, path, host, body, hasBody, trailers } = exchange;
  let begun = false;
  const request = {
    method,
    path,
    host,
    headers: {
      ...fromClient(exchange),
      "x-forwarded-for": exchange.remoteAddress,
      "x-forwarded-port": String(d.port),
      "x-forwarded-proto": exchange.tls === undefined ? "http" : "https",
      "x-amzn-requestid": id,
      "x-amzn-lattice-target": `ServiceArn=${found.service};ServiceNetworkArn=${d.network.arn};TargetGroupArn=${found.group}`,
    },
    ...(hasBody ? { body, trailers } : {}),
  };
  const giveUp = targets.send(address, found.speaks, request, {
    begun(answer) {
      begun = true;
      exchange.answer({ ...answer, headers: { ...answer.headers, "x-amzn-requestid": id } });
    },
    failed: () => (begun ? exchange.breakOff() : end(500)),
  });
  exchange.onGone(giveUp);
}

/** The client's own headers. Those by which Lattice tells who the client is cannot come from the client. */
function fromClient({ headers }: Exchange): OutgoingHttpHeaders {
  const kept = endToEnd(headers);
  for (const name in kept) if (name.startsWith("x-amzn-lattice-")) delete kept[name];
  return kept;
}

const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(",") : value;
