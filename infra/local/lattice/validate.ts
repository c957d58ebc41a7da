import { invalid } from "./fault.ts";
import { shapes, type Operation, type Shape } from "./model.ts";

interface Problem {
  readonly name: string;
  readonly message: string;
}

/** Checks a value, adds what is wrong with it, and answers a frozen copy of what the API knows of it. */
type Parser = (value: unknown, path: string, problems: Problem[]) => unknown;

/**
 * Checks an input against the constraints of the API model. Throws a ValidationException that names every problem. Answers a
 * frozen copy in the model's order of members, without members that the API does not know, which it ignores.
 */
export function validate(operation: Operation, input: unknown): Readonly<Record<string, unknown>> {
  const problems: Problem[] = [];
  const parsed = parserOf(operation.input ?? "")(input, "", problems);
  if (problems.length > 0)
    throw invalid(problems.map((problem) => `${problem.name}: ${problem.message}`).join("; "), problems);
  return parsed as Readonly<Record<string, unknown>>;
}

// Once for all calls: compiling a pattern costs more than matching it.
const parsers: ReadonlyMap<string, Parser> = new Map(
  Object.entries(shapes).map(([name, shape]) => [name, compiled(name, shape)]),
);

function parserOf(name: string): Parser {
  const parser = parsers.get(name);
  if (parser === undefined) throw new TypeError(`the API model has no shape ${name}`);
  return parser;
}

function compiled(name: string, shape: Shape): Parser {
  const wrong = (path: string, message: string, problems: Problem[]): void =>
    void problems.push({ name: path === "" ? name : path, message });
  switch (shape.type) {
    case "structure":
      return structure(shape, wrong);
    case "list":
      return (value, path, problems) => {
        if (!Array.isArray(value)) return wrong(path, "must be a list", problems);
        bounds(shape, value.length, "entries", (message) => wrong(path, message, problems));
        const entry = parserOf(shape.member);
        return Object.freeze(value.map((one: unknown, index) => entry(one, `${path}[${index}]`, problems)));
      };
    case "map":
      return map(shape, wrong);
    case "string":
      return text(shape, wrong);
    case "integer":
    case "long":
      return (value, path, problems) => {
        if (typeof value !== "number" || !Number.isInteger(value))
          return wrong(path, "must be a whole number", problems);
        bounds(shape, value, "", (message) => wrong(path, message, problems));
        return value;
      };
    case "boolean":
      return (value, path, problems) =>
        typeof value === "boolean" ? value : wrong(path, "must be true or false", problems);
  }
}

type Wrong = (path: string, message: string, problems: Problem[]) => void;

function structure(shape: Shape, wrong: Wrong): Parser {
  const members = Object.entries(shape.members);
  const required = new Set(shape.required);
  return (value, path, problems) => {
    if (!isRecord(value)) return wrong(path, "must be an object", problems);
    const parsed: Record<string, unknown> = {};
    let count = 0;
    for (const [name, { shape: its }] of members) {
      const entry = value[name];
      const at = path === "" ? name : `${path}.${name}`;
      if (entry === undefined || entry === null) {
        if (required.has(name)) problems.push({ name: at, message: "is required" });
        continue;
      }
      count += 1;
      parsed[name] = parserOf(its)(entry, at, problems);
    }
    if (shape.union && count !== 1) wrong(path, "must have exactly one member", problems);
    return Object.freeze(parsed);
  };
}

function map(shape: Shape, wrong: Wrong): Parser {
  return (value, path, problems) => {
    if (!isRecord(value)) return wrong(path, "must be a map", problems);
    const keys = Object.keys(value).sort();
    bounds(shape, keys.length, "entries", (message) => wrong(path, message, problems));
    const [keyParser, valueParser] = [parserOf(shape.key), parserOf(shape.value)];
    return Object.freeze(
      Object.fromEntries(
        keys.map((key) => [
          keyParser(key, `${path}.${key}`, problems),
          valueParser(value[key], `${path}.${key}`, problems),
        ]),
      ),
    );
  };
}

function text(shape: Shape, wrong: Wrong): Parser {
  const pattern = shape.pattern === undefined ? undefined : new RegExp(`^(?:${shape.pattern})$`, "u");
  const choices = shape.enum === undefined ? undefined : new Set(shape.enum);
  return (value, path, problems) => {
    if (typeof value !== "string") return wrong(path, "must be a text", problems);
    bounds(shape, value.length, "characters", (message) => wrong(path, message, problems));
    if (pattern?.test(value) === false) wrong(path, `must match ${shape.pattern}`, problems);
    if (choices?.has(value) === false)
      wrong(path, `must be one of ${(shape.enum ?? []).join(", ")}`, problems);
    return value;
  };
}

function bounds(shape: Shape, size: number, unit: string, wrong: (message: string) => void): void {
  if (shape.min !== undefined && size < shape.min) wrong(`must be at least ${shape.min} ${unit}`.trim());
  if (shape.max !== undefined && size > shape.max) wrong(`must be at most ${shape.max} ${unit}`.trim());
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
