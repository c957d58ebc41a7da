import {
  DescribeCertificateCommand,
  KeyAlgorithm,
  paginateListCertificates,
  type ACMClient,
  type CertificateSummary,
} from "@aws-sdk/client-acm";
import type { Denial, StoredCertificate } from "../desired/certificates.ts";
import type { Acm } from "./acm.ts";

/** ACM through the SDK. */
export const acmOfSdk = (client: ACMClient): Acm => ({
  async issued() {
    try {
      return { is: "listed", certificates: await listed(client) };
    } catch (error) {
      if (error instanceof Error && denials.has(error.name)) return { is: "denied", ...denialOf(error) };
      throw error;
    }
  },
});

/** ACM's name of a denial, and that of STS when the role of another account cannot be assumed. */
const denials: ReadonlySet<string> = new Set(["AccessDeniedException", "AccessDenied"]);

function denialOf(error: Error): Denial {
  const metadata = "$metadata" in error ? error.$metadata : undefined;
  const named = typeof metadata === "object" && metadata !== null && "requestId" in metadata;
  const requestId = named && typeof metadata.requestId === "string" ? metadata.requestId : undefined;
  return { why: error.message, ...(requestId === undefined ? {} : { requestId }) };
}

/** Without a filter ACM lists certificates of these key types, and no others (ACM API, ListCertificates, Filters). */
const listedByDefault: ReadonlySet<string> = new Set(["RSA_1024", "RSA_2048"]);

/** ACM has answered key types with hyphens too, as in the examples of its user guide. */
const isListedByDefault = ({ KeyAlgorithm: its = "RSA_2048" }: CertificateSummary): boolean =>
  listedByDefault.has(its.replace("-", "_"));

async function listed(client: ACMClient): Promise<readonly StoredCertificate[]> {
  const pages = paginateListCertificates(
    { client, pageSize: 1000 },
    { CertificateStatuses: ["ISSUED"], Includes: { keyTypes: Object.values(KeyAlgorithm) } },
  );
  const found: StoredCertificate[] = [];
  for await (const { CertificateSummaryList = [] } of pages) {
    for (const summary of CertificateSummaryList) {
      const names = await namesOf(client, summary);
      if (summary.CertificateArn === undefined || names === undefined) continue;
      const since = summary.IssuedAt ?? summary.ImportedAt ?? summary.CreatedAt;
      found.push({
        arn: summary.CertificateArn,
        domains: names.map((name) => name.toLowerCase()).toSorted(),
        since: since?.getTime() ?? 0,
        ...(isListedByDefault(summary) ? {} : { unlisted: true }),
      });
    }
  }
  return found;
}

/** All names of a certificate: a summary holds a hundred of them. Undefined when it was deleted after it was listed. */
async function namesOf(
  client: ACMClient,
  summary: CertificateSummary,
): Promise<readonly string[] | undefined> {
  const { CertificateArn, DomainName, SubjectAlternativeNameSummaries = [] } = summary;
  const own = DomainName === undefined ? [] : [DomainName];
  if (summary.HasAdditionalSubjectAlternativeNames !== true)
    return SubjectAlternativeNameSummaries.length > 0 ? SubjectAlternativeNameSummaries : own;
  try {
    const { Certificate } = await client.send(new DescribeCertificateCommand({ CertificateArn }));
    return Certificate?.SubjectAlternativeNames ?? own;
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}
