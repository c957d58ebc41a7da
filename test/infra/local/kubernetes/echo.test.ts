import { once } from "node:events";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEcho } from "../../../../infra/local/kubernetes/echo.ts";
import { grpcCall, request } from "../../../../infra/local/wire/request.ts";

describe("a pod answers on one port", () => {
  const echo = createEcho("east");
  const pod = { namespace: "shop", name: "cart-1", service: "cart", ip: "10.1.0.2", ports: [8080] };
  let url = "";
  beforeAll(async () => {
    await echo.serve(pod);
    url = `http://127.0.0.1:${echo.addressOf(pod.ip, 8080)?.port}`;
  });
  afterAll(() => echo.close());

  const who = { pod: "cart-1", namespace: "shop", service: "cart", cluster: "east" };
  const ask = { host: "cart.example.com", path: "/items?page=2", headers: { "x-a": "1" } };

  test("HTTP/1.1", async () => {
    const { status, echoed } = await request(url, { ...ask, method: "PUT", body: "much" });
    expect(status).toBe(200);
    expect(echoed).toMatchObject({
      ...who,
      path: "/items?page=2",
      method: "PUT",
      host: ask.host,
      http: "1.1",
    });
    expect(echoed?.headers).toMatchObject({ "x-a": "1" });
    expect(echoed).not.toHaveProperty("tls");
    expect(echoed).not.toHaveProperty("grpc");
  });

  test("HTTP/2 to a client that knows beforehand", async () => {
    const { echoed } = await request(url, { ...ask, method: "POST", body: "much", http2: true });
    expect(echoed).toMatchObject({
      ...who,
      path: "/items?page=2",
      method: "POST",
      host: ask.host,
      http: "2",
    });
    expect(echoed?.headers).toEqual({ "x-a": "1" });
  });

  test("either of them over TLS, as the client chooses", async () => {
    const tls = { sni: "cart.shop" };
    expect((await request(url, { ...ask, tls })).echoed).toMatchObject({
      http: "1.1",
      tls: { sni: "cart.shop", alpn: "http/1.1" },
    });
    const offersNothing = { ...tls, alpn: [] };
    expect((await request(url, { ...ask, tls: offersNothing })).echoed).toMatchObject({
      http: "1.1",
      tls: { sni: "cart.shop", alpn: "" },
    });
    expect((await request(url, { ...ask, tls, http2: true })).echoed).toMatchObject({
      http: "2",
      tls: { sni: "cart.shop", alpn: "h2" },
    });
  });

  test("with a certificate for the name that was asked for, and for its own name when none was", async () => {
    const namesFor = async (servername: string) => {
      const socket = connect({ port: Number(new URL(url).port), servername, rejectUnauthorized: false });
      await once(socket, "secureConnect");
      const { subjectaltname } = socket.getPeerCertificate();
      socket.destroy();
      return subjectaltname;
    };
    expect(await namesFor("tls.example.com")).toBe("DNS:tls.example.com");
    expect(await namesFor("")).toBe("DNS:cart-1");
  });

  test("gRPC, whatever the method, in plaintext and over TLS", async () => {
    const path = "/shop.v1.Cart/Add";
    const plain = await grpcCall(url, { host: ask.host, path });
    expect(plain).toMatchObject({ status: 200, grpcStatus: 0, echoed: { ...who, path, method: "POST" } });
    expect(plain.echoed).toMatchObject({ grpc: true, http: "2" });
    const secured = await grpcCall(url, { host: ask.host, path, tls: {} });
    expect(secured).toMatchObject({ grpcStatus: 0, echoed: { grpc: true, tls: { sni: ask.host } } });
  });

  test("that it does not implement a method whose name says so", async () => {
    const answer = await grpcCall(url, { host: ask.host, path: "/shop.v1.Cart/UnimplementedAdd" });
    expect(answer).toEqual({ status: 200, grpcStatus: 12, echoed: undefined });
  });

  test("whether it is healthy", async () => {
    const health = async () => (await request(url, { host: ask.host, path: "/health" })).status;
    expect(await health()).toBe(200);
    echo.setHealthy(pod.ip, false);
    expect(await health()).toBe(503);
    echo.setHealthy(pod.ip, true);
    expect(await health()).toBe(200);
  });
});

test("a pod that goes drops its connections and is found no more", async () => {
  const echo = createEcho("east");
  await echo.serve({ namespace: "shop", name: "cart-1", service: "cart", ip: "10.1.0.2", ports: [8080] });
  const port = Number(echo.addressOf("10.1.0.2", 8080)?.port);
  const socket = connect({ port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const closed = once(socket, "close");
  echo.drop("10.1.0.2");
  await closed;
  expect(echo.addressOf("10.1.0.2", 8080)).toBeUndefined();
  await expect(request(`http://127.0.0.1:${port}`, { host: "x" })).rejects.toThrow("ECONNREFUSED");
});
