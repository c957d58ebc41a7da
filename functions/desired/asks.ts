import { byText } from "../model/canonical.ts";
import { asRootKey } from "../model/ids.ts";
import type { Ask } from "./lanes.ts";
import type { Item, Value } from "./table.ts";

/** Both sets of asks, each root's verify and causes together. */
export function mergeAsks(a: readonly Ask[], b: readonly Ask[]): readonly Ask[] {
  const merged = new Map<string, Ask>();
  for (const ask of [...a, ...b]) {
    const before = merged.get(ask.cause);
    merged.set(ask.cause, { ...ask, verify: ask.verify || before?.verify === true });
  }
  // Causes are for people; a flood of them tells no more than the last twenty. What asks to verify is never among those left out.
  return [...merged.values()]
    .toSorted((x, y) => Number(x.verify) - Number(y.verify) || byText(x.cause, y.cause))
    .slice(-20)
    .toSorted((x, y) => byText(x.cause, y.cause));
}

/** Asks as an attribute of a ledger's item holds them. */
export const asksValue = (asks: readonly Ask[]): Value =>
  asks.map((ask) => ({ root: ask.root, verify: ask.verify, cause: ask.cause }));

/** What an attribute of a ledger's item holds of asks; what is none is left out. */
export function asksOf(item: Item | undefined, attribute: string): readonly Ask[] {
  const value = item?.[attribute];
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: Value) => {
    if (typeof one !== "object" || one === null || Array.isArray(one)) return [];
    const { root, verify, cause } = one as Readonly<Record<string, Value>>;
    return typeof root === "string" && typeof cause === "string"
      ? [{ root: asRootKey(root), verify: verify === true, cause }]
      : [];
  });
}
