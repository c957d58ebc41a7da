import { DynamoDBClient, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { dynamoTable } from "../../functions/desired/table.dynamodb.ts";

/** How long a writer waits whose every transaction is cancelled for these reasons, until it gives up. */
async function waits(code: string, fraction: () => number) {
  const client = new DynamoDBClient({ region: "eu-central-1" });
  const reasons = { CancellationReasons: [{ Code: "None" }, { Code: code }] };
  client.middlewareStack.add(
    () => () =>
      Promise.reject(new TransactionCanceledException({ message: code, $metadata: {}, ...reasons })),
    { step: "initialize" },
  );
  const waited: number[] = [];
  const table = dynamoTable(client, "table", { pause: async (ms) => void waited.push(ms), fraction });
  const done = table.write([{ do: "delete", key: { pk: "a", sk: "b" } }]).catch(() => "it gives up");
  return { answer: await done, waited };
}

test("writers that were in each other's way wait ever longer, and each for a time of its own", async () => {
  const longest = [20, 40, 80, 160, 320, 640, 1280];
  expect(await waits("TransactionConflict", () => 0)).toEqual({ answer: "it gives up", waited: longest });
  expect((await waits("TransactionConflict", () => 0.5)).waited).toEqual(longest.map((ms) => ms * 0.75));
});

test("a condition that did not hold is an answer, and nobody waits", async () => {
  expect(await waits("ConditionalCheckFailed", () => 0)).toEqual({ answer: false, waited: [] });
});
