import { z } from "zod";
import type { CommandLine } from "../../infra/commandline.ts";
import { seedOptions } from "../support/options.ts";
import { kinds } from "./seeds.ts";

const schema = z.object({
  ...seedOptions,
  kind: z.enum(["faults", "unmasked"], "--kind takes faults or unmasked").optional(),
});

/** Which histories are to be lived. */
export type SimulateOptions = z.infer<typeof schema>;

export const simulate: CommandLine<SimulateOptions> = {
  usage: `npm run simulate -- [options]

  --seeds N     so many seeds, on all cores (default: 200); exit status 1 when one goes wrong
  --from S      the first of them (default: 1)
  --kind KIND   ${kinds.join(" or ")} alone (default: both)
`,
  options: { seeds: "200", from: "1", kind: undefined },
  schema,
};
