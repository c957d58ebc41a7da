import type { Listener } from "../model/objects.ts";
import { annotationDomain } from "./annotations.ts";
import type { Certificate } from "./view.ts";

/** The option of a listener's `tls` that names a certificate of ACM. */
export const certificateOption = `${annotationDomain}certificate-arn`;

/** The ARN that a listener names, if it names one. */
export const namedCertificate = (listener: Listener): string | undefined =>
  listener.tls?.options[certificateOption];

/**
 * The certificate of ACM for a hostname: one that names it before one with a wildcard for its first label, and of several the
 * newest (the in-cluster controller's order, for certificates of every key type).
 */
export function certificateFor(hostname: string, all: readonly Certificate[]): string | undefined {
  const wildcard = `*.${hostname.split(".").slice(1).join(".")}`;
  for (const domain of [hostname, wildcard]) {
    const [newest] = all
      .filter((one) => one.domains.includes(domain))
      .toSorted((a, b) => b.since - a.since || (a.arn < b.arn ? -1 : 1));
    if (newest !== undefined) return newest.arn;
  }
  return undefined;
}
