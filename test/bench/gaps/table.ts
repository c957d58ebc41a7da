import { columns } from "../columns.ts";
import type { Gap } from "./watch.ts";

/** The table of what was measured, and whether nothing was answered wrongly and everything in the end. */
export function tableOf(gaps: readonly Gap[]): { readonly text: string; readonly good: boolean } {
  const changes = [...new Set(gaps.map(keyOf))];
  const rows = changes.map((change) => cells(gaps.filter((one) => keyOf(one) === change)));
  const wrong = gaps.flatMap((gap) =>
    gap.wrong.map((text) => `Wrong: ${gap.change} (${gap.class}): ${text}.`),
  );
  const endless = gaps.filter(({ ms }) => ms === undefined);
  const lines = [
    ...columns([header, ...rows], (column) => column < 2),
    "",
    "Virtual seconds from the last right answer of the old configuration to the first of the new, under steady traffic.",
    "Lattice: the part in which the simulated Lattice made or undid something, in the median. Its data plane sees every change",
    "late, the end of the old as much as the beginning of the new: that moves a gap and is no part of it.",
    ...firstFew(wrong),
    ...firstFew(endless.map((gap) => `Never answered as it should: ${gap.change} (${gap.class}).`)),
  ];
  return { text: lines.join("\n"), good: wrong.length === 0 && endless.length === 0 };
}

const keyOf = (gap: Gap): string => `${gap.class} ${gap.change}`;

const firstFew = (texts: readonly string[]): readonly string[] => [...new Set(texts)].slice(0, 5);

const header = ["change", "class", "histories", "min", "median", "p90", "max", "Lattice", "failed", "wrong"];

function cells(gaps: readonly Gap[]): readonly string[] {
  const ended = gaps.flatMap(({ ms }) => ms ?? []);
  const total = (of: (gap: Gap) => number): number => gaps.reduce((sum, gap) => sum + of(gap), 0);
  const seconds = (ms: number | undefined): string => (ms === undefined ? "-" : (ms / 1_000).toFixed(2));
  return [
    gaps[0]?.change ?? "",
    gaps[0]?.class ?? "",
    String(gaps.length),
    ...[0, 0.5, 0.9, 1].map((part) => seconds(quantile(ended, part))),
    seconds(
      quantile(
        gaps.map(({ latticeMs }) => latticeMs),
        0.5,
      ),
    ),
    String(total(({ failed }) => failed)),
    String(total(({ wrong }) => wrong.length)),
  ];
}

/** The least value that a part of all values does not exceed. */
function quantile(values: readonly number[], part: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}
