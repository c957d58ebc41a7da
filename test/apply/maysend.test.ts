import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { VPCLatticeClient } from "@aws-sdk/client-vpc-lattice";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { latticeOfSdk } from "../../functions/apply/lattice.sdk.ts";

let asked = 0;
/** Whether the caller still has time, by how many requests have arrived. */
let maySend = (): boolean => true;

// Lattice that always throttles, so that the client tries again by itself.
const server = createServer((_, response) => {
  asked += 1;
  response
    .writeHead(429, { "content-type": "application/json", "x-amzn-errortype": "ThrottlingException" })
    .end(JSON.stringify({ message: "Rate exceeded" }));
});
let client: VPCLatticeClient;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  client = new VPCLatticeClient({
    region: "eu-west-1",
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 3,
  });
});
beforeEach(() => {
  asked = 0;
  maySend = () => true;
});
afterAll(() => {
  client.destroy();
  server.close();
});

const remove = () => latticeOfSdk({ calls: client, polls: client }, () => maySend()).deleteService("svc-1");

test("a caller with time tries a throttled call three times", async () => {
  await expect(remove()).rejects.toMatchObject({ code: "ThrottlingException", operation: "DeleteService" });
  expect(asked).toBe(3);
});

test("a caller whose time ends between two attempts makes no second one, and knows that it was not sent", async () => {
  maySend = () => asked === 0;
  await expect(remove()).rejects.toMatchObject({ code: "NotSent", operation: "DeleteService" });
  expect(asked).toBe(1);
});

test("a caller without time makes no call at all", async () => {
  maySend = () => false;
  await expect(remove()).rejects.toMatchObject({ code: "NotSent" });
  expect(asked).toBe(0);
});
