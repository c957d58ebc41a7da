import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { z } from "zod";
import type { Answer } from "./instance.ts";

/** A mapping of a queue to a function, as the template has it. */
export interface Mapping {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  /** Batches that are worked on at the same time. */
  readonly concurrency: number;
  readonly partialFailures: boolean;
  readonly region: string;
}

const partial = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).default([]),
});

/**
 * Feeds a function from a queue as Lambda does: long polls, batches, and a bounded number of them at a time. What was dealt
 * with is deleted; what was not becomes visible again when its time is over, and goes to the dead letters after too many
 * receipts. Answers how to stop.
 */
export function mapEventSource(
  client: SQSClient,
  mapping: Mapping,
  invoke: (event: unknown, messages: number) => Promise<Answer>,
): () => void {
  const abort = new AbortController();
  const workers = Math.min(mapping.concurrency, 3);
  for (let worker = 0; worker < workers; worker += 1) void poll(client, mapping, invoke, abort.signal);
  return () => abort.abort();
}

async function poll(
  client: SQSClient,
  mapping: Mapping,
  invoke: (event: unknown, messages: number) => Promise<Answer>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: mapping.queueUrl,
          MaxNumberOfMessages: Math.min(10, mapping.batchSize),
          WaitTimeSeconds: 5,
          MessageSystemAttributeNames: ["All"],
        }),
        { abortSignal: signal },
      );
      if (Messages.length > 0) await deliver(client, mapping, Messages, invoke);
    } catch {
      // The queue cannot be reached, or this mapping is being stopped: the messages stay where they are.
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function deliver(
  client: SQSClient,
  mapping: Mapping,
  messages: readonly Message[],
  invoke: (event: unknown, messages: number) => Promise<Answer>,
): Promise<void> {
  const answer = await invoke(
    { Records: messages.map((message) => recordOf(message, mapping)) },
    messages.length,
  );
  if (!answer.ok) return;
  const failed = new Set(
    mapping.partialFailures
      ? partial.parse(answer.payload ?? {}).batchItemFailures.map((one) => one.itemIdentifier)
      : [],
  );
  const done = messages.filter(
    (message) => message.MessageId !== undefined && !failed.has(message.MessageId),
  );
  if (done.length === 0) return;
  await client.send(
    new DeleteMessageBatchCommand({
      QueueUrl: mapping.queueUrl,
      Entries: done.map((message, index) => ({ Id: String(index), ReceiptHandle: message.ReceiptHandle })),
    }),
  );
}

/** A record of an SQS event (Lambda developer guide, "Using Lambda with Amazon SQS"). */
const recordOf = (message: Message, mapping: Mapping) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes ?? {},
  messageAttributes: {},
  md5OfBody: message.MD5OfBody,
  eventSource: "aws:sqs",
  eventSourceARN: mapping.queueArn,
  awsRegion: mapping.region,
});
