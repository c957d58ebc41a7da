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
      .map(({ use, quota, used }) => ({ use, why: needsOneMore(use, quota, used) })),
  };
}

/** Why there is no room for one more that is another root's, in words; undefined when there is room for one of each. */
export async function crowded(
  view: View,
  wanted: readonly Use[],
  quotas: Quotas,
): Promise<string | undefined> {
  for (const use of wanted) {
    const quota = quotas[use.quota];
    const used = await view.usage(use, quota);
    if (used >= quota) return needsOneMore(use, quota, used);
  }
  return undefined;
}

const words: Readonly<Record<SharedQuota, { readonly one: string; readonly quota: string }>> = {
  servicesPerRegion: { one: "1 service", quota: "services per region" },
  servicesPerNetwork: { one: "1 service association", quota: "services per service network" },
  targetGroupsPerRegion: { one: "1 target group", quota: "target groups per region" },
};

function needsOneMore({ account, region, quota: name, network }: Use, quota: number, used: number): string {
  const where = network ?? `account ${account}, ${region}`;
  return `needs ${words[name].one} more, quota ${quota}, in use ${used} (${words[name].quota}, ${where}; ask AWS to raise it, or delete what is not needed)`;
}
