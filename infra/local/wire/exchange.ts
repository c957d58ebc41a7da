import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { constants, type ServerHttp2Stream } from "node:http2";
import type { Readable, Writable } from "node:stream";
import { TLSSocket } from "node:tls";

/** What the TLS handshake of a connection came to. Empty texts stand for none. */
export interface TlsFacts {
  readonly sni: string;
  readonly alpn: string;
}

/** An answer. */
export interface Reply {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders | undefined;
  /** Absent when the headers are all. */
  readonly body?: Readable | string | Buffer | undefined;
  /** What follows the body; asked for once it has ended. */
  readonly trailers?: (() => OutgoingHttpHeaders) | undefined;
  /** Whether a body that has ended was all of it: HTTP/2 can end one in the middle. Taken for granted when it is absent. */
  readonly whole?: (() => boolean) | undefined;
}

/** A request and the way to answer it, by whichever version of HTTP it came. */
export interface Exchange {
  readonly http: "1.1" | "2";
  /** Undefined in plaintext. */
  readonly tls: TlsFacts | undefined;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** The Host header, or `:authority`. */
  readonly host: string;
  /** Without pseudo-headers. */
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string;
  readonly body: Readable;
  readonly hasBody: boolean;
  /** The request's trailers, once its body has ended. */
  trailers(): OutgoingHttpHeaders;
  answer(reply: Reply): void;
  /** Ends it in the middle, when what was promised cannot be kept. */
  breakOff(): void;
  /** Calls back when the client goes without waiting for the end. */
  onGone(run: () => void): void;
}

/** A request over HTTP/1.1. */
export const http1Exchange = (request: IncomingMessage, response: ServerResponse): Exchange => ({
  http: "1.1",
  tls: request.socket instanceof TLSSocket ? tlsFacts(request.socket) : undefined,
  method: request.method ?? "GET",
  path: request.url ?? "/",
  host: request.headers.host ?? "",
  headers: request.headers,
  remoteAddress: request.socket.remoteAddress ?? "",
  body: request,
  hasBody: "transfer-encoding" in request.headers || (request.headers["content-length"] ?? "0") !== "0",
  trailers: () => request.trailers,
  answer({ status, headers = {}, body, trailers, whole }) {
    response.writeHead(status, headers);
    if (!isStream(body)) return void response.end(body);
    relay(body, response, whole, (all) => {
      if (!all) return void response.destroy();
      response.addTrailers({ ...trailers?.() });
      response.end();
    });
  },
  breakOff: () => void response.destroy(),
  onGone: (run) => void response.once("close", () => (response.writableFinished ? undefined : run())),
});

/** A request over HTTP/2. */
export function http2Exchange(
  stream: ServerHttp2Stream,
  received: IncomingHttpHeaders & Readonly<Record<`:${string}`, string | string[] | undefined>>,
  tls: TlsFacts | undefined,
): Exchange {
  const text = (name: `:${string}`): string => String(received[name] ?? "");
  let trailing: OutgoingHttpHeaders = {};
  stream.once("trailers", (headers: OutgoingHttpHeaders) => (trailing = headers));
  // Whoever waits for the stream hears that it closes; its errors say no more than that.
  stream.on("error", () => undefined);
  const method = text(":method");
  return {
    http: "2",
    tls,
    method,
    path: text(":path"),
    host: text(":authority") || (received.host ?? ""),
    headers: Object.fromEntries(Object.entries(received).filter(([name]) => !name.startsWith(":"))),
    remoteAddress: stream.session?.socket.remoteAddress ?? "",
    body: stream,
    hasBody: !stream.endAfterHeaders,
    trailers: () => trailing,
    answer: (reply) => answerHttp2(stream, method, reply),
    breakOff: () => breakOffHttp2(stream),
    onGone: (run) => void stream.once("aborted", run),
  };
}

function answerHttp2(
  stream: ServerHttp2Stream,
  method: string,
  { status, headers, body, trailers, whole }: Reply,
): void {
  const head = { ":status": status, ...headers };
  // Whoever sends what nobody wants is let come to its end.
  if (isStream(body) && (stream.destroyed || method === "HEAD")) body.resume();
  if (stream.destroyed) return;
  if (body === undefined || method === "HEAD") return stream.respond(head, { endStream: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ ...trailers?.() }));
  stream.respond(head, { waitForTrailers: trailers !== undefined });
  if (!isStream(body)) return void stream.end(body);
  relay(body, stream, whole, (all) => void (all ? stream.end() : breakOffHttp2(stream)));
}

/** Without a code the client would take what it got for all there is. */
const breakOffHttp2 = (stream: ServerHttp2Stream): void => stream.close(constants.NGHTTP2_INTERNAL_ERROR);

const isStream = (body: Reply["body"]): body is Readable =>
  body !== undefined && typeof body !== "string" && !Buffer.isBuffer(body);

/** Passes a body on, and tells whether all of it came before it was over. */
function relay(body: Readable, to: Writable, whole: Reply["whole"], over: (all: boolean) => void): void {
  body.pipe(to, { end: false });
  body.once("error", () => over(false));
  body.once("end", () => over(whole?.() ?? true));
}

/** What is known of a connection once its handshake is over. */
export const tlsFacts = ({ servername, alpnProtocol }: TLSSocket): TlsFacts => ({
  sni: typeof servername === "string" ? servername : "",
  alpn: typeof alpnProtocol === "string" ? alpnProtocol : "",
});
