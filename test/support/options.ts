import { parseArgs } from "node:util";
import { z } from "zod";

/** A whole number on a command line. */
const whole = (least: number, what: string) => z.coerce.number(what).int(what).min(least, what);

/** Options that say which seeds are to be lived. */
export const seedOptions = {
  seeds: whole(1, "--seeds takes a whole number above zero"),
  from: whole(0, "--from takes a whole number"),
};

/** Reads a command line of options with values. Answers a text for whoever typed it when it cannot be understood. */
export function readOptions<T>(
  args: readonly string[],
  schema: z.ZodType<T>,
  defaults: Readonly<Record<string, string | undefined>>,
  usage: string,
): T | "help" | { readonly wrong: string } {
  try {
    const texts = Object.entries(defaults).map(
      ([name, value]) =>
        [name, { type: "string", ...(value === undefined ? {} : { default: value }) }] as const,
    );
    const { help, ...values } = parseArgs({
      args: [...args],
      options: { ...Object.fromEntries(texts), help: { type: "boolean", default: false } },
    }).values;
    if (help === true) return "help";
    const parsed = schema.safeParse(values);
    if (parsed.success) return parsed.data;
    return { wrong: parsed.error.issues.map((one) => one.message).join("; ") };
  } catch (error) {
    return { wrong: `${error instanceof Error ? error.message : String(error)}\n\n${usage}` };
  }
}
