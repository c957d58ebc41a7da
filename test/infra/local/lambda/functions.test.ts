import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { serveFunctions } from "../../../../infra/local/lambda/functions.ts";
import type { FunctionSpec } from "../../../../infra/local/lambda/instance.ts";

const folder = mkdtempSync(join(tmpdir(), "espalier-functions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(
  join(folder, "index.cjs"),
  `console.log("begun"); exports.handler = (event) => new Promise((resolve) => event.ends && resolve("done"));`,
);

const spec: FunctionSpec = {
  name: "waits",
  arn: "arn:aws:lambda:eu-central-1:111122223333:function:waits",
  folder,
  handler: "index.handler",
  timeoutMs: 30_000,
  environment: { AWS_REGION: "eu-central-1" },
};

test("what waits for a function that is being stopped is answered, and nothing is started for it any more", async () => {
  const lines: string[] = [];
  const functions = serveFunctions([spec], 1, (_name, line) => void lines.push(line));
  expect(await functions.invoke("waits", { ends: true })).toEqual({ ok: true, payload: "done" });
  const answers = [1, 2, 3].map(() => functions.invoke("waits", {}));
  functions.stop();
  // Whoever stops a system takes the bundles away next.
  rmSync(folder, { recursive: true });
  for (const answer of await Promise.all(answers)) expect(answer.ok).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(lines.filter((line) => /begun|could not/.test(line))).toHaveLength(1);
});

test("a function whose bundle is gone answers that it could not be started", async () => {
  const functions = serveFunctions([{ ...spec, folder: join(folder, "gone") }], 1, () => undefined);
  const answer = await functions.invoke("waits", { ends: true });
  expect(answer).toMatchObject({ ok: false, error: { errorType: "Runtime.ExitError" } });
  functions.stop();
});
