import { parseEnvelope } from "../bus/parse.ts";
import { queueEntry, type EntryDeps } from "../runtime/entry.ts";
import { ingest, type IngestDeps } from "./ingest.ts";

/** The changes queue carries events as the bus delivered them. */
export const makeHandler = (d: IngestDeps & EntryDeps) =>
  queueEntry(d, (body) => ingest(parseEnvelope(body), d));
