import {
  CreateTableCommand,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type CreateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { buildApp } from "fauxqs";
import { z } from "zod";
import { endChild, startChild } from "../child.ts";

/** A server of another make that runs for as long as the local system does. */
export interface Backend {
  readonly url: string;
  stop(): Promise<void>;
}

const require = createRequire(import.meta.url);
const anyone = { region: "eu-central-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };

/** DynamoDB: dynoxide where its binary is installed. Throws a sentence about what to do where it is not. */
export async function startDynamo(): Promise<Backend> {
  const program = dynoxide();
  if (program === undefined) {
    throw new Error(
      "no DynamoDB for this machine: the package @dynoxide/linux-x64 is not installed here. Give a server with --endpoint dynamodb=URL",
    );
  }
  const port = await freePort();
  const child = startChild(program, ["--port", String(port)], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  await answering(url);
  return { url, stop: () => endChild(child) };
}

function dynoxide(): string | undefined {
  try {
    const program = require.resolve("@dynoxide/linux-x64/package.json").replace(/package\.json$/, "dynoxide");
    return existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

/** SQS: fauxqs, in this process. We use standard queues only, which it serves faithfully. */
export async function startSqs(): Promise<Backend> {
  // Its own start listens on every interface of the machine.
  const app = buildApp({ logger: false });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  return { url, stop: () => app.close() };
}

/** Makes a table as a template describes it. */
export async function createTable(url: string, properties: Readonly<Record<string, unknown>>): Promise<void> {
  const client = new DynamoDBClient({ ...anyone, endpoint: url });
  const {
    TableName,
    KeySchema,
    AttributeDefinitions,
    BillingMode,
    GlobalSecondaryIndexes,
    TimeToLiveSpecification,
  } = properties;
  // The template's properties are the API's own members.
  await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema,
      AttributeDefinitions,
      BillingMode,
      GlobalSecondaryIndexes,
    } as CreateTableCommandInput),
  );
  await waitUntilTableExists(
    { client, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.2 },
    { TableName: String(TableName) },
  );
  if (TimeToLiveSpecification !== undefined) {
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: String(TableName),
        TimeToLiveSpecification: TimeToLiveSpecification as { AttributeName: string; Enabled: boolean },
      }),
    );
  }
  client.destroy();
}

/** Makes queues with their attributes: first those that others send their dead letters to. */
export async function createQueues(
  url: string,
  queues: readonly { readonly name: string; readonly attributes: Readonly<Record<string, string>> }[],
): Promise<void> {
  const client = new SQSClient({ ...anyone, endpoint: url });
  const arns = new Map<string, string>();
  for (const redriving of [false, true]) {
    for (const { name, attributes } of queues) {
      if ("RedrivePolicy" in attributes !== redriving) continue;
      const Attributes = redriving
        ? { ...attributes, RedrivePolicy: redrive(attributes["RedrivePolicy"], arns) }
        : { ...attributes };
      const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }));
      const asked = await client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
      );
      arns.set(name, asked.Attributes?.["QueueArn"] ?? "");
    }
  }
  client.destroy();
}

/** The redrive policy with the dead-letter queue's ARN as its server has it: a stand-in may serve another account than ours. */
function redrive(policy: string | undefined, arns: ReadonlyMap<string, string>): string {
  const { deadLetterTargetArn, ...rest } = z
    .looseObject({ deadLetterTargetArn: z.string() })
    .parse(JSON.parse(policy ?? "{}"));
  const name = deadLetterTargetArn.slice(deadLetterTargetArn.lastIndexOf(":") + 1);
  return JSON.stringify({ ...rest, deadLetterTargetArn: arns.get(name) ?? deadLetterTargetArn });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

async function answering(url: string): Promise<void> {
  for (let attempt = 1; attempt <= 100; attempt += 1) {
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
  throw new Error(`the server at ${url} does not answer`);
}
