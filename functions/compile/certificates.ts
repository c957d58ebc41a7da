import type { Registration } from "../model/cluster.ts";
import type { Listener } from "../model/objects.ts";
import { annotationDomain } from "./annotations.ts";
import { isWildcard } from "./hostname.ts";
import type { Certificate, View } from "./view.ts";

/** The option of a listener's `tls` that names a certificate of ACM. */
export const certificateOption = `${annotationDomain}certificate-arn`;

/** The ARN that a listener names, if it names one. */
export const namedCertificate = (listener: Listener): string | undefined =>
  listener.tls?.options[certificateOption];

/** What to say where ACM has no certificate for a hostname. */
export const noCertificate = (
  hostname: string,
  { account, region }: Pick<Registration, "account" | "region">,
) =>
  `there is no certificate for ${hostname}: name one in the listener's tls.options, ${certificateOption}, or have ACM issue or import one in account ${account}, ${region}`;

/**
 * Why nobody is answered over TLS at a listener of one exact hostname; undefined where its certificate is there, or is not known yet,
 * or depends on the hostnames of routes. `siblings` are all listeners of its Gateway, itself among them.
 */
export async function lackOfCertificate(
  view: View,
  { account, region }: Registration,
  listener: Listener,
  siblings: readonly Listener[],
  lenient: boolean,
): Promise<string | undefined> {
  const { protocol, tls } = listener;
  const hostname = listener.hostname?.toLowerCase();
  if (protocol !== "HTTPS" || hostname === undefined || isWildcard(hostname)) return undefined;
  // A service has one certificate for all its ports.
  const isNamed = siblings.some(
    (one) => one.hostname?.toLowerCase() === hostname && namedCertificate(one) !== undefined,
  );
  // The in-cluster controller looks for one only where the listener says that it terminates TLS.
  if (isNamed || (lenient && tls?.mode !== "Terminate")) return undefined;
  const { all } = await view.certificates(account, region);
  return all === undefined || certificateFor(hostname, all, lenient) !== undefined
    ? undefined
    : noCertificate(hostname, { account, region });
}

/**
 * The certificate of ACM for a hostname: one that names it before one with a wildcard for its first label, and of several the
 * newest (the in-cluster controller's order, for certificates of every key type). `lenient`: those that the in-cluster controller does
 * not see only where there is no other.
 */
export function certificateFor(
  hostname: string,
  all: readonly Certificate[],
  lenient: boolean,
): string | undefined {
  const seen = lenient ? all.filter(({ unlisted }) => unlisted !== true) : all;
  return newestFor(hostname, seen) ?? newestFor(hostname, all);
}

function newestFor(hostname: string, all: readonly Certificate[]): string | undefined {
  const wildcard = `*.${hostname.split(".").slice(1).join(".")}`;
  for (const domain of [hostname, wildcard]) {
    const [newest] = all
      .filter((one) => one.domains.includes(domain))
      .toSorted((a, b) => b.since - a.since || (a.arn < b.arn ? -1 : 1));
    if (newest !== undefined) return newest.arn;
  }
  return undefined;
}
