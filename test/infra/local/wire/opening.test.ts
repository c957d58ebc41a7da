import { expect, test } from "vitest";
import { openingOf } from "../../../../infra/local/wire/opening.ts";
import { helloFor } from "./hello.ts";

test("a TLS client is known by the name that it asks for, as soon as that has arrived, and not before", async () => {
  const hello = await helloFor("Shop.Example.com");
  expect(openingOf(hello)).toEqual({ is: "tls", serverName: "shop.example.com" });
  for (const length of [1, 5, 60, hello.length - 1])
    expect(openingOf(hello.subarray(0, length)), `${length} bytes`).toBeUndefined();
});

test("a name is read from a hello that is spread over several records", async () => {
  const message = (await helloFor("shop.example.com")).subarray(5);
  const record = (part: Buffer) =>
    Buffer.concat([Buffer.of(0x16, 3, 1, part.length >> 8, part.length & 0xff), part]);
  const spread = Buffer.concat([record(message.subarray(0, 50)), record(message.subarray(50))]);
  expect(openingOf(spread)).toEqual({ is: "tls", serverName: "shop.example.com" });
  expect(openingOf(spread.subarray(0, 60))).toBeUndefined();
});

test("a TLS client that names nobody, and one that makes no sense, have no name", async () => {
  expect(openingOf(await helloFor(""))).toEqual({ is: "tls", serverName: undefined });
  const nonsense = Buffer.concat([Buffer.of(0x16, 3, 1, 0, 8), Buffer.from("nonsense")]);
  expect(openingOf(nonsense)).toEqual({ is: "tls", serverName: undefined });
});

test.each([
  ["GET / HTTP/1.1\r\n", "http1"],
  ["PUT / HTTP/1.1\r\n", "http1"],
  ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http2"],
  ["PRINT / HTTP/1.1\r\n", "http1"],
])("%j is %s", (text, is) => {
  expect(openingOf(Buffer.from(text))).toEqual({ is });
});

test("what may still be the preface of HTTP/2 is waited for", () => {
  expect(openingOf(Buffer.from("PRI * HTTP"))).toBeUndefined();
});
