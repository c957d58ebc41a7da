import { detailOf, sourceOf, type BusEvent } from "./events.ts";

/** One event as it goes to the bus. */
export interface Entry {
  readonly source: string;
  readonly type: string;
  /** JSON. */
  readonly detail: string;
}

/** An entry that the bus did not take: its index in the list that was given, and why. */
export interface Failure {
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/**
 * The port to the bus. Answers which entries were not taken; all others were. Never throws: a call that failed as a whole
 * is a failure of each of its entries, because the caller must keep these and only these.
 */
export type Publish = (entries: readonly Entry[]) => Promise<readonly Failure[]>;

/** Limits of one PutEvents call (EventBridge user guide, "Calculating PutEvents event entry size": less than 256 KB in total). */
export const callLimits = { entries: 10, bytes: 256 * 1024 - 1 } as const;

/** The size of an entry as EventBridge counts it: source, detail-type and detail in UTF-8; time and resources are not sent. */
export const entryBytes = (entry: Entry): number =>
  Buffer.byteLength(entry.source) + Buffer.byteLength(entry.type) + Buffer.byteLength(entry.detail);

/** An event as an entry of its cluster's source. */
export const entryOf = (event: BusEvent): Entry => ({
  source: sourceOf(event.cluster),
  type: event.type,
  detail: detailOf(event),
});

/**
 * Splits entries into as few calls as order and limits allow, as indexes into the list. An entry above the limit is alone
 * in its call, where the bus refuses it by name.
 */
export function calls(entries: readonly Entry[]): readonly (readonly number[])[] {
  const all: number[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const [index, entry] of entries.entries()) {
    const size = entryBytes(entry);
    const open = all.at(-1);
    if (open === undefined || open.length === callLimits.entries || bytes + size > callLimits.bytes) {
      all.push([index]);
      bytes = size;
    } else {
      open.push(index);
      bytes += size;
    }
  }
  return all;
}
