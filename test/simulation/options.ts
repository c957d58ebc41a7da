import { parseArgs } from "node:util";
import { z } from "zod";
import { kinds } from "./seeds.ts";

const whole = (least: number, what: string) => z.coerce.number(what).int(what).min(least, what);

const options = z.object({
  seeds: whole(1, "--seeds takes a whole number above zero"),
  from: whole(0, "--from takes a whole number"),
  kind: z.enum(["faults", "unmasked"], "--kind takes faults or unmasked").optional(),
});

/** Which histories are to be lived. */
export type SimulateOptions = z.infer<typeof options>;

export const usage = `npm run simulate -- [options]

  --seeds N     so many seeds, on all cores (default: 200); exit status 1 when one goes wrong
  --from S      the first of them (default: 1)
  --kind KIND   ${kinds.join(" or ")} alone (default: both)
`;

/** Reads the command line. Answers a text for whoever typed it when it cannot be understood. */
export function parseOptions(args: readonly string[]): SimulateOptions | "help" | { readonly wrong: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", default: false },
        seeds: { type: "string", default: "200" },
        from: { type: "string", default: "1" },
        kind: { type: "string" },
      },
    });
    if (values.help) return "help";
    const parsed = options.safeParse(values);
    if (parsed.success) return parsed.data;
    return { wrong: parsed.error.issues.map((one) => one.message).join("; ") };
  } catch (error) {
    return { wrong: `${error instanceof Error ? error.message : String(error)}\n\n${usage}` };
  }
}
