import { api } from "../model/limits.ts";
import { spread } from "./priorities.ts";

/** A rule and the number that it has. */
export interface Standing {
  readonly name: string;
  readonly number: number;
}

type Batches = readonly (readonly Standing[])[];

/** Batches of moves: first all that make room, then those that bring the new order about. */
export interface Steps {
  readonly down: Batches;
  readonly up: Batches;
}

/**
 * Puts rules in a new order where more of them move than Lattice changes at once. From the first of the new order down, they
 * get numbers above everything else, batch by batch: a request is then answered by the first of the new order as soon as any
 * rule that it matches has moved, and before that by the first of the old order, because nothing that it matches has. Where
 * there is no room above, all are first moved down as they stand, from the last up. Answers undefined when the numbers do not
 * suffice. `order` holds the rules that are wanted, in their new order; `all` every rule that there is.
 */
export function reorder(order: readonly Standing[], all: readonly Standing[]): Steps | undefined {
  const moving = order.slice(0, order.length - inOrderAtEnd(order));
  const highest = Math.min(...all.map((one) => one.number));
  if (highest > moving.length) return climb([], moving, highest);
  const bottom = Math.max(moving.length, ...all.map((one) => one.number)) + 1;
  if (bottom + all.length - 1 > api.priorityMax) return undefined;
  const down = all
    .toSorted((a, b) => a.number - b.number)
    .map(({ name }, index) => ({ name, number: bottom + index }))
    .toReversed();
  return climb(batches(down), moving, bottom);
}

/** How many of the last ones are in order already. */
function inOrderAtEnd(order: readonly Standing[]): number {
  let count = Math.min(1, order.length);
  while (count < order.length && (order.at(-count - 1)?.number ?? 0) < (order.at(-count)?.number ?? 0))
    count += 1;
  return count;
}

function climb(down: Batches, moving: readonly Standing[], below: number): Steps | undefined {
  const numbers = spread(moving.length, below);
  return (
    numbers && {
      down,
      up: batches(moving.map(({ name }, index) => ({ name, number: numbers[index] ?? 0 }))),
    }
  );
}

/**
 * Gives rules other numbers where all of them keep their order, so that nobody is ever answered by another: first those that get
 * lower numbers, beginning with the first of them, then those that get higher ones, beginning with the last. So none overtakes
 * another between two batches. `all` is every rule that there is, `numbers` those that change. Answers undefined when the order would
 * change.
 */
export function inPlace(all: readonly Standing[], numbers: ReadonlyMap<string, number>): Batches | undefined {
  const moves = all
    .toSorted((a, b) => a.number - b.number)
    .map(({ name, number }) => ({ name, from: number, number: numbers.get(name) ?? number }));
  if (moves.some(({ number }, index) => number <= (moves[index - 1]?.number ?? 0))) return undefined;
  const lower = moves.filter(({ from, number }) => number < from);
  const higher = moves.filter(({ from, number }) => number > from).toReversed();
  return batches([...lower, ...higher].map(({ name, number }) => ({ name, number })));
}

function batches<T>(all: readonly T[]): readonly (readonly T[])[] {
  const made: (readonly T[])[] = [];
  for (let start = 0; start < all.length; start += api.rulesPerBatch)
    made.push(all.slice(start, start + api.rulesPerBatch));
  return made;
}
