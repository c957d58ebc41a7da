import { isNode, nameOf, nodesIn, type Node } from "../nodes.ts";
import type { Problem, Source } from "../sources.ts";

/** Folders whose answers depend on their arguments alone. */
const pureFolders = ["model", "compile", "plan"];

/** Files outside of them that may read the clock, draw at random, wait, or read the environment. */
const edge = /^functions\/(runtime\/|.*main\.ts$|.*\.lambda\.ts$)/;

const impure = new Set([
  "fetch",
  "console",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "process",
  "performance",
  "crypto",
]);
const impureMembers = new Set([
  "Date.now",
  "Math.random",
  "performance.now",
  "crypto.randomUUID",
  "process.env",
]);

/** Problems of a source that reads the world where it must not. */
export function purityProblems(source: Source): readonly Problem[] {
  if (!source.path.startsWith("functions/")) return [];
  const folder = source.path.split("/")[1] ?? "";
  const pure = pureFolders.includes(folder);
  if (edge.test(source.path)) return [];
  const problems: Problem[] = [];
  const tell = (node: Node, what: string): void => {
    problems.push({
      path: source.path,
      line: source.lineAt(node.start),
      message: `uses ${what}: ${pure ? `${folder}/ is pure` : "time, chance and environment arrive as arguments"}; take it as an argument`,
    });
  };
  for (const node of nodesIn(source.program)) {
    const member = memberName(node);
    if (member !== undefined && impureMembers.has(member)) tell(node, member);
    if (node.type === "NewExpression" && nameOf(node["callee"]) === "Date" && isEmpty(node["arguments"]))
      tell(node, "new Date()");
    const called = node.type === "CallExpression" ? nameOf(node["callee"]) : undefined;
    if (pure && called !== undefined && impure.has(called)) tell(node, called);
    if (pure && member?.startsWith("console.") === true) tell(node, member);
  }
  return problems;
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** `a.b` of a member expression of two plain names. */
function memberName(node: Node): string | undefined {
  if (node.type !== "MemberExpression" || node["computed"] === true) return undefined;
  const [object, property] = [nameOf(node["object"]), nameOf(node["property"])];
  return object !== undefined && property !== undefined && isNode(node["object"])
    ? `${object}.${property}`
    : undefined;
}
