import { once } from "node:events";
import { createServer as createHttp1, type IncomingMessage, type Server } from "node:http";
import { get } from "node:https";
import {
  connect,
  constants,
  createServer as createHttp2,
  type ClientHttp2Stream,
  type Http2Server,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { request } from "../../../../infra/local/wire/request.ts";
import { forwardTo, startPlane } from "./plane.ts";

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A data plane that forwards all to one server of the test. */
async function planeBefore(server: Server | Http2Server, protocolVersion: string) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const plane = await startPlane(() => ({ host: "127.0.0.1", port }));
  closing.push(() => plane.close());
  const { dnsName, listen } = plane.service("shop");
  listen("HTTPS", 443, forwardTo(await plane.group("mine", { protocolVersion }, ["10.2.0.1"])));
  return { host: dnsName, url: await plane.url(443), ca: plane.ca };
}

/** A stream of HTTP/2 that the test writes and reads piece by piece. */
function open({ url, host, ca }: Awaited<ReturnType<typeof planeBefore>>): ClientHttp2Stream {
  const session = connect(url, { ca, servername: host });
  closing.push(() => session.destroy());
  return session.request(
    { ":method": "POST", ":authority": host, ":path": "/", te: "trailers" },
    { waitForTrailers: true },
  );
}

const next = async (stream: ClientHttp2Stream): Promise<string> => String((await once(stream, "data"))[0]);

test("messages go both ways while a stream lasts, and so do what follows it", async () => {
  const server = createHttp2();
  server.on("stream", (stream) => {
    let trailing = {};
    stream.on("trailers", (trailers) => (trailing = { "x-said": trailers["x-said"] }));
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ ...trailing, "grpc-status": "0" }));
    stream.pipe(stream);
  });
  const stream = open(await planeBefore(server, "GRPC"));
  stream.on("wantTrailers", () => stream.sendTrailers({ "x-said": "so" }));
  for (const message of ["one", "two", "three"]) {
    stream.write(message);
    expect(await next(stream)).toBe(message);
  }
  stream.end();
  stream.resume();
  const [trailers] = await once(stream, "trailers");
  expect(trailers).toMatchObject({ "grpc-status": "0", "x-said": "so" });
});

test("what ends with its headers ends so for the client too", async () => {
  const server = createHttp2();
  server.on("stream", (stream) =>
    stream.respond({ ":status": 200, "grpc-status": "7" }, { endStream: true }),
  );
  const stream = open(await planeBefore(server, "GRPC"));
  stream.end();
  const [headers, flags] = await once(stream, "response");
  expect(headers).toMatchObject({ ":status": 200, "grpc-status": "7" });
  expect(Number(flags) & 1, "END_STREAM").toBe(1);
});

test.each<[what: string, giveUp: (stream: ServerHttp2Stream) => void]>([
  ["gives up", (stream) => stream.close(constants.NGHTTP2_CANCEL)],
  ["does not live to finish", (stream) => stream.session?.destroy()],
])("an answer that its target %s is not taken for a whole one", async (_what, giveUp) => {
  const server = createHttp2();
  server.on("stream", (stream) => {
    // With trailers to come, nothing ends the stream before it is given up.
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.write("half");
    setTimeout(() => giveUp(stream), 20);
  });
  const plane = await planeBefore(server, "HTTP2");
  await expect(
    request(plane.url, { host: plane.host, http2: true, tls: { ca: plane.ca } }),
  ).rejects.toThrow();
});

test("a client that reads slowly hears of it too when the target does not live to finish", async () => {
  const server = createHttp2();
  server.on("stream", (stream) => {
    stream.on("error", () => undefined);
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.write(Buffer.alloc(1 << 20));
    setTimeout(() => stream.session?.destroy(), 50);
  });
  const stream = open(await planeBefore(server, "HTTP2"));
  stream.end();
  // Nobody reads, so that what the target sent is still on its way when the target dies.
  expect((await once(stream, "error"))[0]).toMatchObject({ code: "ERR_HTTP2_STREAM_ERROR" });
});

test("an answer of HTTP/1.1 that breaks off is not taken for a whole one either", async () => {
  const breaksOff = createHttp1((_request, response) => {
    response.writeHead(200, { "transfer-encoding": "chunked" });
    response.write("half");
    setTimeout(() => response.destroy(), 20);
  });
  const plane = await planeBefore(breaksOff, "HTTP1");
  for (const http2 of [false, true])
    await expect(request(plane.url, { host: plane.host, http2, tls: { ca: plane.ca } })).rejects.toThrow();
});

test("a target hears of it when its client goes", async () => {
  let gone: Promise<unknown> = Promise.resolve();
  const server = createHttp2();
  server.on("stream", (stream) => {
    stream.on("error", () => undefined);
    gone = once(stream, "close");
    stream.respond({ ":status": 200 });
    stream.write("first");
  });
  const stream = open(await planeBefore(server, "HTTP2"));
  expect(await next(stream)).toBe("first");
  stream.close(constants.NGHTTP2_CANCEL);
  await gone;
});

test("a target of HTTP/1.1 hears of it too", async () => {
  let gone: Promise<unknown> = Promise.resolve();
  const server = createHttp1((_request, response) => {
    gone = once(response, "close");
    response.write("first");
  });
  const { url, host, ca } = await planeBefore(server, "HTTP1");
  const out = get(url, { ca, servername: host, headers: { host } });
  const [answer] = (await once(out, "response")) as [IncomingMessage];
  await once(answer, "data");
  out.destroy();
  await gone;
});

test("a connection to a target is used again, also after an answer without a body", async () => {
  let connections = 0;
  const server = createHttp1((_request, response) =>
    response.writeHead(200, { "content-length": 9 }).end("all of it"),
  );
  server.on("connection", () => (connections += 1));
  const plane = await planeBefore(server, "HTTP1");
  for (const method of ["HEAD", "HEAD", "GET"])
    await request(plane.url, { host: plane.host, method, http2: true, tls: { ca: plane.ca } });
  expect(connections).toBe(1);
});

test("a body without a length reaches a target that speaks HTTP/1.1", async () => {
  const server = createHttp1((received, response) => {
    let body = "";
    received.on("data", (part: Buffer) => (body += part.toString()));
    received.on("end", () => response.end(`${received.method} ${body}`));
  });
  const plane = await planeBefore(server, "HTTP1");
  const answer = await request(plane.url, {
    host: plane.host,
    method: "DELETE",
    body: "all of it",
    http2: true,
    tls: { ca: plane.ca },
  });
  expect(answer.body.toString()).toBe("DELETE all of it");
});

test("a connection that a target closes in the moment in which it is used again is no failure for a client", async () => {
  const server = createHttp1();
  server.on("connection", (socket) => {
    let asked = 0;
    socket.on("data", () => {
      asked += 1;
      if (asked > 1) socket.destroy();
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
  });
  const { url, host, ca } = await planeBefore(server, "HTTP1");
  for (let times = 0; times < 4; times += 1) {
    const { status } = await request(url, { host, tls: { ca } });
    expect(status).toBe(200);
  }
});
