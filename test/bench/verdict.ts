import { budgetOf, incumbentOf, type Change, type Size } from "./budgets.ts";
import { columns } from "./columns.ts";

/** What one change has cost, by operation. */
export interface Measured {
  readonly change: Change;
  readonly size: Size;
  readonly calls: Readonly<Record<string, number>>;
}

/** The table of what was measured, and whether all of it is as it should be. */
export function judge(measured: readonly Measured[]): { readonly text: string; readonly good: boolean } {
  const over = measured.filter(isOver);
  const lines = [
    ...columns([header, ...measured.map(cells)], (column) => column === 0 || column === header.length - 1),
    "",
    "Calls of Lattice at the wire, polls apart. R Lattice rules, L listeners, B target groups, N service networks.",
    "Of the in-cluster controller: what its formulas say at the least.",
    ...over.map((one) => `Over: ${one.change} (${numbersOf(one.size).join(", ")}): ${operations(one)}.`),
  ];
  return { text: lines.join("\n"), good: over.length === 0 };
}

const header = ["change", "R", "L", "B", "N", "calls", "budget", "incumbent", "verdict"];

function cells(one: Measured): readonly string[] {
  const incumbent = incumbentOf(one.change, one.size);
  return [
    one.change,
    ...numbersOf(one.size).map((count) => (count === 0 ? "" : String(count))),
    String(totalOf(one)),
    String(budgetOf(one.change, one.size)),
    incumbent === undefined ? "" : String(incumbent),
    isOver(one) ? "OVER" : "within",
  ];
}

const numbersOf = ({ rules, listeners, backends, networks }: Size): readonly number[] => [
  rules,
  listeners,
  backends,
  networks,
];

const isOver = (one: Measured): boolean => totalOf(one) > budgetOf(one.change, one.size);

const totalOf = ({ calls }: Measured): number => Object.values(calls).reduce((sum, count) => sum + count, 0);

const operations = ({ calls }: Measured): string =>
  Object.entries(calls)
    .map(([operation, count]) => `${operation} ${count}`)
    .join(", ");
