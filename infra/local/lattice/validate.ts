import { readFileSync } from "node:fs";
import { z } from "zod";
import { invalid } from "./fault.ts";

const member = z.object({
  shape: z.string(),
  location: z.string().optional(),
  locationName: z.string().optional(),
});
const shape = z.object({
  type: z.string(),
  min: z.number().optional(),
  max: z.number().optional(),
  pattern: z.string().optional(),
  enum: z.array(z.string()).optional(),
  required: z.array(z.string()).default([]),
  union: z.boolean().default(false),
  members: z.record(z.string(), member).default({}),
  member: z.string().optional(),
  key: z.string().optional(),
  value: z.string().optional(),
});
const model = z
  .object({
    operations: z.record(
      z.string(),
      z.object({ method: z.string(), uri: z.string(), code: z.number(), input: z.string().optional() }),
    ),
    shapes: z.record(z.string(), shape),
  })
  .parse(JSON.parse(readFileSync(new URL("./model.json", import.meta.url), "utf8")));

export type Operation = (typeof model.operations)[string];
type Shape = z.infer<typeof shape>;

/** Every operation of the API by its name; those without an input are not implemented here. */
export const operations: Readonly<Record<string, Operation>> = model.operations;

/** The members of an operation's input, with where each travels. */
export const inputMembers = (operation: Operation): Shape["members"] =>
  operation.input === undefined ? {} : (model.shapes[operation.input]?.members ?? {});

interface Problem {
  readonly name: string;
  readonly message: string;
}

/** Checks an input against the constraints of the API model. Throws a ValidationException that names every problem. */
export function validate(operation: Operation, input: unknown): Readonly<Record<string, unknown>> {
  if (operation.input === undefined)
    throw invalid("the stand-in does not implement this operation", [], "unknownOperation");
  const problems = check(operation.input, input, "");
  if (problems.length > 0)
    throw invalid(problems.map((problem) => `${problem.name}: ${problem.message}`).join("; "), problems);
  return input as Readonly<Record<string, unknown>>;
}

function check(name: string, value: unknown, path: string): readonly Problem[] {
  const one = model.shapes[name];
  if (one === undefined) return [];
  const problem = (message: string): readonly Problem[] => [{ name: path === "" ? name : path, message }];
  switch (one.type) {
    case "structure":
      return isRecord(value) ? structure(one, value, path) : problem("must be an object");
    case "list":
      if (!Array.isArray(value)) return problem("must be a list");
      return [
        ...bounds(one, value.length, "entries", problem),
        ...value.flatMap((entry, index) => check(one.member ?? "", entry, `${path}[${index}]`)),
      ];
    case "map":
      if (!isRecord(value)) return problem("must be a map");
      return [
        ...bounds(one, Object.keys(value).length, "entries", problem),
        ...Object.entries(value).flatMap(([key, entry]) => [
          ...check(one.key ?? "", key, `${path}.${key}`),
          ...check(one.value ?? "", entry, `${path}.${key}`),
        ]),
      ];
    case "string":
      return typeof value === "string" ? text(one, value, problem) : problem("must be a text");
    case "integer":
    case "long":
      return typeof value === "number" && Number.isInteger(value)
        ? bounds(one, value, "", problem)
        : problem("must be a whole number");
    case "boolean":
      return typeof value === "boolean" ? [] : problem("must be true or false");
    default:
      return [];
  }
}

function structure(one: Shape, value: Readonly<Record<string, unknown>>, path: string): readonly Problem[] {
  const at = (field: string): string => (path === "" ? field : `${path}.${field}`);
  const present = Object.entries(value).filter(([, entry]) => entry !== undefined && entry !== null);
  const missing = one.required
    .filter((field) => !present.some(([key]) => key === field))
    .map((field) => ({ name: at(field), message: "is required" }));
  const count =
    one.union && present.length !== 1 ? [{ name: path, message: "must have exactly one member" }] : [];
  const unknown = present
    .filter(([key]) => one.members[key] === undefined)
    .map(([key]) => ({ name: at(key), message: "is not a member" }));
  return [
    ...missing,
    ...count,
    ...unknown,
    ...present.flatMap(([key, entry]) => check(one.members[key]?.shape ?? "", entry, at(key))),
  ];
}

function text(
  one: Shape,
  value: string,
  problem: (message: string) => readonly Problem[],
): readonly Problem[] {
  const pattern =
    one.pattern !== undefined && !new RegExp(`^(?:${one.pattern})$`, "u").test(value)
      ? problem(`must match ${one.pattern}`)
      : [];
  const choice =
    one.enum !== undefined && !one.enum.includes(value)
      ? problem(`must be one of ${one.enum.join(", ")}`)
      : [];
  return [...bounds(one, value.length, "characters", problem), ...pattern, ...choice];
}

function bounds(
  one: Shape,
  size: number,
  unit: string,
  problem: (message: string) => readonly Problem[],
): readonly Problem[] {
  if (one.min !== undefined && size < one.min) return problem(`must be at least ${one.min} ${unit}`.trim());
  if (one.max !== undefined && size > one.max) return problem(`must be at most ${one.max} ${unit}`.trim());
  return [];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
