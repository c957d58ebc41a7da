import { packBody, unpackBody } from "./body.ts";
import { certificatesKey } from "./keys.ts";
import type { Table } from "./table.ts";

/** A certificate of ACM that is issued and valid. */
export interface StoredCertificate {
  readonly arn: string;
  /** In lower case; one may begin with `*.`. */
  readonly domains: readonly string[];
  /** Milliseconds since 1970: when it was issued or imported. */
  readonly since: number;
}

/** The certificates of an account and region, as they were last looked at; none before that. */
export async function getCertificates(
  table: Table,
  account: string,
  region: string,
): Promise<readonly StoredCertificate[]> {
  const body = (await table.get(certificatesKey(account, region)))?.["body"];
  return typeof body === "string" ? (unpackBody(body) as readonly StoredCertificate[]) : [];
}

/** Replaces what is known of the certificates of an account and region. */
export async function setCertificates(
  table: Table,
  account: string,
  region: string,
  certificates: readonly StoredCertificate[],
): Promise<void> {
  const item = { body: packBody(certificates) };
  await table.write([{ do: "put", key: certificatesKey(account, region), item }]);
}
