import { beforeAll, describe, expect, test } from "vitest";

import { createAuthority, type Certified } from "../../infra/local/wire/authority.ts";
import { gateway, metadata } from "../bus/raw.ts";

import { shop } from "./shop.ts";
import { refusal, type World } from "./world.ts";

let pair: Certified;
let other: Certified;
beforeAll(async () => {
  const authority = await createAuthority("test", Date.now());
  pair = await authority.issue("pay", [{ type: "dns", value: "Pay.example" }]);
  other = await authority.issue("other", []);
});

const base64 = (value: string): string => Buffer.from(value).toString("base64");

const secret = (name: string, cert: string, key: string, more: Record<string, unknown> = {}) => ({
  metadata: metadata(name, { generation: undefined }),
  type: "kubernetes.io/tls",
  data: { "tls.crt": base64(cert), "tls.key": base64(key) },
  ...more,
});

const listener = (certificate: string) => ({
  name: "https",
  port: 443,
  protocol: "HTTPS",
  tls: { certificateRefs: [{ name: certificate }] },
});

const secure = (certificate: string) => gateway("secure", { listeners: [listener(certificate)] });

const listenerSet = (certificate: string) => ({
  metadata: metadata("extra"),
  spec: { parentRef: { name: "front" }, listeners: [listener(certificate)] },
});

/** Lines of PEM between its head and its foot: what makes a key a key. */
const linesOf = (pem: string): readonly string[] =>
  pem.split("\n").filter((line) => line.length > 10 && !line.startsWith("-----"));

/** Fails if anything of a key, as PEM or as a Secret holds it, is in what went to the bus. */
function expectNoKey(world: World, ...keys: readonly string[]): void {
  const told = world.calls.flat().map(({ detail }) => detail);
  expect(told.length).toBeGreaterThan(0);
  for (const key of keys) {
    expect(linesOf(key).length).toBeGreaterThan(0);
    for (const trace of [base64(key), ...linesOf(key)])
      for (const detail of told) expect(detail).not.toContain(trace);
  }
  for (const detail of told) expect(detail).not.toContain('tls.key":');
}

describe("Secrets", () => {
  test("travel once a listener names them, as what their certificate says and without the key", async () => {
    const world = await shop().started();
    world.cluster.put("Secret", secret("pay", pair.cert, pair.key));
    await world.time.pass(100);
    expect(world.said()).toEqual([]);
    world.cluster.put("Gateway", secure("pay"));
    await world.time.pass(100);
    expect(world.said()).toEqual(["put Gateway shop/secure", "put Secret shop/pay"]);
    expect(world.changes().at(-1)).toMatchObject({
      object: { certificate: { ok: true, names: ["pay.example"] } },
    });
    expectNoKey(world, pair.key);
  });

  test("leave no key in an inventory either, and one that nobody names is listed without a body", async () => {
    const world = shop();
    world.cluster.put("Secret", secret("pay", pair.cert, pair.key));
    world.cluster.put("Secret", secret("other", other.cert, other.key));
    world.cluster.put("Gateway", secure("pay"));
    await world.started(false);
    const [inventory] = world.inventories();
    expect(inventory?.entries.filter(([kind]) => kind === "Secret")).toMatchObject([
      ["Secret", "shop", "pay", "uid-pay", expect.any(Number), expect.any(String), true],
      ["Secret", "shop", "other", "uid-other", expect.any(Number), expect.any(String), false],
    ]);
    const bodies = inventory?.bodies.filter(({ kind }) => kind === "Secret");
    expect(bodies).toMatchObject([{ op: "put", object: { metadata: { name: "pay" } } }]);
    expectNoKey(world, pair.key, other.key);
  });

  test("that a ListenerSet names travel too, and a new certificate does when it replaces the old one", async () => {
    const world = shop();
    world.cluster.put("Secret", secret("pay", pair.cert, pair.key));
    world.cluster.put("ListenerSet", listenerSet("pay"));
    await world.started();
    world.cluster.put("Secret", secret("pay", other.cert, other.key));
    await world.time.pass(100);
    expect(world.changes()).toMatchObject([
      { op: "put", kind: "Secret", object: { certificate: { ok: true, names: ["other"] } } },
    ]);
    expectNoKey(world, pair.key, other.key);
  });

  test("that a listener names and that do not exist are missing, and sent when they come", async () => {
    const world = await shop().started();
    world.cluster.put("Gateway", secure("pay"));
    await world.time.pass(100);
    expect(world.said()).toEqual(["put Gateway shop/secure", "delete Secret shop/pay"]);
    world.forget();
    world.cluster.put("Secret", secret("pay", pair.cert, pair.key));
    await world.time.pass(100);
    expect(world.said()).toEqual(["put Secret shop/pay"]);
  });

  test.each([
    ["whose key is of another certificate", () => secret("pay", pair.cert, other.key), "is not the key of"],
    ["whose key stands for the certificate", () => secret("pay", pair.key, pair.key), "tls.crt is malformed"],
    [
      "whose certificate stands for the key",
      () => secret("pay", pair.cert, pair.cert),
      "tls.key is malformed",
    ],
  ])("%s say so without a word of the key", async (_name, broken, problem) => {
    const world = await shop().started();
    world.cluster.put("Gateway", secure("pay"));
    world.cluster.put("Secret", broken());
    await world.time.pass(100);
    expect(world.changes().at(-1)).toMatchObject({
      kind: "Secret",
      object: { certificate: { ok: false, problem: expect.stringContaining(problem) } },
    });
    expectNoKey(world, pair.key, other.key);
  });

  test("that cannot be read are refused without a word of the key", async () => {
    const world = await shop().started();
    world.cluster.put("Gateway", secure("pay"));
    world.cluster.put("Secret", secret("pay", pair.cert, pair.key, { type: 7 }));
    await world.time.pass(100);
    expect(world.changes().at(-1)).toMatchObject({ op: "refuse", kind: "Secret", name: "pay" });
    expectNoKey(world, pair.key);
  });

  test("that the forwarder may not read hold nothing else up, and are not said to be missing", async () => {
    const world = shop();
    world.cluster.fault = (_verb, kind) => {
      if (kind === "Secret") throw refusal(403);
    };
    world.cluster.put("Gateway", secure("pay"));
    await world.started(false);
    await world.time.pass(11_000);
    expect(world.inventories()[0]?.kinds).toContain("Gateway");
    expect(world.inventories()[0]?.kinds).not.toContain("Secret");
    expect(world.inventories()[0]?.absent.filter(([kind]) => kind === "Secret")).toEqual([]);
    expect(world.said()).not.toContain("delete Secret shop/pay");
  });
});
