import type { StoredCertificate } from "../desired/certificates.ts";

/** The port to AWS Certificate Manager of one account and region. */
export interface Acm {
  /** Every certificate that is issued and valid now, of every key type. Failures other than a denial throw. */
  issued(): Promise<Issued>;
}

export type Issued =
  | { readonly is: "listed"; readonly certificates: readonly StoredCertificate[] }
  /** The role may not list or describe certificates. */
  | { readonly is: "denied"; readonly why: string };

/** ACM of an account and region, seen with a role of that account, or with the function's own. */
export type AcmIn = (of: {
  readonly account: string;
  readonly region: string;
  readonly role?: string | undefined;
}) => Acm;
