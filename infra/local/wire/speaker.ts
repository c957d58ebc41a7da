import { createServer } from "node:http";
import { performServerHandshake } from "node:http2";
import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket, type Server } from "node:tls";
import type { Certified } from "./authority.ts";
import { contained } from "./contained.ts";
import { http1Exchange, http2Exchange, tlsFacts, type Exchange } from "./exchange.ts";

/** Speaks a protocol on a connection that somebody else accepted. */
export interface Speaker {
  http1(socket: Duplex): void;
  /** HTTP/2 without TLS, by a client that knows beforehand that it is spoken. */
  http2(socket: Socket): void;
  /** TLS, and in it HTTP/2 or HTTP/1.1 as the client chooses by ALPN; HTTP/1.1 if it offers none. */
  tls(socket: Socket, certified: Certified): void;
}

/** A speaker that calls back with every request. */
export function createSpeaker(onRequest: (exchange: Exchange) => void): Speaker {
  const server = createServer((request, response) => {
    contained(response);
    onRequest(http1Exchange(request, response));
  });
  const http1 = (socket: Duplex): void => void server.emit("connection", socket);
  const http2 = (socket: Socket): void => {
    const tls = socket instanceof TLSSocket ? tlsFacts(socket) : undefined;
    const session = performServerHandshake(socket);
    session.on("error", () => session.destroy());
    session.on("stream", (stream, headers) => onRequest(http2Exchange(stream, headers, tls)));
  };
  const secured = new WeakMap<Certified, Server>();
  function securedBy(certified: Certified): Server {
    const made = createTlsServer({ ...certified, ALPNProtocols: ["h2", "http/1.1"] }, (socket) =>
      socket.alpnProtocol === "h2" ? http2(socket) : http1(socket),
    );
    secured.set(certified, made);
    return made;
  }
  return {
    http1,
    http2,
    tls: (socket, certified) =>
      void (secured.get(certified) ?? securedBy(certified)).emit("connection", socket),
  };
}
