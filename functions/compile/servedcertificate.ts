import type { Route } from "../model/routes.ts";
import type { Verdict } from "../model/verdict.ts";
import { certificateFor, certificateOption, namedCertificate, noCertificate } from "./certificates.ts";
import type { Served } from "./routeservices.ts";
import { say, type Acceptance } from "./routeverdicts.ts";
import { routeText, type Serving } from "./serving.ts";
import type { View } from "./view.ts";

type CertificateAnswer =
  | { readonly is: "none" }
  /** `lost` says why it is not one that could be found now: the service has it. */
  | { readonly is: "arn"; readonly arn: string; readonly lost?: string | undefined }
  /** Nobody could look at ACM yet. */
  | { readonly is: "unknown"; readonly why: string }
  | { readonly is: "refused"; readonly why: string };

/**
 * The certificate of a service: the one that its listeners name, or the one that ACM has for its hostname, or else the one that it has.
 * In profile `incumbent` the first of several is taken, and of all listeners that the route names those count that say that they
 * terminate TLS (reference-controller.md 4.7).
 */
export async function certificateOf(view: View, serving: Serving): Promise<CertificateAnswer> {
  const { lenient, named: inOrder = [] } = serving;
  const its = serving.ports.filter((one) => one.protocol === "HTTPS").flatMap((one) => one.listeners);
  const https =
    lenient && its.length > 0 ? [...inOrder, ...its].filter(({ tls }) => tls?.mode === "Terminate") : its;
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
  if (all === undefined && denied !== undefined) return asItHas(view, denial);
  if (all === undefined)
    return {
      is: "unknown",
      why: `which certificates ACM has in account ${account}, ${region} is not known yet; a listener that names one in its tls.options does not wait for that`,
    };
  const found = certificateFor(hostname, all, lenient);
  if (found !== undefined) return { is: "arn", arn: found };
  return asItHas(
    view,
    [
      noCertificate(hostname, { account, region }),
      ...(denied === undefined ? [] : [`that is what was known before ${denial}`]),
    ].join("; "),
  );
}

/** What is served goes on, and takes edits, with the certificate that the service has in Lattice. */
function asItHas({ own: { certificate } }: View, why: string): CertificateAnswer {
  return certificate === undefined
    ? { is: "refused", why }
    : { is: "arn", arn: certificate, lost: `its service keeps certificate ${certificate}, for now: ${why}` };
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
  return ofHttps({ ports }, message);
}

/** A message for each route that is served over HTTPS, by `KIND/NAMESPACE/NAME`. */
export const ofHttps = (
  { ports }: Pick<Serving, "ports">,
  message: string,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ports
      .filter(({ protocol }) => protocol === "HTTPS")
      .flatMap(({ attached }) => attached.map(({ route }) => [routeText(route), message])),
  );

/** What is to be said on each parent that takes a route of the certificate that it is served with there. */
export const certificateVerdicts = (
  route: Route,
  accepted: readonly Acceptance[],
  served: readonly Served[],
): readonly Verdict[] =>
  accepted.flatMap(({ parent, refused }) => {
    const its = refused === undefined ? served.filter((one) => one.parents.includes(parent)) : [];
    const lost = [...new Set(its.flatMap(({ output }) => output?.lost?.[routeText(route)] ?? []))];
    return lost.length === 0
      ? []
      : [say(parent, "espalier.dev/Certificate", "False", "NotFound", lost.join("; "))];
  });
