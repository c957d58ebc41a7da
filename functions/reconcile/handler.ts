import { z } from "zod";
import { lanes, type Lane } from "../desired/lanes.ts";
import { rootKey, parseRoot } from "../model/roots.ts";
import { queueEntry, type EntryDeps } from "../runtime/entry.ts";
import type { ReconcileDeps } from "./deps.ts";
import { reconcile } from "./reconcile.ts";

const ask = z.object({
  root: z.string().transform((value) => rootKey(parseRoot(value))),
  verify: z.boolean(),
  cause: z.string(),
  lane: z.enum(lanes).optional(),
});

/** A work lane carries asks. Which lane it was is part of the message, because one function serves all lanes. */
export const makeHandler = (d: ReconcileDeps & EntryDeps) =>
  queueEntry(d, async (body, deadline) => {
    const { root, verify, cause, lane } = ask.parse(body);
    const from: Lane = lane ?? "config";
    await reconcile({ root, verify, cause }, from, deadline, d);
  });
