import type { ClusterName } from "../model/ids.ts";
import { packBody } from "./body.ts";
import { heartbeatKey } from "./keys.ts";
import type { Table } from "./table.ts";

/** Keeps the last heartbeat of a cluster as it came, for people who ask whether its forwarder lives. */
export async function storeHeartbeat(table: Table, cluster: ClusterName, heartbeat: unknown): Promise<void> {
  await table.write([{ do: "put", key: heartbeatKey(cluster), item: { body: packBody(heartbeat) } }]);
}
