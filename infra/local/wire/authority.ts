import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate and its key, both PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is good for. */
export interface AlternativeName {
  readonly type: "dns" | "ip";
  readonly value: string;
}

/** A certificate authority that lives as long as this process: its key is written nowhere. */
export interface Authority {
  /** Its own certificate, PEM. */
  readonly certificate: string;
  issue(commonName: string, names: readonly AlternativeName[]): Promise<Certified>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 24 * 3_600_000;

/** Makes a certificate authority. Its certificate, and what it issues, is good for thirty days. */
export async function createAuthority(commonName: string, now: number): Promise<Authority> {
  const own = await keys();
  const validity = { notBefore: new Date(now - dayMs), notAfter: new Date(now + 30 * dayMs) };
  const signed = { ...validity, signingAlgorithm: algorithm };
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...signed,
    serialNumber: "01",
    name: `CN=${commonName}`,
    keys: own,
    extensions: [
      new BasicConstraintsExtension(true, 1, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(own.publicKey),
    ],
  });
  let issued = 1;
  return {
    certificate: certificate.toString("pem"),
    async issue(commonName, names) {
      issued += 1;
      const serialNumber = issued.toString(16).padStart(8, "0");
      const { publicKey, privateKey } = await keys();
      const cert = await X509CertificateGenerator.create({
        ...signed,
        serialNumber,
        subject: `CN=${commonName}`,
        issuer: certificate.subject,
        publicKey,
        signingKey: own.privateKey,
        extensions: [
          new SubjectAlternativeNameExtension([...names]),
          // Strict verifiers want to be told which key signed.
          await AuthorityKeyIdentifierExtension.create(own.publicKey),
        ],
      });
      return { cert: cert.toString("pem"), key: await pemOf(privateKey) };
    },
  };
}

const keys = () => webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const text = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${text.replaceAll(/.{1,64}/g, "$&\n")}-----END PRIVATE KEY-----\n`;
}

/** Certificates by the DNS name that each is good for. They are made when they are first asked for. */
export type Certificates = (name: string) => Promise<Certified>;

/** Certificates that an authority issues under one common name, for browsers and others look at the DNS name alone. */
export function createCertificates(commonName: string, authority: () => Promise<Authority>): Certificates {
  const made = new Map<string, Promise<Certified>>();
  return (name) => {
    const certified =
      made.get(name) ?? authority().then((one) => one.issue(commonName, [{ type: "dns", value: name }]));
    made.set(name, certified);
    return certified;
  };
}
