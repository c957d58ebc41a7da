import type { ClusterName } from "../model/ids.ts";
import { packBody, unpackBody } from "./body.ts";
import { heartbeatKey } from "./keys.ts";
import type { Table } from "./table.ts";

/** Keeps the last heartbeat of a cluster as it came, for people who ask whether its forwarder lives. */
export async function storeHeartbeat(table: Table, cluster: ClusterName, heartbeat: unknown): Promise<void> {
  await table.write([{ do: "put", key: heartbeatKey(cluster), item: { body: packBody(heartbeat) } }]);
}

/** The last heartbeat of a cluster, or undefined. */
export async function lastHeartbeat(table: Table, cluster: ClusterName): Promise<unknown> {
  const body = (await table.get(heartbeatKey(cluster)))?.["body"];
  return typeof body === "string" ? unpackBody(body) : undefined;
}
