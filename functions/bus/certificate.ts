import { createHash, createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import type { Secret } from "../model/objects.ts";

type Facts = Secret["certificate"];

/** What a Secret's certificate says, or what is wrong with the Secret, in words. The key is used to check that it belongs to the certificate, and for nothing else. */
export function certificateFacts(type: string, data: Readonly<Record<string, string>>): Facts {
  if (type !== "kubernetes.io/tls")
    return { ok: false, problem: `its type is ${type}, and a certificate's is kubernetes.io/tls` };
  const certificate = parsed(data["tls.crt"], (pem) => new X509Certificate(pem));
  if (typeof certificate === "string") return { ok: false, problem: `tls.crt ${certificate}` };
  const key = parsed(data["tls.key"], (pem): KeyObject => createPrivateKey(pem));
  if (typeof key === "string") return { ok: false, problem: `tls.key ${key}` };
  if (!certificate.checkPrivateKey(key))
    return { ok: false, problem: "tls.key is not the key of the certificate in tls.crt" };
  return {
    ok: true,
    names: namesOf(certificate),
    notAfter: certificate.validToDate.toISOString(),
    hash: createHash("sha256").update(certificate.raw).digest("hex"),
  };
}

/** What is parsed from base64 of PEM, or what is wrong with it. */
function parsed<T>(base64: string | undefined, parse: (pem: string) => T): T | string {
  if (base64 === undefined || base64 === "") return "is missing";
  try {
    return parse(Buffer.from(base64, "base64").toString("utf8"));
  } catch {
    return "is malformed: not PEM";
  }
}

function namesOf(certificate: X509Certificate): readonly string[] {
  const alternatives = (certificate.subjectAltName ?? "")
    .split(", ")
    .flatMap((one) => (one.startsWith("DNS:") ? [one.slice("DNS:".length).toLowerCase()] : []));
  if (alternatives.length > 0) return alternatives;
  const common = /(?:^|\n)CN=([^\n]+)/.exec(certificate.subject)?.[1];
  return common === undefined ? [] : [common.toLowerCase()];
}
