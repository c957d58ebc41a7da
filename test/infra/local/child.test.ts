import { once } from "node:events";
import { expect, test } from "vitest";
import { endChild, startChild } from "../../../infra/local/child.ts";

const sleeping = ["-e", "setInterval(() => undefined, 1000); process.stdout.write('up')"];

test("a process that has ended by itself, or by the signal of a terminal, is not waited for", async () => {
  const child = startChild(process.execPath, sleeping, { stdio: "ignore" });
  child.kill("SIGINT");
  await once(child, "exit");
  await endChild(child);
  expect(child.signalCode).toBe("SIGINT");
});

test("a process that does not want to end is killed", async () => {
  const stubborn = ["-e", `process.on("SIGTERM", () => undefined); ${sleeping[1]}`];
  const child = startChild(process.execPath, stubborn, { stdio: ["ignore", "pipe", "ignore"] });
  if (child.stdout !== null) await once(child.stdout, "data");
  await endChild(child);
  expect(child.signalCode).toBe("SIGKILL");
});
