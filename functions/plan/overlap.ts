import type { RuleMatch } from "../model/lattice.ts";

/** Whether some request may be matched by both: only what surely excludes each other does not overlap. */
export function overlap(a: RuleMatch, b: RuleMatch): boolean {
  if (a.method !== undefined && b.method !== undefined && a.method !== b.method) return false;
  return (
    pathsOverlap(a.path, b.path) && !a.headers.some((one) => b.headers.some((other) => exclude(one, other)))
  );
}

function pathsOverlap(a: RuleMatch["path"], b: RuleMatch["path"]): boolean {
  if (a === undefined || b === undefined) return true;
  const plain = a.caseSensitive && b.caseSensitive;
  const [one, other] = plain ? [a.value, b.value] : [a.value.toLowerCase(), b.value.toLowerCase()];
  if (a.kind === "exact" && b.kind === "exact") return one === other;
  return (b.kind === "prefix" && one.startsWith(other)) || (a.kind === "prefix" && other.startsWith(one));
}

type Header = RuleMatch["headers"][number];

const exclude = (a: Header, b: Header): boolean =>
  a.name.toLowerCase() === b.name.toLowerCase() &&
  a.kind === "exact" &&
  b.kind === "exact" &&
  a.value.toLowerCase() !== b.value.toLowerCase();
