import { createPrivateKey, X509Certificate } from "node:crypto";

/** A certificate as ACM knows it from its PEM. */
export interface Parsed {
  readonly domainName: string;
  /** The DNS names that it is for. */
  readonly names: readonly string[];
  readonly keyAlgorithm: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Why a certificate cannot be imported, in words for whoever tried. */
export class CertificateProblem extends Error {
  override readonly name = "CertificateProblem";
}

/** Reads a certificate and its key. Throws CertificateProblem for what ACM does not import ("Prerequisites for importing ACM certificates"). */
export function parseCertificate(pem: string, key: string, now: number): Parsed {
  const certificate = readCertificate(pem);
  if (!fits(certificate, key))
    throw new CertificateProblem("The private key is not supported, or does not match the certificate.");
  const [notBefore, notAfter] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (notBefore > now || notAfter <= now)
    throw new CertificateProblem("The certificate is not valid at this time.");
  const common = /^CN=(.*)$/m.exec(certificate.subject)?.[1];
  const alternative = [...(certificate.subjectAltName ?? "").matchAll(/DNS:([^,\s]+)/g)].flatMap(
    ([, name]) => name ?? [],
  );
  const names = alternative.length > 0 || common === undefined ? alternative : [common];
  return {
    domainName: common ?? names[0] ?? "",
    names,
    keyAlgorithm: algorithmOf(certificate),
    notBefore,
    notAfter,
  };
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new CertificateProblem("The certificate field must contain a certificate in PEM format.", {
      cause: error,
    });
  }
}

function fits(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function algorithmOf({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey;
  const algorithm =
    asymmetricKeyType === "rsa"
      ? `RSA_${asymmetricKeyDetails?.modulusLength}`
      : `EC_${asymmetricKeyDetails?.namedCurve}`;
  if (!algorithms.has(algorithm))
    throw new CertificateProblem(`The certificate's key algorithm is not supported: ${asymmetricKeyType}.`);
  return algorithm;
}

const algorithms: ReadonlySet<string> = new Set([
  "RSA_1024",
  "RSA_2048",
  "RSA_3072",
  "RSA_4096",
  "EC_prime256v1",
  "EC_secp384r1",
  "EC_secp521r1",
]);
