import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { Ask } from "../../functions/desired/lanes.ts";
import { sqsQueues } from "../../functions/desired/queues.sqs.ts";
import { asRootKey } from "../../functions/model/ids.ts";
import { createQueues, startSqs, type Backend } from "../../infra/local/aws/backends.ts";

/** The adapter to SQS over a server that speaks its protocol. */
let backend: Backend;
let client: SQSClient;
const url = (name: string): string => `${backend.url}/000000000000/${name}`;
const queues = () =>
  sqsQueues(client, { targets: url("targets"), status: url("status"), certificates: url("certificates") });
const ask = (index: number): Ask => ({
  root: asRootKey(`service/east/HTTPRoute/shop/r${index}`),
  verify: index === 3,
  cause: "a test",
});

beforeAll(async () => {
  backend = await startSqs();
  client = new SQSClient({
    endpoint: backend.url,
    region: "eu-central-1",
    credentials: { accessKeyId: "anyone", secretAccessKey: "anyone" },
  });
  await createQueues(
    backend.url,
    ["targets", "status", "certificates"].map((name) => ({ name, attributes: {} })),
  );
});
afterAll(async () => {
  client.destroy();
  await backend.stop();
});

const body = z.string().transform((text): unknown => JSON.parse(text));

/** Everything that can be received now. */
async function received(name: string): Promise<readonly unknown[]> {
  const bodies: unknown[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: url(name), MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map((one) => body.parse(one.Body)));
  }
}

test("more asks than one call takes all arrive, each once, and say their lane", async () => {
  const asks = Array.from({ length: 23 }, (_, index) => ask(index));
  await queues().send("targets", asks);
  const got = await received("targets");
  expect(got).toHaveLength(23);
  expect(got).toEqual(expect.arrayContaining(asks.map((one) => ({ ...one, lane: "targets" }))));
});

test("what is asked for later is not received now", async () => {
  await queues().send("targets", [ask(1)], 5_000);
  expect(await received("targets")).toEqual([]);
});

test("statuses have a queue of their own", async () => {
  await queues().sendStatus([{ do: "ask-forwarder", cluster: "east", objects: [] }]);
  expect(await received("status")).toEqual([{ do: "ask-forwarder", cluster: "east", objects: [] }]);
});

test("certificates to look at have a queue of their own", async () => {
  const of = { account: "111122223333", region: "eu-central-1" };
  await queues().lookAt([of]);
  expect(await received("certificates")).toEqual([of]);
});

test("a function that may not send to a queue is told so, and a message that SQS does not take is an error", async () => {
  await expect(queues().send("drift", [ask(1)])).rejects.toThrow('no queue "drift"');
  const huge = { ...ask(1), cause: "x".repeat(1_100_000) };
  await expect(queues().send("targets", [huge])).rejects.toThrow();
});
