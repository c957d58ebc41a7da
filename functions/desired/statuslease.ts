import type { EpochMs, ObjectKey } from "../model/ids.ts";
import { statusLeaseKey } from "./keys.ts";
import type { Table } from "./table.ts";

/**
 * Takes the lease of an object's status and answers its fence, or marks it when another writer holds it: then that writer
 * looks once more before it lets go, and this message can be acknowledged.
 */
export async function acquireStatus(
  table: Table,
  object: ObjectKey,
  now: EpochMs,
  until: EpochMs,
): Promise<number | "busy"> {
  const key = statusLeaseKey(object);
  for (;;) {
    const item = await table.get(key);
    const version = item?.["v"];
    const held = item?.["until"];
    const when =
      typeof version === "number"
        ? ([{ attribute: "v", is: "equal", value: version }] as const)
        : ([{ attribute: "v", is: "absent" }] as const);
    if (typeof held === "number" && held > now) {
      if (await table.write([{ do: "update", key, set: { marked: true }, add: { v: 1 }, when }]))
        return "busy";
      continue;
    }
    const fence = (typeof item?.["fence"] === "number" ? item["fence"] : 0) + 1;
    if (
      await table.write([
        { do: "update", key, set: { fence, until }, remove: ["marked"], add: { v: 1 }, when },
      ])
    )
      return fence;
  }
}

/** Lets the lease go, unless somebody left a mark: then the mark is taken, and the holder goes on. */
export async function releaseStatus(
  table: Table,
  object: ObjectKey,
  fence: number,
): Promise<"released" | "marked" | "lost"> {
  const key = statusLeaseKey(object);
  const mine = { attribute: "fence", is: "equal", value: fence } as const;
  const unmarked = { attribute: "marked", is: "absent" } as const;
  if (await table.write([{ do: "update", key, remove: ["until"], add: { v: 1 }, when: [mine, unmarked] }]))
    return "released";
  return (await table.write([{ do: "update", key, remove: ["marked"], add: { v: 1 }, when: [mine] }]))
    ? "marked"
    : "lost";
}
