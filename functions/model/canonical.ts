import { createHash } from "node:crypto";

/** JSON with sorted keys and without undefined members: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => byText(a, b));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join()}}`;
}

/** Whether two values of JSON are equal: the order of keys and members that are undefined do not count. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, at) => same(one, b[at]))
    );
  }
  const others = new Map<string, unknown>(Object.entries(b));
  return (
    Object.entries(a).every(([name, member]) => same(member, others.get(name))) &&
    [...others].every(([name, member]) => member === undefined || Object.hasOwn(a, name))
  );
}

/** A short stable hash of a text: hexadecimal, sixteen digits. */
export const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** So many letters a to z that depend on nothing but the text. */
export function letters(text: string, count: number): string {
  const bytes = createHash("sha256").update(text).digest();
  return [...bytes.subarray(0, count)].map((byte) => String.fromCharCode(97 + (byte % 26))).join("");
}

/** Order of texts by code unit: the same on every machine, whatever its locale. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
