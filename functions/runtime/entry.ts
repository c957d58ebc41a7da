import makeMiddy from "@middy/core";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { epochMs, type EpochMs } from "../model/ids.ts";
import type { Clock, Log } from "./clock.ts";

/** What every entry is given besides its own dependencies. */
export interface EntryDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Called at the end of each invocation, also of one that failed. */
  readonly flush: () => void;
}

/** One message, and until when its work must be done. */
export type EachMessage = (body: unknown, deadline: EpochMs) => Promise<void>;

/** How long before its deadline an invocation starts nothing new. */
const stopEarlyMs = 1_000;

/**
 * The one stack around every handler: what is measured is flushed however the invocation ends, and an error that escapes is
 * logged with its cause before Lambda sees it.
 */
export function entry<Event, Result>(
  d: EntryDeps,
  handle: (event: Event, deadline: EpochMs) => Promise<Result>,
) {
  const base = (event: Event, context: Context): Promise<Result> =>
    handle(event, epochMs(d.clock.now() + context.getRemainingTimeInMillis() - stopEarlyMs));
  return makeMiddy<Event, Result>(base).use({
    // Without an answer: middy takes what a hook returns for the function's own result.
    after: () => {
      d.flush();
    },
    onError: ({ error }) => {
      d.log.error("the invocation failed", { error: described(error) });
      d.flush();
    },
  });
}

/**
 * A handler for a queue. Messages of a batch are worked on at the same time; those that fail, and only those, come back
 * (ReportBatchItemFailures), and after the last attempt go to the dead-letter queue.
 */
export function queueEntry(d: EntryDeps, each: EachMessage) {
  return entry<SQSEvent, SQSBatchResponse>(d, async (event, deadline) => {
    const results = await Promise.allSettled(event.Records.map((record) => each(bodyOf(record), deadline)));
    const failed = results.flatMap((result, index) => {
      const record = event.Records[index];
      if (result.status === "fulfilled" || record === undefined) return [];
      const attempts = record.attributes.ApproximateReceiveCount;
      d.log.error("a message was not dealt with", {
        messageId: record.messageId,
        attempts,
        error: described(result.reason),
      });
      return [{ itemIdentifier: record.messageId }];
    });
    return { batchItemFailures: failed };
  });
}

/** The body as JSON, or as text when it is none: the parse of the stage that reads it says what is wrong. */
function bodyOf(record: SQSRecord): unknown {
  try {
    return JSON.parse(record.body);
  } catch {
    return record.body;
  }
}

/** An error for a log line: its name, message, stack and causes. */
function described(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: described(error.cause) }),
  };
}
