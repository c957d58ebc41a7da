import { nameOf, nodesIn, type Node } from "../nodes.ts";
import type { Problem, Source } from "../sources.ts";

const at = (source: Source, node: Node, message: string): Problem => ({
  path: source.path,
  line: source.lineAt(node.start),
  message,
});

/** Forms that the code does without. */
export function formProblems(source: Source): readonly Problem[] {
  return [...nodesIn(source.program)].flatMap((node) => {
    if (node.type === "TSAnyKeyword") return [at(source, node, "says any: say unknown, and parse it")];
    if (node.type === "TSEnumDeclaration")
      return [at(source, node, "declares an enum: a union of texts does it")];
    if (node.type === "TSNonNullExpression")
      return [at(source, node, "says !: say what happens when it is missing")];
    return [];
  });
}

/** How many casts a source has, `as const` apart. */
export const castsIn = (source: Source): number =>
  [...nodesIn(source.program)].filter(
    (node) => node.type === "TSAsExpression" && !isConst(node["typeAnnotation"]),
  ).length;

function isConst(type: unknown): boolean {
  const node = type as Node;
  return node.type === "TSTypeReference" && nameOf(node["typeName"]) === "const";
}

/** Words and places that no file of the repository holds. */
const words: readonly (readonly [RegExp, string])[] = [
  [/TODO|FIXME|XXX\b/, "is not done: do it, or say in the README what is left out"],
  [/\/home\/|\/root\/|\/Users\/|\/work\//, "names a place on somebody's machine"],
  [/registry\.npmjs|jfrog|artifactory/, "names a registry: the user's npm knows its own"],
];

/** Problems of the words of any text file. */
export const wordProblems = (path: string, text: string): readonly Problem[] =>
  text
    .split("\n")
    .flatMap((line, index) =>
      words.flatMap(([word, why]) =>
        word.test(line) ? [{ path, line: index + 1, message: `${why}: ${line.trim()}` }] : [],
      ),
    );

/** Tests that are switched off or on alone without a reason in words. */
export const switchedOff = (source: Source): readonly Problem[] =>
  source.path.endsWith(".test.ts") || source.path.endsWith(".contract.ts")
    ? [...nodesIn(source.program)].flatMap((node) =>
        node.type === "MemberExpression" &&
        ["test", "describe", "it"].includes(nameOf(node["object"]) ?? "") &&
        ["only", "skip", "todo"].includes(nameOf(node["property"]) ?? "")
          ? [
              at(
                source,
                node,
                `${nameOf(node["object"])}.${nameOf(node["property"])}: run it, or skip it with ctx.skip and its reason`,
              ),
            ]
          : [],
      )
    : [];
