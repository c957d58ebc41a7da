import { canonicalJson, hash } from "../model/canonical.ts";
import type { ObjectKey, RootKey } from "../model/ids.ts";
import type { Report } from "../model/verdict.ts";
import { packBody, unpackBody } from "./body.ts";
import { reportKey, reportsPartition } from "./keys.ts";
import type { Table, Write } from "./table.ts";

/** Everything that is said of an object, by whichever root, ordered by root. */
export async function reportsOn(table: Table, object: ObjectKey): Promise<readonly Report[]> {
  const items = await table.query(reportsPartition(object));
  return items.flatMap((item) =>
    typeof item["body"] === "string" ? [unpackBody(item["body"]) as Report] : [],
  );
}

/**
 * The writes that replace what a root said of objects by what it says now, and the objects whose status these concern.
 * What is said again in the same words is neither written nor sent.
 */
export function reportChanges(
  root: RootKey,
  before: Readonly<Record<ObjectKey, string>>,
  reports: readonly Report[],
): {
  readonly writes: readonly Write[];
  readonly reported: Readonly<Record<ObjectKey, string>>;
  readonly statuses: readonly ObjectKey[];
} {
  const said = new Map(reports.map((report) => [report.on, hash(canonicalJson(report))]));
  const changed = reports.filter((report) => before[report.on] !== said.get(report.on));
  const silent = Object.keys(before).flatMap((key) => (said.has(key as ObjectKey) ? [] : [key as ObjectKey]));
  return {
    writes: [
      ...changed.map((report): Write => ({
        do: "put",
        key: reportKey(report.on, root),
        item: { body: packBody(report) },
      })),
      ...silent.map((object): Write => ({ do: "delete", key: reportKey(object, root) })),
    ],
    reported: Object.fromEntries(said),
    statuses: [...changed.map((report) => report.on), ...silent],
  };
}
