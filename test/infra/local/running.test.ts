import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRunning } from "../../../infra/local/running.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What was stopped, and what was told, once everything is over. */
async function stopped(parts: Readonly<Record<string, () => unknown>>) {
  const running = createRunning();
  const told: string[] = [];
  const done: string[] = [];
  for (const [name, stop] of Object.entries(parts))
    running.add(name, () => {
      done.push(name);
      return stop();
    });
  const stopping = running.stop((name, error) => told.push(`${name}: ${String(error)}`));
  await vi.runAllTimersAsync();
  await stopping;
  return { running, told, done };
}

test("the last that was started is stopped first, and what fails or never ends does not keep the rest", async () => {
  const { told, done } = await stopped({
    files: () => undefined,
    broken: () => Promise.reject(new Error("no")),
    endless: () => new Promise(() => undefined),
  });
  expect(done).toEqual(["endless", "broken", "files"]);
  expect(told).toEqual(["endless: Error: still not stopped after 5 s", "broken: Error: no"]);
});

test("what is started when all else was stopped is stopped at once", async () => {
  const { running } = await stopped({});
  const late = vi.fn<() => void>();
  running.add("late", late);
  expect(late).toHaveBeenCalledOnce();
});
