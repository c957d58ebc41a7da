import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";
import { contained } from "../wire/contained.ts";

export interface Received {
  readonly method: string;
  /** As it came, neither decoded nor normalised. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** A server on loopback that answers each request once it is whole. What a handler throws is answered 500 with its message. */
export async function serve(
  handle: (request: Received) => Promise<Reply> | Reply,
  port = 0,
): Promise<Served> {
  const server = createServer((request, response) => {
    contained(response);
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const received: Received = {
        method: request.method ?? "GET",
        url: request.url ?? "/",
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      };
      void Promise.resolve()
        .then(() => handle(received))
        .catch((error: unknown): Reply => ({
          status: 500,
          body: JSON.stringify({ message: error instanceof Error ? error.message : String(error) }),
        }))
        .then(({ status, headers = {}, body = "" }) => response.writeHead(status, headers).end(body));
    });
  });
  return started(server, port);
}

/** Starts a server on loopback; port 0 is any free one. */
async function started(server: Server, port: number): Promise<Served> {
  return {
    url: `http://127.0.0.1:${await listening(server, port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Lets a server listen on loopback and answers its port; port 0 is any free one. */
export async function listening(server: NetServer, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** An answer of the JSON protocols. */
export const json = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.0", ...headers },
  body: JSON.stringify(body),
});
