import type { Found } from "../desired/certificates.ts";

/** The port to AWS Certificate Manager of one account and region. */
export interface Acm {
  /**
   * Every certificate that is issued and valid now, of every key type; or that the role may not list or describe certificates. Other
   * failures throw.
   */
  issued(): Promise<Found>;
}

/** ACM of an account and region, seen with a role of that account, or with the function's own. */
export type AcmIn = (of: {
  readonly account: string;
  readonly region: string;
  readonly role?: string | undefined;
}) => Acm;
