import { describe, expect, test } from "vitest";

import {
  busRegion,
  eventBridgePublisher,
  type SendPutEvents,
} from "../../functions/bus/publish.eventbridge.ts";
import { callLimits, entryBytes, type Entry } from "../../functions/bus/publish.ts";

const entry = (bytes: number, filler = "x"): Entry => {
  const head = { source: "espalier.east", type: "Heartbeat" };
  const rest = bytes - head.source.length - head.type.length;
  return { ...head, detail: filler.repeat(rest / Buffer.byteLength(filler)) };
};

const accept: SendPutEvents = async (command) => ({
  Entries: (command.input.Entries ?? []).map((_, i) => ({ EventId: `e${i}` })),
});

/** A bus that answers as told, and remembers how many entries each call had. */
function bus(answer: SendPutEvents = accept) {
  const sent: number[] = [];
  const publish = eventBridgePublisher((command) => {
    sent.push(command.input.Entries?.length ?? 0);
    return answer(command);
  }, "bus");
  return { publish, sent };
}

test("a bus is reached in its own region, which its ARN names", () => {
  expect(busRegion("arn:aws:events:eu-west-1:111122223333:event-bus/espalier")).toBe("eu-west-1");
  expect(busRegion("espalier")).toBeUndefined();
});

describe("packing", () => {
  test("ten entries go in one call, the eleventh in another", async () => {
    const { publish, sent } = bus();
    expect(await publish(Array.from({ length: 11 }, () => entry(100)))).toEqual([]);
    expect(sent).toEqual([10, 1]);
  });

  test("two entries share a call up to the last byte", async () => {
    const fits = bus();
    await fits.publish([entry(1000), entry(callLimits.bytes - 1000)]);
    expect(fits.sent).toEqual([2]);
    const over = bus();
    await over.publish([entry(1000), entry(callLimits.bytes - 999)]);
    expect(over.sent).toEqual([1, 1]);
  });

  test("bytes count, not characters", () => {
    expect(entryBytes({ source: "s", type: "t", detail: "€" })).toBe(5);
  });

  test("nothing to say is no call", async () => {
    const { publish, sent } = bus();
    expect(await publish([])).toEqual([]);
    expect(sent).toEqual([]);
  });
});

describe("failures", () => {
  test("each entry that the bus refused is named by its place in the list", async () => {
    const { publish } = bus(async (command) => ({
      Entries: (command.input.Entries ?? []).map((_, i) =>
        i === 0 ? { ErrorCode: "ThrottlingException", ErrorMessage: "slow down" } : { EventId: "e" },
      ),
    }));
    expect(await publish(Array.from({ length: 12 }, () => entry(100)))).toEqual([
      { index: 0, code: "ThrottlingException", message: "slow down" },
      { index: 10, code: "ThrottlingException", message: "slow down" },
    ]);
  });

  test("a call that fails as a whole fails its own entries only", async () => {
    let calls = 0;
    const { publish } = bus(async (command) => {
      calls += 1;
      if (calls === 1) throw Object.assign(new Error("reset"), { name: "TimeoutError" });
      return { Entries: (command.input.Entries ?? []).map(() => ({ EventId: "e" })) };
    });
    const failures = await publish(Array.from({ length: 11 }, () => entry(100)));
    expect(failures.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(failures[0]).toMatchObject({
      code: "TimeoutError",
      message: expect.stringContaining("PutEvents to bus: 10"),
    });
  });

  test("an answer that leaves an entry out has not taken it", async () => {
    const { publish } = bus(async () => ({ Entries: [{ EventId: "e" }] }));
    expect(await publish([entry(100), entry(100)])).toMatchObject([{ index: 1, code: "NoAnswer" }]);
  });
});
