import { gunzipSync, gzipSync } from "node:zlib";

/** JSON in one attribute: as it is when short, compressed when long. */
export function packBody(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length < 2_000 ? json : `gzip:${gzipSync(json, { level: 6 }).toString("base64")}`;
}

/** The value that `packBody` packed; throws when the text is not one of its own. */
export function unpackBody(text: string): unknown {
  if (!text.startsWith("gzip:")) return JSON.parse(text);
  return JSON.parse(gunzipSync(Buffer.from(text.slice("gzip:".length), "base64")).toString("utf8"));
}

/** The longest body that fits an item of DynamoDB (400 KB) beside its other attributes. */
export const bodyBytesMax = 350_000;
