import { expect, test } from "vitest";
import { getCluster, register } from "../../functions/desired/clusters.ts";
import { request } from "../../functions/desired/register.handler.ts";
import { epochMs } from "../../functions/model/ids.ts";
import { east } from "../support/builders.ts";
import { memoryQueues } from "../support/queues.memory.ts";
import { memoryTable } from "../support/table.memory.ts";

const said = {
  cluster: "east",
  account: "111122223333",
  region: "eu-central-1",
  vpc: "vpc-0123456789abcdef0",
  eks: "east",
};

test.each(["shared", "sn-0123456789abcdef0"])(
  "a cluster may have one service network for all: %s",
  async (network) => {
    const asked = request.parse({ register: { ...said, network } });
    if (!("register" in asked)) throw new Error("not a registration");
    const table = memoryTable();
    await register(asked.register, { table, queues: memoryQueues(), now: epochMs(1_000_000) });
    expect((await getCluster(table, east))?.registration.network).toBe(network);
  },
);

test.each([
  "ab",
  "Shared",
  "a--b",
  "arn:aws:vpc-lattice:eu-central-1:111122223333:servicenetwork/sn-0123456789abcdef0",
])("what is no network's name or id is refused with what one is: %s", (network) => {
  expect(() => request.parse({ register: { ...said, network } })).toThrow(/service network: 3 to 63/);
});
