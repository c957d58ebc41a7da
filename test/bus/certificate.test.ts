import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";

import { parseObject } from "../../functions/bus/objects.ts";
import type { Secret } from "../../functions/model/objects.ts";
import { createAuthority, type Authority, type Certified } from "../../infra/local/wire/authority.ts";

import { metadata } from "./raw.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const tls = "kubernetes.io/tls";

function secret(type: string | undefined, data: Readonly<Record<string, string>>, meta = {}): Secret {
  const raw = { metadata: metadata("cert", meta), ...(type === undefined ? {} : { type }), data };
  const answer = parseObject("Secret", raw);
  if (!answer.ok) throw new Error(answer.problems);
  return answer.object;
}

let authority: Authority;
let shop: Certified;
beforeAll(async () => {
  authority = await createAuthority("CN of the authority", Date.UTC(2026, 0, 1));
  shop = await authority.issue("Shop.example.com", [
    { type: "dns", value: "Shop.Example.com" },
    { type: "dns", value: "*.shop.example.com" },
    { type: "ip", value: "10.0.0.1" },
  ]);
});

const dataOf = ({ cert, key }: Certified) => ({ "tls.crt": base64(cert), "tls.key": base64(key) });

describe("a certificate's Secret", () => {
  test("tells its names, how long it is good for, and which one it is", () => {
    expect(secret(tls, dataOf(shop)).certificate).toEqual({
      ok: true,
      names: ["shop.example.com", "*.shop.example.com"],
      notAfter: "2026-01-31T00:00:00.000Z",
      hash: createHash("sha256").update(new X509Certificate(shop.cert).raw).digest("hex"),
    });
  });

  test("has its common name where it has no other", async () => {
    const plain = await authority.issue("Old.example.com", []);
    expect(secret(tls, dataOf(plain)).certificate).toMatchObject({ ok: true, names: ["old.example.com"] });
  });

  test("is known by its own certificate, whatever chain follows", () => {
    const chain = { ...dataOf(shop), "tls.crt": base64(`${shop.cert}\n${authority.certificate}`) };
    expect(secret(tls, chain)).toEqual(secret(tls, dataOf(shop)));
  });

  test("leaves nothing of its data, its labels and its annotations", () => {
    const secretive = { note: shop.key, "kubectl.kubernetes.io/last-applied-configuration": shop.key };
    const sent = JSON.stringify(secret(tls, dataOf(shop), { annotations: secretive, labels: secretive }));
    for (const part of [...Object.values(dataOf(shop)), "PRIVATE KEY", "BEGIN", "tls.key", "note"])
      expect(sent).not.toContain(part);
    expect(Object.keys(JSON.parse(sent) as object).toSorted()).toEqual([
      "certificate",
      "kind",
      "metadata",
      "type",
    ]);
  });

  test("reads the same once its data is gone", () => {
    for (const one of [secret(tls, dataOf(shop)), secret(tls, {}), secret(undefined, {})])
      expect(parseObject("Secret", JSON.parse(JSON.stringify(one)))).toEqual({ ok: true, object: one });
  });
});

describe("a Secret that is no certificate says why", () => {
  const problem = (type: string | undefined, data: Readonly<Record<string, string>>): string => {
    const { certificate } = secret(type, data);
    return certificate.ok ? "it is one" : certificate.problem;
  };

  test("another type", () => {
    expect(problem(undefined, dataOf(shop))).toBe(
      "its type is Opaque, and a certificate's is kubernetes.io/tls",
    );
  });

  test.each(["tls.crt", "tls.key"])("no %s", (part) => {
    const { [part]: _left, ...rest } = dataOf(shop) as Record<string, string>;
    expect(problem(tls, rest)).toBe(`${part} is missing`);
    expect(problem(tls, { ...rest, [part]: "" })).toBe(`${part} is missing`);
  });

  test.each(["tls.crt", "tls.key"])("a malformed %s", (part) => {
    expect(problem(tls, { ...dataOf(shop), [part]: base64("Hello world") })).toBe(
      `${part} is malformed: not PEM`,
    );
  });

  test("the key of another certificate, of the same kind or another", async () => {
    const other = await authority.issue("other", []);
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    for (const key of [other.key, rsa.export({ type: "pkcs8", format: "pem" }).toString()])
      expect(problem(tls, { ...dataOf(shop), "tls.key": base64(key) })).toBe(
        "tls.key is not the key of the certificate in tls.crt",
      );
  });
});
