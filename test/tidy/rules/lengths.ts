import { childrenOf, nameOf, nodesIn, type Node } from "../nodes.ts";
import type { Problem, Source } from "../sources.ts";

const fileMax = 300;
const functionMax = 60;

/** Something that is too long today: it may only become shorter. By `PATH` or `PATH FUNCTION`. */
export type Ratchet = Readonly<Record<string, number>>;

const functionTypes = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
const isFunction = (node: Node): boolean => functionTypes.has(node.type);

/**
 * Problems of files and functions that are too long. A function's own lines count, without those of the functions in it: a
 * factory of small closures is not a long function.
 */
export function lengthProblems(source: Source, ratchet: Ratchet): readonly Problem[] {
  const file = source.text.trimEnd().split("\n").length;
  const limit = ratchet[source.path] ?? fileMax;
  const long =
    file > limit
      ? [
          {
            path: source.path,
            line: 1,
            message: `has ${file} lines, ${limit} are allowed: split it by what it is for`,
          },
        ]
      : [];
  return [...long, ...functionsOf(source).flatMap((one) => functionProblem(source, one, ratchet))];
}

/** Entries of a ratchet that are not needed any more, or allow more than there is. */
export function slackIn(sources: readonly Source[], ratchet: Ratchet): readonly string[] {
  const actual = new Map<string, number>();
  for (const source of sources) {
    actual.set(source.path, source.text.trimEnd().split("\n").length);
    for (const one of functionsOf(source)) {
      const key = `${source.path} ${one.name}`;
      actual.set(key, Math.max(actual.get(key) ?? 0, one.lines));
    }
  }
  return Object.entries(ratchet).flatMap(([key, allowed]) => {
    const now = actual.get(key) ?? 0;
    const max = key.includes(" ") ? functionMax : fileMax;
    if (now <= max) return [`${key}: ${now} lines now, so take it off the ratchet`];
    return now < allowed ? [`${key}: ${now} lines now, so lower the ratchet from ${allowed}`] : [];
  });
}

interface Measured {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

function functionProblem(source: Source, one: Measured, ratchet: Ratchet): readonly Problem[] {
  const limit = ratchet[`${source.path} ${one.name}`] ?? functionMax;
  if (one.lines <= limit) return [];
  return [
    {
      path: source.path,
      line: one.line,
      message: `${one.name} has ${one.lines} lines of its own, ${limit} are allowed: take a part out that has a name`,
    },
  ];
}

function functionsOf(source: Source): readonly Measured[] {
  const names = new Map<Node, string>();
  for (const node of nodesIn(source.program)) {
    const named = nameOf(node["id"]) ?? nameOf(node["key"]);
    if (named === undefined) continue;
    if (isFunction(node)) names.set(node, named);
    for (const child of childrenOf(node)) if (isFunction(child) && !names.has(child)) names.set(child, named);
  }
  return [...nodesIn(source.program)].filter(isFunction).map((node) => ({
    name: names.get(node) ?? "an arrow function",
    line: source.lineAt(node.start),
    lines: linesOf(source, node) - nestedIn(node).reduce((sum, inner) => sum + linesOf(source, inner) - 1, 0),
  }));
}

const linesOf = (source: Source, node: Node): number =>
  source.lineAt(node.end) - source.lineAt(node.start) + 1;

/** The functions directly in a function: not those in them. */
const nestedIn = (node: Node): readonly Node[] =>
  childrenOf(node).flatMap((child) => (isFunction(child) ? [child] : nestedIn(child)));
