import { certificateFor, certificateOption, namedCertificate, noCertificate } from "./certificates.ts";
import { routeText, type Serving } from "./serving.ts";
import type { View } from "./view.ts";

type CertificateAnswer =
  | { readonly is: "none" }
  | { readonly is: "arn"; readonly arn: string }
  /** Nobody could look at ACM yet. */
  | { readonly is: "unknown"; readonly why: string }
  | { readonly is: "refused"; readonly why: string };

/**
 * The certificate of a service: the one that its listeners name, or the one that ACM has for its hostname. In profile `incumbent`
 * the first of several is taken, and only listeners that say that they terminate TLS count.
 */
export async function certificateOf(view: View, serving: Serving): Promise<CertificateAnswer> {
  const { lenient } = serving;
  const https = serving.ports
    .filter((one) => one.protocol === "HTTPS")
    .flatMap((one) => one.listeners.filter(({ tls }) => !lenient || tls?.mode === "Terminate"));
  const named = [...new Set(https.flatMap((one) => namedCertificate(one) ?? []))];
  const [arn, other] = named;
  if (other !== undefined && !lenient)
    return {
      is: "refused",
      why: `its listeners name ${named.length} certificates (${named.join(", ")}), and a Lattice service has one`,
    };
  if (arn !== undefined) return { is: "arn", arn };
  const hostname = serving.customDomainName;
  if (https.length === 0 || hostname === undefined) return { is: "none" };
  const { account, region } = serving.registration;
  const { all, denied } = await view.certificates(account, region);
  const denial =
    denied === undefined
      ? ""
      : `ACM denied a look at the certificates of account ${account}, ${region}: ${denied}. Let the role list and describe certificates, or name one in the listener's tls.options, ${certificateOption}`;
  if (all === undefined && denied !== undefined) return { is: "refused", why: denial };
  if (all === undefined)
    return {
      is: "unknown",
      why: `which certificates ACM has in account ${account}, ${region} is not known yet; a listener that names one in its tls.options does not wait for that`,
    };
  const found = certificateFor(hostname, all);
  if (found !== undefined) return { is: "arn", arn: found };
  return {
    is: "refused",
    why: [
      noCertificate(hostname, { account, region }),
      ...(denied === undefined ? [] : [`that is what was known before ${denial}`]),
    ].join("; "),
  };
}

/** What to say of the routes of HTTPS ports of a service that has no certificate: the other ports are served. */
export function withoutTls({ ports }: Serving, why: string): Readonly<Record<string, string>> {
  const numbersOf = (https: boolean): string =>
    ports
      .filter(({ protocol }) => (protocol === "HTTPS") === https)
      .map(({ port }) => port)
      .toSorted((a, b) => a - b)
      .join(", ");
  const message = `port ${numbersOf(false)} is served, and HTTPS on port ${numbersOf(true)} waits for a certificate (a listener that is there goes on as it is): ${why}`;
  return Object.fromEntries(
    ports
      .filter(({ protocol }) => protocol === "HTTPS")
      .flatMap(({ attached }) => attached.map(({ route }) => [routeText(route), message])),
  );
}
