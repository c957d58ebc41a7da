import { z } from "zod";
import type { WireAction, WireMatch } from "./state.ts";

/** The nested members of inputs. They are valid by the API model before they come here: this gives them their types. */

const text = z.string().optional();

export const wireAction: z.ZodType<WireAction> = z.object({
  forward: z
    .object({
      targetGroups: z.array(z.object({ targetGroupIdentifier: z.string(), weight: z.number().optional() })),
    })
    .optional(),
  fixedResponse: z.object({ statusCode: z.number() }).optional(),
});

export const wireMatch: z.ZodType<WireMatch> = z.object({
  httpMatch: z.object({
    method: text,
    pathMatch: z
      .object({
        match: z.object({ exact: text, prefix: text }),
        caseSensitive: z.boolean().optional(),
      })
      .optional(),
    headerMatches: z
      .array(
        z.object({
          name: z.string(),
          match: z.object({ exact: text, prefix: text, contains: text }),
          caseSensitive: z.boolean().optional(),
        }),
      )
      .optional(),
  }),
});

/** What UpdateRule, and each entry of BatchUpdateRule, sets; absent members stay as they are. */
export const ruleUpdate = z.object({
  ruleIdentifier: z.string(),
  match: wireMatch.optional(),
  priority: z.number().optional(),
  action: wireAction.optional(),
});
export type RuleUpdate = z.infer<typeof ruleUpdate>;
