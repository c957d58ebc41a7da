import { defaultQuotas, type Quotas } from "../model/limits.ts";
import { quotasRead } from "../model/reads.ts";
import { packBody, unpackBody } from "./body.ts";
import { quotasKey } from "./keys.ts";
import { nothingOwed, send } from "./owed.ts";
import type { Queues } from "./lanes.ts";
import type { Table } from "./table.ts";

/** The quotas of an account and region: Lattice's defaults, and what an operator set over them. */
export async function getQuotas(table: Table, account: string, region: string): Promise<Quotas> {
  const body = (await table.get(quotasKey(account, region)))?.["body"];
  return typeof body === "string"
    ? { ...defaultQuotas, ...(unpackBody(body) as Partial<Quotas>) }
    : defaultQuotas;
}

/** Sets quotas that AWS granted to an account and region, and wakes whoever counted against the old ones. */
export async function setQuotas(
  d: { readonly table: Table; readonly queues: Queues },
  place: { readonly account: string; readonly region: string },
  quotas: Partial<Quotas>,
): Promise<void> {
  await d.table.write([
    { do: "put", key: quotasKey(place.account, place.region), item: { body: packBody(quotas) } },
  ]);
  const reads = [quotasRead(place.account, place.region)];
  await send(
    { ...nothingOwed, reads, cause: `quotas of ${place.account} in ${place.region} were set` },
    d.table,
    d.queues,
  );
}
