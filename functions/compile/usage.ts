import { same } from "../model/canonical.ts";
import type { Quotas, SharedQuota, Use } from "../model/limits.ts";
import type { Compiled } from "./compiled.ts";
import type { View } from "./view.ts";

/** What a root may use of shared quotas, and why it may not use the rest of what it asked for. */
export interface Room {
  readonly uses: NonNullable<Compiled["uses"]>;
  readonly full: readonly { readonly use: Use; readonly why: string }[];
}

/** Looks for room for what a root does not use yet; what it uses it keeps, also when a quota was lowered. */
export async function roomFor(view: View, wanted: readonly Use[], quotas: Quotas): Promise<Room> {
  const looked = await Promise.all(
    wanted.map(async (use) => {
      const quota = quotas[use.quota];
      const has = view.own.uses.some((one) => same(one, use));
      const used = has ? 0 : await view.usage(use, quota);
      return { use, quota, used, fits: has || used < quota };
    }),
  );
  return {
    uses: looked.filter(({ fits }) => fits).map(({ use, quota }) => ({ use, quota })),
    full: looked
      .filter(({ fits }) => !fits)
      .map(({ use, quota, used }) => ({ use, why: needsMore(use, 1, quota, used) })),
  };
}

/** Why there is no room for so many more that are another root's, in words; undefined when there is room for all. */
export async function crowded(
  view: View,
  wanted: readonly (readonly [Use, number])[],
  quotas: Quotas,
): Promise<string | undefined> {
  for (const [use, count] of wanted) {
    const quota = quotas[use.quota];
    const used = await view.usage(use, quota);
    if (used + count > quota) return needsMore(use, count, quota, used);
  }
  return undefined;
}

const words: Readonly<Record<SharedQuota, { readonly what: string; readonly quota: string }>> = {
  servicesPerRegion: { what: "service", quota: "services per region" },
  servicesPerNetwork: { what: "service association", quota: "services per service network" },
  targetGroupsPerRegion: { what: "target group", quota: "target groups per region" },
};

function needsMore(
  { account, region, quota: name, network }: Use,
  count: number,
  quota: number,
  used: number,
): string {
  const where = network ?? `account ${account}, ${region}`;
  const { what, quota: its } = words[name];
  return `needs ${count} ${what}${count === 1 ? "" : "s"} more, quota ${quota}, in use ${used} (${its}, ${where}; ask AWS to raise it, or delete what is not needed)`;
}
