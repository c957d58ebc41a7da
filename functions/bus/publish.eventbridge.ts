import { PutEventsCommand, type PutEventsCommandOutput } from "@aws-sdk/client-eventbridge";

import { callLimits, calls, entryBytes, type Entry, type Failure, type Publish } from "./publish.ts";

/** What is used of an EventBridgeClient: `client.send` fits. */
export type SendPutEvents = (command: PutEventsCommand) => Promise<Pick<PutEventsCommandOutput, "Entries">>;

/** The bus as an Amazon EventBridge event bus, by name or ARN. Calls follow each other, so that order is kept where nothing fails. */
export function eventBridgePublisher(send: SendPutEvents, eventBusName: string): Publish {
  return async (entries) => {
    const failures: Failure[] = [];
    for (const indexes of calls(entries)) {
      failures.push(...(await putOnce(send, eventBusName, entries, indexes)));
    }
    return failures;
  };
}

/** The region of a bus that is named by its ARN; undefined for a name, which is a bus of the caller's own account and region. */
export const busRegion = (bus: string): string | undefined => /^arn:[^:]*:events:([^:]+):/.exec(bus)?.[1];

async function putOnce(
  send: SendPutEvents,
  eventBusName: string,
  entries: readonly Entry[],
  indexes: readonly number[],
): Promise<readonly Failure[]> {
  const call = indexes.flatMap((index) => entries[index] ?? []);
  const command = new PutEventsCommand({
    Entries: call.map(({ source, type, detail }) => ({
      EventBusName: eventBusName,
      Source: source,
      DetailType: type,
      Detail: detail,
    })),
  });
  try {
    const { Entries: results = [] } = await send(command);
    return indexes.flatMap((index, position): readonly Failure[] => {
      const result = results[position];
      // An answer that leaves an entry out has not taken it.
      if (result?.EventId !== undefined && result.ErrorCode === undefined) return [];
      const code = result?.ErrorCode ?? "NoAnswer";
      return [{ index, code, message: result?.ErrorMessage ?? "the bus did not answer for this entry" }];
    });
  } catch (error) {
    const code = error instanceof Error ? error.name : "Unknown";
    const bytes = call.reduce((sum, entry) => sum + entryBytes(entry), 0);
    const size = `${call.length} of at most ${callLimits.entries} entries, ${bytes} of at most ${callLimits.bytes} bytes`;
    const message = `${error instanceof Error ? error.message : String(error)} (PutEvents to ${eventBusName}: ${size})`;
    return indexes.map((index) => ({ index, code, message }));
  }
}
