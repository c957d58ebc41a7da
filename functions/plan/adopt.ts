import type { Ownership, Tags } from "../model/lattice.ts";
import { price, type Plan } from "./change.ts";

/** A resource that was taken over stays as it is until it changes: then it gets our tags, with the first change and before it. */
export function withTags(
  plan: Plan,
  want: { readonly tags: Tags },
  have: { readonly arn: string; readonly ours: Ownership },
): Plan {
  if (have.ours !== "adopted" || price(plan) === 0) return plan;
  return [
    { do: "tag", arn: have.arn, tags: want.tags, because: "it was taken over, and changes now" },
    ...plan,
  ];
}
