import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Calls } from "./calls.ts";
import { CertificateProblem, parseCertificate, type Parsed } from "./certificate.ts";
import type { ServiceEvent } from "./events.ts";
import { json, serve, type Reply, type Served } from "./http.ts";
import { AccessDenied, type Caller, type Iam } from "./iam.ts";

export interface AcmOptions {
  readonly iam: Iam;
  readonly calls: Calls;
  readonly now: () => number;
  /** Puts an event on the default bus. */
  readonly tell: (event: ServiceEvent) => Promise<void>;
  /** The longest page that is answered, whatever a caller asks for. */
  readonly pageMax?: number;
}

/** So many names are in a summary (ACM API reference, CertificateSummary). */
const summaryNamesMax = 100;
/** What ListCertificates answers to those who do not ask for key types (ACM API reference, Filters). */
const keyTypesByDefault = ["RSA_1024", "RSA_2048"];

interface Certificate extends Parsed {
  readonly arn: string;
  readonly account: string;
  readonly createdAt: number;
  readonly importedAt: number;
}

/** AWS Certificate Manager, as far as it is used: certificates are imported, listed, described and deleted. */
export function serveAcm(options: AcmOptions): Promise<Served> {
  const certificates = new Map<string, Certificate>();
  const { iam, calls } = options;
  return serve(async (received) => {
    const operation = String(received.headers["x-amz-target"] ?? "").replace("CertificateManager.", "");
    try {
      const caller = iam.identify(received.headers);
      const run = operations[operation];
      if (run === undefined) return answer(400, failure("UnknownOperationException", `no ${operation} here`));
      const input: unknown = JSON.parse(received.body);
      const resource = operation === "ListCertificates" ? "*" : resourceOf(input, caller);
      iam.authorise(caller, `acm:${operation}`, resource);
      calls.count("acm", operation, caller.name);
      return answer(200, await run(input, { ...options, caller, certificates }));
    } catch (error) {
      return answer(400, failureOf(error));
    }
  });
}

const answer = (status: number, body: unknown): Reply =>
  json(status, body, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() });

const failure = (code: string, message: string) => ({ __type: code, message });

/** What is asked for does not exist. */
class NotFound extends Error {
  override readonly name = "ResourceNotFoundException";
}

function failureOf(error: unknown) {
  if (error instanceof AccessDenied || error instanceof NotFound) return failure(error.name, error.message);
  if (error instanceof CertificateProblem) return failure("ValidationException", error.message);
  if (error instanceof z.ZodError) return failure("ValidationException", z.prettifyError(error));
  throw error;
}

interface Call extends AcmOptions {
  readonly caller: Caller;
  readonly certificates: Map<string, Certificate>;
}

const operations: Readonly<Record<string, (input: unknown, call: Call) => unknown>> = {
  ImportCertificate: importCertificate,
  ListCertificates: list,
  DescribeCertificate: (input, call) => ({ Certificate: described(named(input, call), call) }),
  DeleteCertificate: (input, call) => {
    call.certificates.delete(named(input, call).arn);
    return {};
  },
};

const naming = z.object({ CertificateArn: z.string() });
const text = z.base64().transform((bytes) => Buffer.from(bytes, "base64").toString());
const importing = naming.partial().extend({ Certificate: text, PrivateKey: text });
const listing = z.object({
  CertificateStatuses: z.array(z.string()).optional(),
  Includes: z.object({ keyTypes: z.array(z.string()).default(keyTypesByDefault) }).prefault({}),
  MaxItems: z.int().min(1).max(1000).default(1000),
  NextToken: z.string().optional(),
});

/** The certificate that a call is about; a new one is any. */
function resourceOf(input: unknown, { account, region }: Caller): string {
  const { CertificateArn } = naming.partial().parse(input);
  return CertificateArn ?? `arn:aws:acm:${region}:${account}:certificate/*`;
}

function named(input: unknown, { certificates }: Pick<Call, "certificates">): Certificate {
  const { CertificateArn } = naming.parse(input);
  const found = certificates.get(CertificateArn);
  if (found === undefined) throw new NotFound(`Could not find certificate ${CertificateArn}.`);
  return found;
}

/** Imports a certificate, or imports one anew under the ARN that it has. */
async function importCertificate(input: unknown, call: Call): Promise<unknown> {
  const { CertificateArn, Certificate: pem, PrivateKey: key } = importing.parse(input);
  const { account, region } = call.caller;
  const now = call.now();
  const before = CertificateArn === undefined ? undefined : named(input, call);
  const certificate = {
    ...parseCertificate(pem, key, now),
    account,
    arn: before?.arn ?? `arn:aws:acm:${region}:${account}:certificate/${randomUUID()}`,
    createdAt: before?.createdAt ?? now,
    importedAt: now,
  };
  call.certificates.set(certificate.arn, certificate);
  await call.tell({
    account,
    source: "aws.acm",
    "detail-type": "ACM Certificate Available",
    resources: [certificate.arn],
    detail: {
      Action: before === undefined ? "IMPORT" : "REIMPORT",
      CertificateType: "IMPORTED",
      CommonName: certificate.domainName,
      CertificateCreatedDate: new Date(certificate.createdAt).toISOString(),
      CertificateExpirationDate: new Date(certificate.notAfter).toISOString(),
      DaysToExpiry: Math.floor((certificate.notAfter - now) / (24 * 3_600_000)),
    },
  });
  return { CertificateArn: certificate.arn };
}

/** A page of the list, in the order of import. A token is the ARN that the page before ended with. */
function list(input: unknown, call: Call): unknown {
  const { CertificateStatuses, Includes, MaxItems, NextToken } = listing.parse(input);
  const all = [...call.certificates.values()].filter(
    (one) =>
      one.account === call.caller.account &&
      Includes.keyTypes.includes(one.keyAlgorithm) &&
      (CertificateStatuses === undefined || CertificateStatuses.includes(statusOf(one, call))),
  );
  const start = NextToken === undefined ? 0 : all.findIndex((one) => one.arn === NextToken) + 1;
  const page = all.slice(start, start + Math.min(MaxItems, call.pageMax ?? MaxItems));
  const last = page.at(-1);
  return {
    CertificateSummaryList: page.map((one) => ({
      ...common(one, call),
      SubjectAlternativeNameSummaries: one.names.slice(0, summaryNamesMax),
      HasAdditionalSubjectAlternativeNames: one.names.length > summaryNamesMax,
    })),
    ...(last === undefined || last === all.at(-1) ? {} : { NextToken: last.arn }),
  };
}

const described = (one: Certificate, call: Call) => ({
  ...common(one, call),
  SubjectAlternativeNames: one.names,
});

/** What a summary and a description both hold. Times of the JSON protocols are seconds. */
const common = (one: Certificate, call: Call) => ({
  CertificateArn: one.arn,
  DomainName: one.domainName,
  Status: statusOf(one, call),
  Type: "IMPORTED",
  KeyAlgorithm: one.keyAlgorithm,
  NotBefore: one.notBefore / 1000,
  NotAfter: one.notAfter / 1000,
  CreatedAt: one.createdAt / 1000,
  ImportedAt: one.importedAt / 1000,
});

const statusOf = ({ notAfter }: Certificate, { now }: Call): string =>
  notAfter > now() ? "ISSUED" : "EXPIRED";
