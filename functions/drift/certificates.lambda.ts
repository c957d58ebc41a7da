import { wireCertificates } from "../runtime/wire.ts";
import { makeHandler } from "./certificates.handler.ts";

export const handler = makeHandler(wireCertificates(process.env));
