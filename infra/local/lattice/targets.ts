import {
  Agent,
  request as httpRequest,
  type ClientRequest,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http";
import { Agent as SecureAgent, request as httpsRequest } from "node:https";
import { connect, constants, type ClientHttp2Session } from "node:http2";
import { isIPv6 } from "node:net";
import type { Readable } from "node:stream";
import { endToEnd } from "../wire/headers.ts";
import type { Speaks } from "./routing.ts";

/** Where a pod's address is reached on this machine, or undefined when there is no such pod. */
export type AddressOf = (ip: string, port: number) => Address | undefined;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A request as it is sent to a target. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: OutgoingHttpHeaders;
  /** Absent when the headers are all. */
  readonly body?: Readable | undefined;
  /** What follows the body; asked for once it has ended. */
  readonly trailers?: (() => OutgoingHttpHeaders) | undefined;
}

/** What a target answers, as it begins. */
export interface Begun {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  /** Absent when the headers are all. */
  readonly body?: Readable | undefined;
  /** Known once the body has ended, and so is whether that was all. */
  readonly trailers: () => OutgoingHttpHeaders;
  readonly whole: () => boolean;
}

export interface Listening {
  begun(answer: Begun): void;
  /** The target could not be reached, or broke off; perhaps after it had begun. */
  failed(): void;
}

/** Targets by what their group says that they speak. */
export interface Targets {
  /** Sends a request, and answers how to give it up. */
  send(to: Address, speaks: Speaks, request: Sent, listening: Listening): () => void;
  close(): void;
}

/** Connections to targets, kept for the next request. Certificates of targets are not verified: Lattice does not either. */
export function createTargets(): Targets {
  const agent = new Agent({ keepAlive: true });
  // Whether Lattice names anybody in the handshake with a target is not documented: nobody is named.
  const secureAgent = new SecureAgent({ keepAlive: true, rejectUnauthorized: false, servername: "" });
  const sessions = new Map<string, ClientHttp2Session>();

  function sessionTo({ host, port }: Address, scheme: string): ClientHttp2Session {
    const url = `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
    const known = sessions.get(url);
    if (known !== undefined && !known.closed && !known.destroyed) return known;
    const session = connect(url, { rejectUnauthorized: false });
    // Each of its requests hears of it, too.
    session.on("error", () => undefined);
    session.unref();
    sessions.set(url, session);
    return session;
  }

  return {
    send(to, { protocol, version }, request, listening) {
      const secure = protocol === "HTTPS";
      if (version === "HTTP2" || version === "GRPC")
        return overHttp2(sessionTo(to, secure ? "https" : "http"), secure, request, listening);
      const { method, path, host, body } = request;
      const headers = { ...request.headers, host, ...framing(request) };
      const options = { ...to, method, path, headers };
      const begin = (isAgain: boolean): ClientRequest => {
        const out = secure
          ? httpsRequest({ ...options, agent: isAgain ? false : secureAgent })
          : httpRequest({ ...options, agent: isAgain ? false : agent });
        listenHttp1(out, listening);
        // A target may close a connection that lay idle in the moment in which it is used again: nobody has seen the request.
        let isAnswered = false;
        out.once("response", () => (isAnswered = true));
        out.once("error", () => {
          if (out.reusedSocket && !isAgain && !isAnswered && body === undefined) current = begin(true);
          else listening.failed();
        });
        if (body === undefined) out.end();
        else writeHttp1(out, body, request.trailers);
        return out;
      };
      let current = begin(false);
      return () => void current.destroy();
    },
    close() {
      agent.destroy();
      secureAgent.destroy();
      for (const session of sessions.values()) session.destroy();
    },
  };
}

/** HTTP/2 needs no length of a body, and HTTP/1.1 must be told that there is one. */
const framing = ({ body, headers }: Sent): OutgoingHttpHeaders =>
  body === undefined || headers["content-length"] !== undefined ? {} : { "transfer-encoding": "chunked" };

function listenHttp1(out: ClientRequest, listening: Listening): void {
  out.once("response", (answer) =>
    listening.begun({
      status: answer.statusCode ?? 502,
      headers: endToEnd(answer.headers),
      body: answer,
      trailers: () => answer.trailers,
      whole: () => answer.complete,
    }),
  );
}

function writeHttp1(out: ClientRequest, body: Readable, trailers: Sent["trailers"]): void {
  body.pipe(out, { end: false });
  body.once("end", () => {
    out.addTrailers({ ...trailers?.() });
    out.end();
  });
}

function overHttp2(
  session: ClientHttp2Session,
  secure: boolean,
  { method, path, host, headers, body, trailers }: Sent,
  listening: Listening,
): () => void {
  const head = {
    ...headers,
    ":method": method,
    ":path": path,
    ":authority": host,
    ":scheme": secure ? "https" : "http",
  };
  const stream = session.request(head, {
    endStream: body === undefined,
    waitForTrailers: body !== undefined,
  });
  let trailing: OutgoingHttpHeaders = {};
  stream.once("wantTrailers", () => stream.sendTrailers({ ...trailers?.() }));
  stream.once("trailers", (received: IncomingHttpHeaders) => (trailing = endToEnd(received)));
  stream.once("response", ({ ":status": status = 502, ...received }, flags) => {
    const whole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    // What is over with its headers, as a refusal of gRPC is, must stay so.
    const content = whole ? {} : { body: stream };
    const followed = { trailers: () => trailing, whole: () => stream.rstCode === constants.NGHTTP2_NO_ERROR };
    listening.begun({ status, headers: endToEnd(received), ...content, ...followed });
  });
  stream.on("error", () => undefined);
  // A stream that was given up ends without an error, and without its end.
  stream.once("close", () => (stream.readableEnded ? undefined : listening.failed()));
  body?.pipe(stream);
  return () => stream.close(constants.NGHTTP2_CANCEL);
}
