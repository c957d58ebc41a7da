import { createHash } from "node:crypto";

/** JSON with sorted keys and without undefined members: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? "null";
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  entries.sort(([a], [b]) => byText(a, b));
  return Object.fromEntries(entries.map(([k, v]) => [k, sorted(v)]));
}

/** Whether two values are equal as canonical JSON: the order of keys and absent members do not count. */
export const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

/** A short stable hash of a text: hexadecimal, sixteen digits. */
export const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** So many letters a to z that depend on nothing but the text. */
export function letters(text: string, count: number): string {
  const bytes = createHash("sha256").update(text).digest();
  return [...bytes.subarray(0, count)].map((byte) => String.fromCharCode(97 + (byte % 26))).join("");
}

/** Order of texts by code unit: the same on every machine, whatever its locale. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
