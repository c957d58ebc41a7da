import { z } from "zod";
import { accountId, region } from "../model/ids.ts";
import { queueEntry, type EntryDeps } from "../runtime/entry.ts";
import { lookAtCertificates, type CertificatesDeps } from "./certificates.ts";

/**
 * An event of ACM as the default bus delivers it, or what the sweep and a registration send. Of either it matters only
 * which account and region it is about: what there is, the look says.
 */
const message = z.object({ account: z.string().transform(accountId), region: z.string().transform(region) });

/** The certificates queue carries accounts and regions to look at. */
export const makeHandler = (d: CertificatesDeps & EntryDeps) =>
  queueEntry(d, (body) => lookAtCertificates(message.parse(body), d));
