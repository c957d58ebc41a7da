import { describe, expect, test } from "vitest";
import { parseEnvelope } from "../../functions/bus/parse.ts";
import { getCluster, register } from "../../functions/desired/clusters.ts";
import { request } from "../../functions/desired/register.handler.ts";
import { ingest } from "../../functions/ingest/ingest.ts";
import { clusterName, epochMs } from "../../functions/model/ids.ts";
import { memoryQueues } from "../support/queues.memory.ts";
import { memoryTable } from "../support/table.memory.ts";

const now = epochMs(Date.parse("2026-01-01T00:00:00Z"));
const east = { name: "east", account: "111122223333" };
const west = { name: "west", account: "444455556666" };
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** Puts a heartbeat that says that it is of a cluster, from an account with a source; answers why it was refused; "stored" if it was not. */
async function put(says: string, account: string, source: string): Promise<string> {
  const table = memoryTable();
  const queues = memoryQueues();
  for (const one of [east, west]) {
    const place = { region: "eu-central-1", vpc: "vpc-0123456789abcdef0", eks: one.name };
    const asked = request.parse({ register: { cluster: one.name, account: one.account, ...place } });
    if (!("register" in asked)) throw new Error("not a registration");
    await register(asked.register, { table, queues, now });
  }
  const watches = [{ kind: "Gateway", ok: false, reason: "told by the event" }];
  const detail = { version: 1, cluster: says, epoch: "e", versions: { forwarder: "1", trim: 1 } };
  const body = {
    id: "1",
    account,
    source,
    time: new Date(now).toISOString(),
    "detail-type": "Heartbeat",
    detail: { ...detail, counts: {}, last: {}, watches },
  };
  const d = { table, queues, clock: { now: () => now }, log: silent, metrics: { count: () => {} } };
  const answer = await ingest(parseEnvelope(body), d).then(
    () => "stored",
    (error: unknown) => String(error),
  );
  const stored = await Promise.all([east, west].map(({ name }) => getCluster(table, clusterName(name))));
  expect(stored.some((one) => one?.state.failedWatches.length !== 0)).toBe(answer === "stored");
  return answer;
}

/** The bus lets the forwarders of other accounts put any source of ours: whose word an event is, ingest sees by its envelope. */
describe("an event is believed", () => {
  test("from the account of its cluster, with the source of its cluster", async () => {
    expect(await put("west", west.account, "espalier.west")).toBe("stored");
  });

  test.each([
    [
      "from another account, with the source of its cluster",
      "east",
      west.account,
      "espalier.east",
      "account",
    ],
    ["from its account, with another source", "west", west.account, "espalier.east", "whose source is"],
    ["from another account, with the source there", "east", west.account, "espalier.west", "account"],
    ["of a cluster that is not registered", "north", west.account, "espalier.north", "not registered"],
  ])("and not %s", async (_what, says, account, source, why) => {
    expect(await put(says, account, source)).toMatch(new RegExp(`^RefusedEvent: .*${why}`));
  });
});
