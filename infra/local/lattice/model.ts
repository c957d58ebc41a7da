import { readFileSync } from "node:fs";
import { z } from "zod";

const member = z.object({
  shape: z.string(),
  location: z.string().optional(),
  locationName: z.string().optional(),
});
const shape = z.object({
  type: z.enum(["structure", "list", "map", "string", "integer", "long", "boolean"]),
  min: z.number().optional(),
  max: z.number().optional(),
  pattern: z.string().optional(),
  enum: z.array(z.string()).optional(),
  required: z.array(z.string()).default([]),
  union: z.boolean().default(false),
  members: z.record(z.string(), member).default({}),
  member: z.string().default(""),
  key: z.string().default(""),
  value: z.string().default(""),
});
const operation = z.object({
  method: z.string(),
  uri: z.string(),
  code: z.number(),
  /** The shape of the input; absent for an operation that the stand-in does not implement. */
  input: z.string().optional(),
  /** The members of the output. */
  output: z.array(z.string()).default([]),
  /** The members of each entry of a list's output. */
  items: z.array(z.string()).optional(),
});
const model = z
  .object({ operations: z.record(z.string(), operation), shapes: z.record(z.string(), shape) })
  .parse(JSON.parse(readFileSync(new URL("./model.json", import.meta.url), "utf8")));

export type Operation = z.infer<typeof operation>;
export type Shape = z.infer<typeof shape>;

/** Every operation of the API by its name; those without an input are not implemented here. */
export const operations: Readonly<Record<string, Operation>> = model.operations;

/** The shapes of inputs, with their constraints. */
export const shapes: Readonly<Record<string, Shape>> = model.shapes;

/** The members of an operation's input, with where each travels. */
export const inputMembers = (of: Operation): Shape["members"] => shapes[of.input ?? ""]?.members ?? {};

/** Leaves of an output what the operation answers: lists, for instance, say less of a resource than Gets do. */
export function answerOf(of: Operation, output: unknown): unknown {
  if (typeof output !== "object" || output === null) return {};
  const answer = pick(output, of.output);
  const { items } = of;
  if (items !== undefined && Array.isArray(answer["items"]))
    answer["items"] = answer["items"].map((item: object) => pick(item, items));
  return answer;
}

function pick(from: object, members: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(from).filter(([name, value]) => value !== undefined && members.includes(name)),
  );
}
