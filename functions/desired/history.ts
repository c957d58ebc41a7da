import { later, toEpochSec, type EpochMs, type RootKey } from "../model/ids.ts";
import { packBody } from "./body.ts";
import { historyKey } from "./keys.ts";
import type { Write } from "./table.ts";

/** One round that did or decided something: what asked for it, what was planned, what came of it. */
export interface Entry {
  readonly time: string;
  readonly causes: readonly string[];
  readonly changes: readonly string[];
  readonly outcomes: readonly string[];
}

const kept = 90 * 24 * 3_600_000;

/** The write that adds an entry to a root's history; it is part of the commit that records the outcome. */
export const historyWrite = (root: RootKey, fence: number, now: EpochMs, entry: Entry): Write => ({
  do: "put",
  key: historyKey(root, entry.time, fence),
  item: { body: packBody(entry), ttl: toEpochSec(later(now, kept)) },
});
