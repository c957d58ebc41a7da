import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { grpcCall, request } from "../../../../infra/local/wire/request.ts";
import { certificateArn, forwardTo, notFound, startPlane } from "./plane.ts";

let plane: Awaited<ReturnType<typeof startPlane>>;
beforeEach(async () => {
  plane = await startPlane();
});
afterEach(() => plane.close());

/** What a server says to some bytes until it hangs up. */
const raw = (url: string, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = "";
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (part: Buffer) => (said += part.toString()));
    socket.on("close", () => resolve(said));
    socket.on("error", reject);
  });

describe("an HTTP listener", () => {
  test("forwards HTTP/1.1, and tells the target what it comes from", async () => {
    const { dnsName, listen } = plane.service("shop");
    listen("HTTP", 80, forwardTo(await plane.group("cart")));
    const { status, headers, echoed } = await request(await plane.url(80), {
      host: dnsName,
      method: "POST",
      path: "/items?page=2",
      body: "much",
      headers: {
        "x-a": "1",
        "x-amzn-requestid": "r".repeat(600),
        "x-amzn-lattice-identity": "Principal=arn:aws:iam::123456789012:user/me",
      },
    });
    expect(status).toBe(200);
    expect(headers["x-amzn-requestid"]).toBe("r".repeat(512));
    expect(echoed).toMatchObject({ service: "cart", http: "1.1", path: "/items?page=2", host: dnsName });
    expect(echoed?.headers).toMatchObject({
      "x-a": "1",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-port": "80",
      "x-forwarded-proto": "http",
      "x-amzn-requestid": "r".repeat(512),
      "x-amzn-lattice-target": expect.stringMatching(
        /^ServiceArn=arn:[^;]+svc-\w+;ServiceNetworkArn=arn:[^;]+sn-\w+;TargetGroupArn=arn:[^;]+tg-\w+$/,
      ),
    });
    expect(echoed?.headers).not.toHaveProperty("x-amzn-lattice-identity");
  });

  test("speaks no HTTP/2, and answers 404 for whom it does not know", async () => {
    const { dnsName, listen } = plane.service("shop");
    listen("HTTP", 80, forwardTo(await plane.group("cart")));
    const url = await plane.url(80);
    await expect(request(url, { host: dnsName, http2: true })).rejects.toThrow(/Protocol error|closed/);
    expect(await raw(url, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect((await request(url, { host: "other.example.com" })).status).toBe(404);
  });

  test("answers 503 where no target is, and 500 where none can be reached", async () => {
    const { dnsName, listen } = plane.service("shop");
    const rule = listen("HTTP", 80, forwardTo(await plane.group("empty", {}, [])));
    rule({ exact: "/gone" }, forwardTo(await plane.group("gone", {}, ["10.1.9.9"])));
    const url = await plane.url(80);
    expect((await request(url, { host: dnsName })).status).toBe(503);
    expect((await request(url, { host: dnsName, path: "/gone" })).status).toBe(500);
  });
});

test("a client that ends its side without a word is let go", async () => {
  const socket = connect(Number(new URL(await plane.url(80)).port), "127.0.0.1");
  const closed = once(socket, "close");
  socket.end().resume();
  await closed;
});

describe("an HTTPS listener", () => {
  test("serves HTTP/1.1 and HTTP/2 on the generated name, with a certificate for it", async () => {
    const { dnsName, listen } = plane.service("shop");
    const rule = listen("HTTPS", 443, notFound);
    rule({ prefix: "/cart/" }, forwardTo(await plane.group("cart")));
    const url = await plane.url(443);
    const ask = { host: dnsName, path: "/cart/1", tls: { ca: plane.ca } };
    for (const one of [ask, { ...ask, http2: true }, { ...ask, tls: { ...ask.tls, alpn: [] } }]) {
      const { status, echoed } = await request(url, { ...one, method: "POST", body: "much" });
      expect(status).toBe(200);
      expect(echoed).toMatchObject({ service: "cart", http: "1.1", host: dnsName, path: "/cart/1" });
      expect(echoed?.headers).toMatchObject({ "x-forwarded-proto": "https", "x-forwarded-port": "443" });
      expect((await request(url, { ...one, path: "/" })).status).toBe(404);
      expect((await request(url, { ...one, method: "HEAD" })).body).toHaveLength(0);
    }
    const other = { ...ask, host: "other.example.com", tls: { ca: plane.ca, sni: dnsName } };
    expect((await request(url, { ...other, http2: true })).status).toBe(404);
  });

  test("has a certificate for the custom domain only when the service has one", async () => {
    const cart = forwardTo(await plane.group("cart"));
    const pay = forwardTo(await plane.group("pay"));
    const certified = { customDomainName: "cart.example.com", certificateArn };
    plane.service("cart", certified).listen("HTTPS", 443, cart);
    const { dnsName, listen } = plane.service("pay", { customDomainName: "pay.example.com" });
    listen("HTTPS", 443, pay);
    const url = await plane.url(443);
    const ask = (host: string, sni = host) => request(url, { host, tls: { ca: plane.ca, sni } });
    expect((await ask("cart.example.com")).echoed).toMatchObject({ service: "cart" });
    await expect(ask("pay.example.com")).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    expect((await ask("pay.example.com", dnsName)).echoed).toMatchObject({ service: "pay" });
  });

  test("is not there for plaintext, nor for a client that names nobody or somebody else", async () => {
    const { dnsName, listen } = plane.service("shop");
    listen("HTTPS", 443, forwardTo(await plane.group("cart")));
    const url = await plane.url(443);
    expect((await request(url, { host: dnsName })).status).toBe(404);
    for (const sni of ["other.example.com", ""])
      await expect(request(url, { host: dnsName, tls: { ca: plane.ca, sni } })).rejects.toMatchObject({
        code: "ECONNRESET",
      });
  });
});

describe("target groups by what they speak", () => {
  test("HTTP/2 and gRPC groups answer clients of HTTP/2, and no others", async () => {
    const { dnsName, listen } = plane.service("shop");
    const rule = listen("HTTPS", 443, forwardTo(await plane.group("plain")));
    rule({ exact: "/two" }, forwardTo(await plane.group("two", { protocolVersion: "HTTP2" })));
    rule({ exact: "/grpc" }, forwardTo(await plane.group("grpc", { protocolVersion: "GRPC" })));
    const url = await plane.url(443);
    const ask = async (path: string, http2: boolean, method = "GET") => {
      const answer = await request(url, { host: dnsName, path, method, http2, tls: { ca: plane.ca } });
      return answer.echoed === undefined ? answer.status : `${answer.echoed.service} ${answer.echoed.http}`;
    };
    expect(await ask("/", true)).toBe("plain 1.1");
    expect(await ask("/two", true)).toBe("two 2");
    expect(await ask("/two", false)).toBe(505);
    expect(await ask("/grpc", true, "POST")).toBe("grpc 2");
    expect(await ask("/grpc", true)).toBe(505);
    expect(await ask("/grpc", false, "POST")).toBe(505);
  });

  test("gRPC is routed by service and method, and ends as the target says", async () => {
    const { dnsName, listen } = plane.service("shop");
    const rule = listen("HTTPS", 443, notFound);
    const add = await plane.group("add", { protocolVersion: "GRPC" });
    rule({ exact: "/shop.v1.Cart/Add" }, forwardTo(add));
    rule({ prefix: "/shop.v1.Cart/" }, forwardTo(await plane.group("cart", { protocolVersion: "HTTP2" })));
    rule({ prefix: "/shop.v1.Plain/" }, forwardTo(await plane.group("plain")));
    const url = await plane.url(443);
    const call = (path: string) => grpcCall(url, { host: dnsName, path, tls: { ca: plane.ca } });
    expect(await call("/shop.v1.Cart/Add")).toMatchObject({
      status: 200,
      grpcStatus: 0,
      echoed: { service: "add", grpc: true, headers: { te: "trailers", "x-forwarded-proto": "https" } },
    });
    expect(await call("/shop.v1.Cart/Remove")).toMatchObject({ grpcStatus: 0, echoed: { service: "cart" } });
    expect(await call("/shop.v1.Cart/UnimplementedAdd")).toMatchObject({ status: 200, grpcStatus: 12 });
    expect(await call("/shop.v1.Other/Add")).toEqual({ status: 404 });
    expect(await call("/shop.v1.Plain/Add")).toEqual({ status: 505 });
  });

  test("groups of protocol HTTPS are reached over TLS, whoever vouches for them", async () => {
    const { dnsName, listen } = plane.service("shop");
    const rule = listen("HTTPS", 443, forwardTo(await plane.group("one", { protocol: "HTTPS" })));
    const two = await plane.group("two", { protocol: "HTTPS", protocolVersion: "HTTP2" });
    rule({ exact: "/two" }, forwardTo(two));
    const url = await plane.url(443);
    const ask = { host: dnsName, http2: true, tls: { ca: plane.ca } };
    expect((await request(url, ask)).echoed).toMatchObject({ service: "one", http: "1.1", tls: { sni: "" } });
    expect((await request(url, { ...ask, path: "/two" })).echoed).toMatchObject({
      service: "two",
      http: "2",
      tls: { alpn: "h2" },
    });
  });
});
