import { expect, test } from "vitest";

import type { Entry, Failure } from "../../functions/bus/publish.ts";
import { createOutbox, type Outgoing } from "../../functions/forward/outbox.ts";
import { defaultSettings } from "../../functions/forward/settings.ts";
import { clusterName, rv } from "../../functions/model/ids.ts";

import { VirtualTime } from "./world.ts";

const origin = { version: 1, cluster: clusterName("east"), epoch: "epoch-1" } as const;

/** An outbox before a bus that answers only when a test says so. */
function slow() {
  const time = new VirtualTime();
  const calls: { entries: readonly Entry[]; answer: (failures: readonly Failure[]) => void }[] = [];
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const outbox = createOutbox(
    origin,
    {
      publish: (entries) => new Promise((answer) => calls.push({ entries, answer })),
      setTimer: time.setTimer,
      random: { token: () => "", fraction: () => 0.5 },
      log: quiet,
      settings: defaultSettings,
    },
    { onOverflow: () => undefined, onAccepted: () => undefined },
  );
  const answer = async (call: number, ...codes: readonly string[]): Promise<void> => {
    calls[call]?.answer(codes.map((code, index) => ({ index, code, message: code })));
    await time.pass(60_000);
  };
  const namesIn = (call: number): readonly unknown[] =>
    (calls[call]?.entries ?? []).flatMap(({ detail }) =>
      (JSON.parse(detail) as { changes: { name: string; rv: number }[] }).changes.map(
        ({ name, rv }) => `${name}@${rv}`,
      ),
    );
  return { outbox, answer, namesIn, calls };
}

const accepted: string[] = [];
const gone = (name: string, version: number): Outgoing => ({
  key: name,
  change: { op: "delete", kind: "Service", namespace: "shop", name, uid: "u", rv: rv(version) },
  accepted: () => accepted.push(`${name}@${version}`),
});

test("what comes while a call is under way goes with the next, and replaces what has to be sent again", async () => {
  const { outbox, answer, namesIn, calls } = slow();
  outbox.add([gone("a", 1), gone("b", 1)]);
  outbox.add([gone("a", 2), gone("c", 1)]);
  expect(calls).toHaveLength(1);
  await answer(0, "Throttled");
  expect(accepted).toEqual([]);
  expect(namesIn(0)).toEqual(["a@1", "b@1"]);
  expect(namesIn(1)).toEqual(["a@2", "b@1", "c@1"]);
  await answer(1);
  expect(accepted).toEqual(["a@2", "b@1", "c@1"]);
  expect(calls).toHaveLength(2);
});

test("what was cleared while its call was under way is not sent again", async () => {
  const { outbox, answer, calls } = slow();
  outbox.add([gone("a", 1)]);
  outbox.clear();
  await answer(0, "Throttled");
  expect(calls).toHaveLength(1);
});

test("a stop waits for the call that is under way", async () => {
  const { outbox, answer } = slow();
  outbox.add([gone("a", 1)]);
  let stopped = false;
  const stopping = outbox.stop().then(() => {
    stopped = true;
  });
  await Promise.resolve();
  expect(stopped).toBe(false);
  await answer(0);
  await stopping;
});
