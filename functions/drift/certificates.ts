import { lookOf, setCertificates, type StoredCertificate } from "../desired/certificates.ts";
import type { CertificatesOf, Queues } from "../desired/lanes.ts";
import type { Table } from "../desired/table.ts";
import type { Clock, Log, Metrics } from "../runtime/clock.ts";
import type { AcmIn } from "./acm.ts";

export interface CertificatesDeps {
  readonly table: Table;
  readonly queues: Queues;
  readonly acm: AcmIn;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Looks at the certificates of an account and region, whoever asked for it. Two looks at the same time end as if one had
 * followed the other: whoever comes second looks again. Where no cluster is registered, nobody needs to know.
 */
export async function lookAtCertificates(of: CertificatesOf, d: CertificatesDeps): Promise<void> {
  for (;;) {
    const look = await lookOf(d.table, of);
    if (look === undefined) return;
    const issued = await d.acm({ ...of, role: look.role }).issued();
    if (issued.is === "denied") {
      d.log.warn("certificates could not be looked at; what is known of them stays", {
        ...of,
        why: issued.why,
      });
      d.metrics.count("CertificatesDenied", 1);
    }
    const found =
      issued.is === "listed" ? { ...issued, certificates: issued.certificates.filter(liesIn(of)) } : issued;
    const deps = { table: d.table, queues: d.queues, now: d.clock.now() };
    if (await setCertificates(deps, of, look, found)) return;
  }
}

/** Lattice takes no certificate of another account, and a cluster that is registered with a wrong role or none sees those. */
const liesIn =
  ({ account, region }: CertificatesOf) =>
  ({ arn }: StoredCertificate): boolean => {
    const [, , , itsRegion, itsAccount] = arn.split(":");
    return itsRegion === region && itsAccount === account;
  };
