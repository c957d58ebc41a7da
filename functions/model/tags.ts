import { hash } from "./canonical.ts";
import { rootKey, type Root } from "./roots.ts";

/** The tag that says which root a resource belongs to: what is ours is what bears its own root's value. */
export const rootTagKey = "espalier.dev/root";
/** The tag that says which installation made a resource. */
export const installationTagKey = "espalier.dev/installation";

const valueMax = 256;
const alphabet = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The root's key as a tag value: cut and hashed where it is too long or holds what a tag cannot. */
export function rootTag(root: Root): string {
  const key = rootKey(root);
  if (key.length <= valueMax && alphabet.test(key)) return key;
  const kept = key.replaceAll(/[^\p{L}\p{N}_.:/=+\-@]/gu, "-").slice(0, valueMax - 17);
  return `${kept}-${hash(key)}`;
}
