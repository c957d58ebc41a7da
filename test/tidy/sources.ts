import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";
import { isNode, type Node } from "./nodes.ts";

/** A file of TypeScript, parsed. */
export interface Source {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly program: Node;
  readonly imports: readonly Import[];
  /** Names that it exports itself; `default` too. */
  readonly exports: readonly { readonly name: string; readonly line: number; readonly isType: boolean }[];
  /** The line, from 1, of an offset in the text. */
  lineAt(offset: number): number;
}

export interface Import {
  /** As it is written: a package, `node:...`, or a path from this file. */
  readonly from: string;
  readonly line: number;
  /** Names that are taken; `*` for all. */
  readonly names: readonly string[];
}

/** What is wrong, where, and what to do about it. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export const textOf = (problems: readonly Problem[]): readonly string[] =>
  problems.map((one) => `${one.path}:${one.line} ${one.message}`);

/** Parses a source. Throws when it is no TypeScript. */
export function sourceOf(path: string, text: string): Source {
  const parsed = parseSync(path, text);
  const [error] = parsed.errors;
  if (error !== undefined) throw new SyntaxError(`${path}: ${error.message}`);
  const program: unknown = parsed.program;
  if (!isNode(program)) throw new TypeError(`${path}: the parser answered no program`);
  const starts = [0, ...[...text.matchAll(/\n/g)].map((found) => found.index + 1)];
  const lineAt = (offset: number): number => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
  const { staticImports, staticExports } = parsed.module;
  const reexports = staticExports.flatMap((one) =>
    one.entries.flatMap((entry) =>
      entry.moduleRequest === null
        ? []
        : [
            {
              from: entry.moduleRequest.value,
              line: lineAt(one.start),
              names: [entry.importName.name ?? "*"],
            },
          ],
    ),
  );
  return {
    path,
    text,
    program,
    lineAt,
    imports: [
      ...staticImports.map((one) => ({
        from: one.moduleRequest.value,
        line: lineAt(one.start),
        names: one.entries.map((entry) =>
          entry.importName.kind === "Name"
            ? (entry.importName.name ?? "*")
            : entry.importName.kind === "Default"
              ? "default"
              : "*",
        ),
      })),
      ...reexports,
    ],
    exports: staticExports.flatMap((one) =>
      one.entries.map((entry) => ({
        name: entry.exportName.name ?? "default",
        line: lineAt(one.start),
        isType: /^export (declare )?(interface|type)\b/.test(text.slice(one.start, one.start + 30)),
      })),
    ),
  };
}

const root = new URL("../..", import.meta.url).pathname;

/** A file of the repository as it is. */
export const fileText = (path: string): string => readFileSync(join(root, path), "utf8");

/** Names in a folder of the repository. */
export const namesIn = (folder: string): readonly string[] => readdirSync(join(root, folder));

/** Every TypeScript file of the repository. */
export function allSources(): readonly Source[] {
  return ["functions", "infra", "test"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .toSorted()
      .map((name) => sourceOf(`${folder}/${name}`, fileText(`${folder}/${name}`))),
  );
}

/** The path of a file that another one imports. */
export const resolved = (from: string, specifier: string): string =>
  join(from, "..", specifier).replaceAll("\\", "/");
