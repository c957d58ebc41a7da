import type { RuleMatch } from "../model/lattice.ts";

type Path = NonNullable<RuleMatch["path"]>;

/**
 * Whether some request may be taken by both of two matches. Says yes where that depends on how Lattice compares prefixes,
 * which its documents do not say.
 */
export function overlap(a: RuleMatch, b: RuleMatch): boolean {
  if (a.method !== undefined && b.method !== undefined && a.method !== b.method) return false;
  if (a.path !== undefined && b.path !== undefined && !pathsOverlap(a.path, b.path)) return false;
  return a.headers.every((header) =>
    b.headers
      .filter((other) => sameText(other.name, header.name))
      .every(
        (other) => header.kind !== "exact" || other.kind !== "exact" || sameText(other.value, header.value),
      ),
  );
}

function pathsOverlap(a: Path, b: Path): boolean {
  if (a.kind === "exact" && b.kind === "exact") return sameText(a.value, b.value);
  const [first, second] = [a, b].map(({ value }) => value.toLowerCase().replace(/\/$/, ""));
  if (first === undefined || second === undefined) return true;
  return (
    (a.kind === "prefix" && second.startsWith(first)) || (b.kind === "prefix" && first.startsWith(second))
  );
}

const sameText = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
