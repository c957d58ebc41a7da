import { z } from "zod";
import { readOptions, seedOptions } from "../support/options.ts";
import { kinds } from "./seeds.ts";

const options = z.object({
  ...seedOptions,
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
export const parseOptions = (
  args: readonly string[],
): SimulateOptions | "help" | { readonly wrong: string } =>
  readOptions(args, options, { seeds: "200", from: "1", kind: undefined }, usage);
