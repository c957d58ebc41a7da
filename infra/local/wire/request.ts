import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { connect, type ClientHttp2Session } from "node:http2";
import { connect as connectTls } from "node:tls";
import { z } from "zod";

/** One request to a data plane or to a pod, by the name that it is meant for. */
export interface Ask {
  /** The Host header or `:authority`. */
  readonly host: string;
  readonly path?: string | undefined;
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Buffer | undefined;
  /**
   * Over TLS: the name to ask for (the host, if none is given), and the authority that must vouch for it. Without one, whoever
   * answers is believed: pods have an authority that nobody else knows.
   */
  readonly tls?:
    | {
        readonly sni?: string | undefined;
        readonly ca?: string | undefined;
        /** What HTTP/1.1 offers by ALPN: itself if nothing else is said. */
        readonly alpn?: readonly string[] | undefined;
      }
    | undefined;
  /** HTTP/2: by ALPN over TLS, else with prior knowledge. */
  readonly http2?: boolean | undefined;
}

/** What a pod says of the request that it answered. */
export type Echoed = z.infer<typeof echoed>;

const echoed = z.looseObject({
  pod: z.string(),
  namespace: z.string(),
  service: z.string(),
  cluster: z.string(),
  path: z.string(),
  method: z.string(),
  host: z.string(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  http: z.enum(["1.1", "2"]),
  tls: z.object({ sni: z.string(), alpn: z.string() }).optional(),
  grpc: z.literal(true).optional(),
});

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  /** Undefined unless a pod answered. */
  readonly echoed: Echoed | undefined;
}

/** Sends a request to where a URL listens, whatever the URL's host and scheme say. Rejects when there is no answer. */
export function request(url: string, ask: Ask): Promise<Answer> {
  return ask.http2 === true ? overHttp2(url, ask, (session) => exchange(session, ask)) : overHttp1(url, ask);
}

/** How a unary call of gRPC ended. */
export interface GrpcAnswer {
  /** Of HTTP. */
  readonly status: number;
  /** Of gRPC; undefined when what answered does not speak it. */
  readonly grpcStatus: number | undefined;
  readonly echoed: Echoed | undefined;
}

/** Calls a method with an empty message. The path is `/PACKAGE.SERVICE/METHOD`. */
export async function grpcCall(url: string, ask: Ask & { readonly path: string }): Promise<GrpcAnswer> {
  return grpcAnswer(await request(url, asCall(ask)));
}

/** Makes calls of one method over one connection, as many as whoever is given the way to make one wants. */
export async function grpcCalls(
  url: string,
  ask: Ask & { readonly path: string },
  many: (call: () => Promise<GrpcAnswer>) => Promise<void>,
): Promise<void> {
  await overHttp2(url, ask, (session) => many(async () => grpcAnswer(await exchange(session, asCall(ask)))));
}

const asCall = (ask: Ask): Ask => ({
  method: "POST",
  body: Buffer.alloc(framePrefix),
  ...ask,
  http2: true,
  headers: { "content-type": "application/grpc", te: "trailers", ...ask.headers },
});

function grpcAnswer({ status, body, ...answer }: Answer): GrpcAnswer {
  const said = answer.trailers["grpc-status"] ?? answer.headers["grpc-status"];
  return {
    status,
    grpcStatus: said === undefined ? undefined : Number(said),
    echoed: body.length > framePrefix ? echoedIn(firstField(body.subarray(framePrefix))) : undefined,
  };
}

/** A flag and the length of the message. */
const framePrefix = 5;

/** The text in the first field of a protobuf message: a tag, a length of seven bits a byte, and so many bytes. */
function firstField(message: Buffer): Buffer {
  let [at, length] = [1, 0];
  for (let shift = 0, more = true; more; shift += 7, at += 1) {
    const byte = message[at] ?? 0;
    length |= (byte & 0x7f) << shift;
    more = byte >= 0x80;
  }
  return message.subarray(at, at + length);
}

/** What a pod says in a body; undefined when it is nothing that a pod says. */
export function echoedIn(body: Buffer): Echoed | undefined {
  try {
    return echoed.safeParse(JSON.parse(body.toString())).data;
  } catch {
    return undefined;
  }
}

const portOf = (url: string): number => Number(new URL(url).port);
const verified = ({ host }: Ask, { sni, ca }: NonNullable<Ask["tls"]>) => ({
  servername: sni ?? host.replace(/:\d+$/, ""),
  ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
});

async function overHttp1(url: string, ask: Ask): Promise<Answer> {
  const { host, path = "/", method = "GET", headers = {}, body, tls } = ask;
  const common = {
    host: "127.0.0.1",
    port: portOf(url),
    path,
    method,
    headers: { ...headers, host },
  };
  const out =
    tls === undefined
      ? httpRequest({ ...common, agent: false })
      : httpRequest({
          ...common,
          createConnection: () =>
            connectTls({
              host: common.host,
              port: common.port,
              ALPNProtocols: [...(tls.alpn ?? ["http/1.1"])],
              ...verified(ask, tls),
            }),
        });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    out.on("response", resolve);
    out.on("error", reject);
    out.end(body);
  });
  const whole = await bytesIn(response);
  const { statusCode = 0, trailers } = response;
  return { status: statusCode, headers: response.headers, trailers, body: whole, echoed: echoedIn(whole) };
}

async function overHttp2<T>(
  url: string,
  ask: Ask,
  talk: (session: ClientHttp2Session) => Promise<T>,
): Promise<T> {
  const at = `127.0.0.1:${portOf(url)}`;
  const session =
    ask.tls === undefined ? connect(`http://${at}`) : connect(`https://${at}`, verified(ask, ask.tls));
  try {
    return await new Promise((resolve, reject) => {
      session.on("error", reject);
      session.on("close", () => reject(new Error("the connection was closed")));
      talk(session).then(resolve, reject);
    });
  } finally {
    session.destroy();
  }
}

async function exchange(session: ClientHttp2Session, ask: Ask): Promise<Answer> {
  const { host, path = "/", method = "GET", headers = {}, body } = ask;
  const scheme = ask.tls === undefined ? "http" : "https";
  const head = { ...headers, ":method": method, ":path": path, ":authority": host, ":scheme": scheme };
  const stream = session.request(head, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const answered = new Promise<IncomingHttpHeaders & { ":status"?: number }>((resolve, reject) => {
    stream.on("response", resolve);
    stream.on("error", reject);
  });
  let trailers: IncomingHttpHeaders = {};
  stream.on("trailers", (received: IncomingHttpHeaders) => (trailers = received));
  const { ":status": status = 0, ...received } = await answered;
  const whole = await bytesIn(stream);
  return { status, headers: received, trailers, body: whole, echoed: echoedIn(whole) };
}

async function bytesIn(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) if (Buffer.isBuffer(part)) parts.push(part);
  return Buffer.concat(parts);
}
