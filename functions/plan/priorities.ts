import { api } from "../model/limits.ts";

/** How far apart rules are numbered, so that one can come between two later. */
const roomy = 10;

/**
 * Numbers for a list of rules in order of precedence, of which some have one already. The longest run of numbers that are in
 * order stays; the others get numbers in the gaps, and behind the last one at every `step`th. Answers undefined when no numbers are
 * left for so many rules.
 */
export function numbered(
  have: readonly (number | undefined)[],
  taken: ReadonlySet<number>,
  step = roomy,
): readonly number[] | undefined {
  if (have.length > api.priorityMax) return undefined;
  const kept = longestIncreasing(have);
  const numbers: (number | undefined)[] = have.map((number, index) => (kept.has(index) ? number : undefined));
  if (kept.size === 0) return fresh(have.length, taken, step) ?? anew(have.length, step);
  for (let start = 0; start < numbers.length;) {
    if (numbers[start] !== undefined) {
      start += 1;
      continue;
    }
    let end = start;
    while (end < numbers.length && numbers[end] === undefined) end += 1;
    const low = start === 0 ? 0 : (numbers[start - 1] ?? 0);
    const high = end === numbers.length ? undefined : numbers[end];
    const gap = inGap(low, high, end - start, taken, step);
    // No room between two neighbours: all are numbered anew, which is one batch for every ten rules.
    if (gap === undefined) return anew(have.length, step);
    for (const [offset, number] of gap.entries()) numbers[start + offset] = number;
    start = end;
  }
  return numbers.flatMap((number) => (number === undefined ? [] : [number]));
}

/** So many free numbers below (that is, greater than) all of those that are in use; undefined when there are not so many. */
export const below = (used: readonly number[], count: number): readonly number[] | undefined =>
  inGap(Math.max(0, ...used), undefined, count, new Set());

/** Free multiples of the step; undefined when there are not so many. */
function fresh(count: number, taken: ReadonlySet<number>, step: number): readonly number[] | undefined {
  const all = Array.from({ length: Math.floor(api.priorityMax / step) }, (_, index) => step * (index + 1));
  const open = all.filter((number) => !taken.has(number)).slice(0, count);
  return open.length < count ? undefined : open;
}

function inGap(
  low: number,
  high: number | undefined,
  count: number,
  taken: ReadonlySet<number>,
  step = roomy,
): readonly number[] | undefined {
  const free = (number: number): boolean => !taken.has(number);
  if (high === undefined) {
    const start = Math.floor(low / step) * step + step;
    const apart = Array.from({ length: count }, (_, index) => start + index * step);
    const last = apart.at(-1) ?? 0;
    if (last <= api.priorityMax && apart.every(free)) return apart;
    high = api.priorityMax + 1;
  }
  const open: number[] = [];
  for (let number = low + 1; number < high; number += 1) if (free(number)) open.push(number);
  if (open.length < count) return undefined;
  return Array.from(
    { length: count },
    (_, index) => open[Math.floor(((index + 0.5) * open.length) / count)] ?? 0,
  );
}

/** So many numbers, well apart, above (that is, less than) a number; undefined when there are not so many. */
export const spread = (count: number, above: number): readonly number[] | undefined =>
  inGap(0, above, count, new Set());

/** Numbers for all, whatever they had. */
const anew = (count: number, step: number): readonly number[] | undefined =>
  inGap(0, undefined, count, new Set(), step);

/** Indexes of a longest strictly increasing subsequence of the numbers that are there. */
function longestIncreasing(values: readonly (number | undefined)[]): ReadonlySet<number> {
  const best: { length: number; before: number }[] = [];
  let end = -1;
  for (const [index, value] of values.entries()) {
    best[index] = { length: value === undefined ? 0 : 1, before: -1 };
    if (value === undefined) continue;
    for (let other = 0; other < index; other += 1) {
      const smaller = values[other];
      const length = (best[other]?.length ?? 0) + 1;
      if (smaller !== undefined && smaller < value && length > (best[index]?.length ?? 0))
        best[index] = { length, before: other };
    }
    if (end === -1 || (best[index]?.length ?? 0) > (best[end]?.length ?? 0)) end = index;
  }
  const kept = new Set<number>();
  for (let at = end; at !== -1; at = best[at]?.before ?? -1) kept.add(at);
  return kept;
}
