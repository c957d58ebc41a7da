import { later, toEpochSec, type ClusterName, type EpochMs } from "../model/ids.ts";
import { packBody, unpackBody } from "./body.ts";
import { chunkKey, chunksPrefix } from "./keys.ts";
import type { Table } from "./table.ts";

const kept = 3_600_000;

/** Keeps a chunk of an inventory until all of them are there; forgotten after an hour, since another inventory follows. */
export async function storeChunk(
  table: Table,
  cluster: ClusterName,
  chunk: { readonly id: string; readonly chunk: number },
  now: EpochMs,
): Promise<void> {
  const item = { body: packBody(chunk), ttl: toEpochSec(later(now, kept)) };
  await table.write([{ do: "put", key: chunkKey(cluster, chunk.id, chunk.chunk), item }]);
}

/** The chunks of an inventory that are there, in their order. They were parsed before they were stored. */
export async function chunksOf<T>(table: Table, cluster: ClusterName, id: string): Promise<readonly T[]> {
  const items = await table.query(chunkKey(cluster, id, 0).pk, chunksPrefix(id));
  return items.flatMap((item) => (typeof item["body"] === "string" ? [unpackBody(item["body"]) as T] : []));
}

/** Forgets the chunks of an inventory that has been dealt with. */
export async function dropChunks(
  table: Table,
  cluster: ClusterName,
  id: string,
  chunks: number,
): Promise<void> {
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    await table.write([{ do: "delete", key: chunkKey(cluster, id, chunk) }]);
  }
}
