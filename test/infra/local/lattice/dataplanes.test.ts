import { Agent, get, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { forwardTo, notFound, startPlane } from "./plane.ts";

let plane: Awaited<ReturnType<typeof startPlane>>;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
beforeEach(async () => {
  plane = await startPlane();
});
afterEach(() => plane.close());

/** Asks over the one connection that there is, or a new one where that has ended. */
const ask = (url: string, host: string, by?: Agent): Promise<{ status: number; reused: boolean }> =>
  new Promise((resolve, reject) => {
    const out = get(
      url,
      { headers: { host }, ...(by === undefined ? {} : { agent: by }) },
      (answer: IncomingMessage) => {
        answer.resume();
        answer.once("end", () => resolve({ status: answer.statusCode ?? 0, reused: out.reusedSocket }));
      },
    );
    out.once("error", reject);
  });

test("a port is closed a while after its last listener is gone; who is connected goes on, and nobody else comes in", async () => {
  const { dnsName, listen, stopListening } = plane.service("shop");
  listen("HTTP", 8080, forwardTo(await plane.group("cart")));
  const url = await plane.url(8080);
  expect(await ask(url, dnsName, agent)).toEqual({ status: 200, reused: false });
  stopListening(8080);
  expect(await plane.url(8080)).toBe(url);
  plane.pass(60_000);
  expect(await plane.url(8080)).toBe("");
  expect(await ask(url, dnsName, agent)).toEqual({ status: 404, reused: true });
  await expect(ask(url, dnsName)).rejects.toThrow("ECONNREFUSED");
});

test("a port that somebody listens on again meanwhile, or another service still, stays where it is", async () => {
  const { listen, stopListening } = plane.service("shop");
  const other = plane.service("other");
  listen("HTTP", 8080, notFound);
  listen("HTTP", 9090, notFound);
  other.listen("HTTP", 9090, notFound);
  const [url, shared] = [await plane.url(8080), await plane.url(9090)];
  stopListening(8080);
  stopListening(9090);
  await plane.url(8080);
  listen("HTTP", 8080, notFound);
  plane.pass(60_000);
  expect(await plane.url(8080)).toBe(url);
  expect(await plane.url(9090)).toBe(shared);
  expect(await plane.url(80)).not.toBe("");
});
