import { api } from "../model/limits.ts";

/** How far apart rules are numbered, so that one can come between two later. */
const roomy = 10;

/**
 * Numbers for a list of rules in order of precedence, of which some have one already. As many as can keep theirs: those that are in
 * order and leave room between them for what comes there. So where no number is free, the smallest run of neighbours moves. The
 * others get numbers in the gaps, and behind the last one at every `step`th. Answers undefined when no numbers are left for so
 * many rules. None of `taken` is given.
 */
export function numbered(
  have: readonly (number | undefined)[],
  taken: ReadonlySet<number>,
  step = roomy,
): readonly number[] | undefined {
  const kept = mostThatStay(have, taken);
  const numbers: (number | undefined)[] = have.map((number, index) => (kept.has(index) ? number : undefined));
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
    if (gap === undefined) return undefined;
    for (const [offset, number] of gap.entries()) numbers[start + offset] = number;
    start = end;
  }
  return numbers.flatMap((number) => (number === undefined ? [] : [number]));
}

/** So many free numbers below (that is, greater than) all of those that are in use; undefined when there are not so many. */
export const below = (used: readonly number[], count: number): readonly number[] | undefined =>
  inGap(Math.max(0, ...used), undefined, count, new Set());

function inGap(
  low: number,
  high: number | undefined,
  count: number,
  taken: ReadonlySet<number>,
  step = roomy,
): readonly number[] | undefined {
  const free = (number: number): boolean => !taken.has(number);
  if (high === undefined) {
    const first = Math.floor(low / step) + 1;
    const all = Math.max(0, Math.floor(api.priorityMax / step) - first + 1);
    const apart = Array.from({ length: all }, (_, index) => step * (first + index)).filter(free);
    if (apart.length >= count) return apart.slice(0, count);
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

/**
 * Indexes of as many as can keep the numbers that they have: between any two of them, and before and behind all, there are as many free
 * numbers as there are others in the list.
 */
function mostThatStay(
  have: readonly (number | undefined)[],
  taken: ReadonlySet<number>,
): ReadonlySet<number> {
  const freeUpTo = (number: number): number => number - [...taken].filter((one) => one <= number).length;
  const all = freeUpTo(api.priorityMax);
  const best: {
    readonly index: number;
    readonly spare: number;
    readonly length: number;
    readonly before: number;
  }[] = [];
  for (const [index, number] of have.entries()) {
    if (number === undefined) continue;
    // How many free numbers up to its own are left when all before it in the list have one.
    const spare = freeUpTo(number) - index - 1;
    if (spare < 0 || spare > all - have.length) continue;
    let [length, before] = [1, -1];
    for (const [at, other] of best.entries())
      if (other.spare <= spare && other.length >= length) [length, before] = [other.length + 1, at];
    best.push({ index, spare, length, before });
  }
  const longest = Math.max(...best.map((one) => one.length));
  const kept = new Set<number>();
  const last = best.findIndex((one) => one.length === longest);
  for (let one = best[last]; one !== undefined; one = best[one.before]) kept.add(one.index);
  return kept;
}
