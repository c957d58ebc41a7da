import { resolved, type Problem, type Source } from "../sources.ts";

/** Where something begins by itself. */
const begins = /(^|\/)(main|app)\.ts$|\.lambda\.ts$|\.test\.ts$|vitest\.config\.ts$|\.reporter\.ts$/;

/** Files that nothing reaches from an entry or a test, and what they export. */
export function deadFiles(sources: readonly Source[]): readonly Problem[] {
  const byPath = new Map(sources.map((one) => [one.path, one]));
  const reached = new Set<string>();
  const reach = (path: string): void => {
    const source = byPath.get(path);
    if (source === undefined || reached.has(path)) return;
    reached.add(path);
    for (const { from } of source.imports) if (from.startsWith(".")) reach(resolved(path, from));
  };
  for (const { path } of sources) if (begins.test(path)) reach(path);
  return sources
    .filter(({ path }) => !reached.has(path))
    .map(({ path }) => ({
      path,
      line: 1,
      message: "is imported by nothing that runs: delete it, or use it",
    }));
}

/**
 * Exports that no other file takes. A type that is part of what its own file exports may stand beside it; a value may not be
 * exported for nobody.
 */
export function deadExports(sources: readonly Source[]): readonly Problem[] {
  const taken = new Set<string>();
  for (const { path, imports } of sources)
    for (const { from, names } of imports)
      if (from.startsWith(".")) for (const name of names) taken.add(`${resolved(path, from)} ${name}`);
  return sources
    .filter(({ path }) => !begins.test(path))
    .flatMap((source) =>
      source.exports
        .filter(({ name }) => !taken.has(`${source.path} ${name}`) && !taken.has(`${source.path} *`))
        .filter(({ name, isType }) => !isType || timesIn(source, name) < 2)
        .map(({ name, line }) => ({
          path: source.path,
          line,
          message: `exports ${name}, which no other file imports: do not export it, or delete it`,
        })),
    );
}

const timesIn = ({ text }: Source, name: string): number =>
  [...text.matchAll(new RegExp(`\\b${name}\\b`, "g"))].length;
