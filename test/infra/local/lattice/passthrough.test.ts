import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { request } from "../../../../infra/local/wire/request.ts";
import { helloFor } from "../wire/hello.ts";
import { certificateArn, forwardTo, startPlane } from "./plane.ts";

let plane: Awaited<ReturnType<typeof startPlane>>;
beforeEach(async () => {
  plane = await startPlane();
});
afterEach(() => plane.close());

const tcp = { protocol: "TCP" };

test("TLS is passed through to the targets of whoever the client asks for, who answer it themselves", async () => {
  for (const name of ["cart", "pay"])
    plane
      .service(name, { customDomainName: `${name}.example.com`, certificateArn })
      .listen("TLS_PASSTHROUGH", 443, forwardTo(await plane.group(name, tcp)));
  const url = await plane.url(443);
  for (const name of ["cart", "pay"]) {
    const ask = { host: "whoever", tls: { sni: `${name}.example.com` } };
    const { echoed } = await request(url, ask);
    expect(echoed).toMatchObject({ service: name, http: "1.1", tls: { sni: `${name}.example.com` } });
    // What is encrypted for a target nobody on the way adds to.
    expect(Object.keys(echoed?.headers ?? {}).toSorted()).toEqual(["connection", "host"]);
    expect((await request(url, { ...ask, http2: true })).echoed).toMatchObject({ service: name, http: "2" });
    // Nor has the data plane a certificate to show.
    const vouched = { ...ask, tls: { ...ask.tls, ca: plane.ca } };
    await expect(request(url, vouched)).rejects.toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  }
});

test("each end hears of it when the other resets the connection", async () => {
  const server = createServer();
  server.on("connection", (socket) => socket.on("error", () => undefined));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const mine = await startPlane(() => ({ host: "127.0.0.1", port }));
  mine
    .service("shop", { customDomainName: "shop.example.com" })
    .listen("TLS_PASSTHROUGH", 443, forwardTo(await mine.group("mine", tcp, ["10.2.0.1"])));
  const at = Number(new URL(await mine.url(443)).port);
  const hello = await helloFor("shop.example.com");
  /** A connection through the data plane, at both of its ends. */
  const through = async () => {
    const accepted = once(server, "connection");
    const client = connect(at, "127.0.0.1").on("error", () => undefined);
    client.write(hello);
    const target = (await accepted)[0] as Socket;
    expect((await once(target, "data"))[0]).toEqual(hello);
    return { client, target };
  };
  const one = await through();
  one.client.resetAndDestroy();
  await once(one.target, "close");
  const two = await through();
  two.target.resetAndDestroy();
  expect((await once(two.client, "error"))[0]).toMatchObject({ code: "ECONNRESET" });
  server.close();
  mine.close();
});

test("connections are shared out by weight", async () => {
  const [most, some, none] = [
    await plane.group("most", tcp),
    await plane.group("some", tcp),
    await plane.group("none", tcp),
  ];
  plane
    .service("shop", { customDomainName: "shop.example.com" })
    .listen("TLS_PASSTHROUGH", 443, forwardTo([most, 3], [some, 1], [none, 0]));
  const url = await plane.url(443);
  const by: Record<string, number> = {};
  for (let sent = 0; sent < 80; sent += 1) {
    const { echoed } = await request(url, { host: "shop.example.com", tls: {} });
    by[echoed?.service ?? ""] = (by[echoed?.service ?? ""] ?? 0) + 1;
  }
  expect(Object.keys(by).toSorted()).toEqual(["most", "some"]);
  expect(by["most"]).toBeGreaterThan(45);
  expect(by["most"]).toBeLessThan(75);
});

test("a connection that nobody would answer is reset", async () => {
  const empty = forwardTo(await plane.group("empty", tcp, []));
  const gone = forwardTo(await plane.group("gone", tcp, ["10.1.9.9"]));
  const { dnsName, listen } = plane.service("shop", { customDomainName: "shop.example.com" });
  listen("TLS_PASSTHROUGH", 443, forwardTo(await plane.group("shop", tcp)));
  plane.service("empty", { customDomainName: "empty.example.com" }).listen("TLS_PASSTHROUGH", 443, empty);
  plane.service("gone", { customDomainName: "gone.example.com" }).listen("TLS_PASSTHROUGH", 443, gone);
  const url = await plane.url(443);
  for (const host of ["empty.example.com", "gone.example.com", "other.example.com", dnsName])
    await expect(request(url, { host, tls: {} }), host).rejects.toMatchObject({ code: "ECONNRESET" });
  expect((await request(url, { host: "shop.example.com", tls: {} })).status).toBe(200);
});

test("one port serves HTTP for one service, HTTPS for another and passes TLS through for a third", async () => {
  const [plain, secure, through] = [
    plane.service("plain"),
    plane.service("secure"),
    plane.service("through", { customDomainName: "through.example.com" }),
  ];
  through.listen("TLS_PASSTHROUGH", 8443, forwardTo(await plane.group("through", tcp)));
  secure.listen("HTTPS", 8443, forwardTo(await plane.group("secure")));
  const url = await plane.url(8443);
  plain.listen("HTTP", 8443, forwardTo(await plane.group("plain")));
  expect(await plane.url(8443)).toBe(url);
  const service = async (host: string, tls?: { ca?: string }) =>
    (await request(url, { host, tls })).echoed?.service;
  expect(await service(plain.dnsName)).toBe("plain");
  expect(await service(secure.dnsName, { ca: plane.ca })).toBe("secure");
  expect(await service("through.example.com", {})).toBe("through");
  expect((await request(url, { host: secure.dnsName })).status).toBe(404);
  await expect(request(url, { host: plain.dnsName, tls: {} })).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("the URL of a port says whether plaintext was spoken there when it was first served", async () => {
  const group = await plane.group("cart");
  expect(await plane.url(80)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const { listen } = plane.service("shop");
  listen("HTTPS", 443, forwardTo(group));
  listen("HTTP", 8080, forwardTo(group));
  expect(await plane.url(443)).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(await plane.url(8080)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});
