import type { EpochMs } from "../model/ids.ts";
import { keyOf, type ObjectRef } from "../model/objects.ts";
import type { Report } from "../model/verdict.ts";
import { packBody } from "./body.ts";
import { reportKey } from "./keys.ts";
import type { Queues } from "./lanes.ts";
import type { Table } from "./table.ts";
import { asRootKey } from "../model/ids.ts";

/** The place of a refusal among the reports on an object. It is no root: nothing can be compiled of what cannot be read. */
const refusalSlot = asRootKey("refusal");

/**
 * Says on an object that it could not be taken in, and why. The report names the object's uid and generation 0, so that a
 * later version that can be read speaks over it.
 */
export async function reportRefusal(
  refusal: { readonly ref: ObjectRef; readonly uid: string; readonly reason: string },
  d: { readonly table: Table; readonly queues: Queues; readonly now: EpochMs },
): Promise<void> {
  const on = keyOf(refusal.ref);
  const report: Report = {
    on,
    uid: refusal.uid,
    generation: 0,
    verdicts: [
      {
        subject: { at: "object" },
        type: "Accepted",
        status: "False",
        reason: "Refused",
        message: `This version was not taken over: ${refusal.reason}. What was in force before stays in force.`,
      },
    ],
  };
  await d.table.write([{ do: "put", key: reportKey(on, refusalSlot), item: { body: packBody(report) } }]);
  await d.queues.sendStatus([{ do: "write-status", object: on }]);
}

/** Takes a refusal back: a version that can be read has come. */
export async function withdrawRefusal(
  ref: ObjectRef,
  d: { readonly table: Table; readonly queues: Queues },
): Promise<void> {
  const key = reportKey(keyOf(ref), refusalSlot);
  if ((await d.table.get(key)) === undefined) return;
  await d.table.write([{ do: "delete", key }]);
  await d.queues.sendStatus([{ do: "write-status", object: keyOf(ref) }]);
}
