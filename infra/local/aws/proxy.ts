import { Agent, request } from "node:http";
import { z } from "zod";
import type { Calls } from "./calls.ts";
import { json, serve, type Received, type Reply, type Served } from "./http.ts";
import { AccessDenied, type Iam } from "./iam.ts";

/** What a request asks for, in the terms of IAM. */
export interface Asked {
  readonly action: string;
  readonly resource: string;
}

/** Which actions on which resources an operation needs. */
export type Needs = (
  operation: string,
  body: Readonly<Record<string, unknown>>,
  place: { readonly account: string; readonly region: string },
) => readonly Asked[];

/** A server in front of another one that speaks a JSON protocol: it lets through what the caller's policies allow, and counts. */
export function enforce(d: {
  readonly service: string;
  readonly backend: string;
  readonly iam: Iam;
  readonly calls: Calls;
  readonly needs: Needs;
  readonly port?: number;
}): Promise<Served> {
  const agent = new Agent({ keepAlive: true });
  return serve(async (received) => {
    const operation =
      String(received.headers["x-amz-target"] ?? "")
        .split(".")
        .at(-1) ?? "";
    try {
      const caller = d.iam.identify(received.headers);
      const body = z
        .record(z.string(), z.unknown())
        .parse(received.body === "" ? {} : JSON.parse(received.body));
      for (const { action, resource } of d.needs(operation, body, caller))
        d.iam.authorise(caller, action, resource);
      d.calls.count(d.service, operation, caller.name);
    } catch (error) {
      if (!(error instanceof AccessDenied)) throw error;
      return json(400, {
        __type: "com.amazonaws#AccessDeniedException",
        message: error.message,
        Message: error.message,
      });
    }
    return forward(received, d.backend, agent);
  }, d.port);
}

function forward(received: Received, backend: string, agent: Agent): Promise<Reply> {
  const { host: _host, connection: _connection, ...headers } = received.headers;
  return new Promise((resolve, reject) => {
    const out = request(
      new URL(received.url, backend),
      {
        method: received.method,
        headers: { ...headers, "content-length": Buffer.byteLength(received.body) },
        agent,
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => {
          const kept = Object.entries(response.headers).filter(
            (pair): pair is [string, string] =>
              typeof pair[1] === "string" && pair[0] !== "transfer-encoding" && pair[0] !== "connection",
          );
          resolve({
            status: response.statusCode ?? 502,
            headers: Object.fromEntries(kept),
            body: Buffer.concat(parts).toString(),
          });
        });
      },
    );
    out.on("error", reject);
    out.end(received.body);
  });
}

const transactWrites = z.array(
  z.partialRecord(z.enum(["Put", "Update", "Delete", "ConditionCheck"]), z.unknown()),
);
const transactActions = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
} as const;

/** DynamoDB: a transaction needs the action of each of its writes, a query of an index needs the index. */
export const dynamoNeeds: Needs = (operation, body, { account, region }) => {
  const arn = (table: unknown): string => `arn:aws:dynamodb:${region}:${account}:table/${String(table)}`;
  switch (operation) {
    case "TransactWriteItems":
      return transactWrites.parse(body["TransactItems"]).flatMap((item) =>
        Object.entries(item).map(([kind, write]) => ({
          action: `dynamodb:${transactActions[kind as keyof typeof transactActions]}`,
          resource: arn(z.looseObject({ TableName: z.string() }).parse(write).TableName),
        })),
      );
    case "BatchGetItem":
      return Object.keys(z.record(z.string(), z.unknown()).parse(body["RequestItems"])).map((table) => ({
        action: "dynamodb:BatchGetItem",
        resource: arn(table),
      }));
    default: {
      const index = typeof body["IndexName"] === "string" ? `/index/${body["IndexName"]}` : "";
      return [{ action: `dynamodb:${operation}`, resource: `${arn(body["TableName"] ?? "*")}${index}` }];
    }
  }
};

/** SQS: batches are authorised as the single action. */
export const sqsNeeds: Needs = (operation, body, { account, region }) => {
  const url = typeof body["QueueUrl"] === "string" ? body["QueueUrl"] : "";
  const name =
    url === "" ? z.string().default("*").parse(body["QueueName"]) : url.slice(url.lastIndexOf("/") + 1);
  return [
    {
      action: `sqs:${operation.replace(/Batch$/, "")}`,
      resource: `arn:aws:sqs:${region}:${account}:${name}`,
    },
  ];
};
