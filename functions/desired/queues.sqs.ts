import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Ask, CertificatesOf, Lane, Looks, Queues, StatusAsk } from "./lanes.ts";

type QueueName = Lane | "status" | "certificates";

/** The URL of each queue. A function that may not send to one has none for it. */
export type QueueUrls = Readonly<Partial<Record<QueueName, string>>>;

/** The longest that SQS keeps a message back. */
const delayMaxSeconds = 900;

/** The queues over SQS. Entries that SQS did not take make the call fail, after the others were taken: asking twice is asking once. */
export function sqsQueues(client: SQSClient, urls: QueueUrls): Queues & Looks {
  const sendAll = async (
    name: QueueName,
    bodies: readonly (Ask | StatusAsk | CertificatesOf)[],
    afterMs: number,
  ): Promise<void> => {
    const url = urls[name];
    if (url === undefined) throw new TypeError(`this function has no queue "${name}"`);
    const delay = Math.min(delayMaxSeconds, Math.ceil(afterMs / 1000));
    for (let start = 0; start < bodies.length; start += 10) {
      const answer = await client.send(
        new SendMessageBatchCommand({
          QueueUrl: url,
          Entries: bodies.slice(start, start + 10).map((body, index) => ({
            Id: String(index),
            MessageBody: JSON.stringify(body),
            ...(delay > 0 ? { DelaySeconds: delay } : {}),
          })),
        }),
      );
      const [failed] = answer.Failed ?? [];
      if (failed !== undefined)
        throw new Error(`SQS did not take a message for ${name}: ${failed.Code} ${failed.Message ?? ""}`);
    }
  };
  return {
    send: (lane, asks, afterMs = 0) =>
      sendAll(
        lane,
        asks.map((ask) => ({ ...ask, lane })),
        afterMs,
      ),
    sendStatus: (objects, afterMs = 0) => sendAll("status", objects, afterMs),
    lookAt: (certificates) => sendAll("certificates", certificates, 0),
  };
}
