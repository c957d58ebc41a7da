import { same } from "../model/canonical.ts";
import type { Use } from "../model/limits.ts";
import { usageRead } from "../model/reads.ts";
import { usageKey } from "./keys.ts";
import { isHeld, save, type Held } from "./ledger.ts";
import { addOwed, nothingOwed } from "./owed.ts";
import type { Table, Write } from "./table.ts";

/** A use, and the quota that it must fit into; without one it is of what exists already, and no quota speaks against it. */
export interface Wanted {
  readonly use: Use;
  readonly quota?: number | undefined;
}

/** How many uses of a shared quota there are. */
export const usageOf = async (table: Table, use: Use): Promise<number> => (await counted(table, use)) ?? 0;

/** The number of uses; undefined when none was ever counted. */
async function counted(table: Table, use: Use): Promise<number | undefined> {
  const used = (await table.get(usageKey(use)))?.["used"];
  return typeof used === "number" ? used : undefined;
}

const isIn = (use: Use, all: readonly Use[]): boolean => all.some((one) => same(one, use));

/**
 * Takes what a root is to use of shared quotas, as far as there is room, and answers what did not fit; undefined when the lease was
 * lost. What exists takes its share in any case: a number that is above the quota says that AWS has granted more than we know. The
 * number in use and the ledger's list change in one transaction, so that no crash lets them differ, and nobody has to count what
 * there is.
 */
export async function takeUses(
  table: Table,
  held: Held,
  wanted: readonly Wanted[],
): Promise<{ readonly held: Held; readonly refused: readonly Use[] } | undefined> {
  const fresh = wanted.filter(({ use }) => !isIn(use, held.ledger.uses));
  for (;;) {
    const looked = await Promise.all(
      fresh.map(async (one) => ({ ...one, used: await counted(table, one.use) })),
    );
    const fitting = looked.filter(({ used = 0, quota }) => quota === undefined || used < quota);
    const refused = looked.filter((one) => !fitting.includes(one)).map(({ use }) => use);
    if (fitting.length === 0) return { held, refused };
    const uses = [...held.ledger.uses, ...fitting.map(({ use }) => use)];
    const next = { ledger: { ...held.ledger, uses }, owed: held.owed };
    const saved = await save(table, held, next, fitting.map(oneMore));
    if (saved !== undefined) return { held: saved, refused };
    // Others took what was left, or the lease is gone.
    if (!(await isHeld(table, held))) return undefined;
  }
}

const oneMore = ({ use, quota, used }: Wanted & { readonly used: number | undefined }): Write => ({
  do: "update",
  key: usageKey(use),
  add: { used: 1 },
  when:
    quota === undefined
      ? []
      : [
          used === undefined
            ? { attribute: "used", is: "absent" }
            : { attribute: "used", is: "less", value: quota },
        ],
});

/** Gives back what a root uses no more, and wakes whoever waits for it. Answers undefined when the lease was lost. */
export async function letUsesGo(table: Table, held: Held, stale: readonly Use[]): Promise<Held | undefined> {
  if (stale.length === 0) return held;
  const uses = held.ledger.uses.filter((use) => !isIn(use, stale));
  const owed = addOwed(held.owed, {
    ...nothingOwed,
    reads: stale.map(usageRead),
    cause: `${held.root} uses it no more`,
  });
  const oneLess = stale.map((use): Write => ({ do: "update", key: usageKey(use), add: { used: -1 } }));
  return save(table, held, { ledger: { ...held.ledger, uses }, owed }, oneLess);
}
