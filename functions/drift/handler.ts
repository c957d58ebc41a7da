import { entry, type EntryDeps } from "../runtime/entry.ts";
import { sendDue, type DriftDeps } from "./due.ts";

/** The schedule's event says nothing but that a minute has passed. */
export const makeHandler = (d: DriftDeps & EntryDeps) =>
  entry<unknown, { readonly sent: number }>(d, () => sendDue(d));
