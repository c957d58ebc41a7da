import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createFiles } from "../../../infra/local/files.ts";

const folder = mkdtempSync(join(tmpdir(), "espalier-files-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A folder that a process has taken. */
function takenBy(pid: number): void {
  createFiles(folder).remove();
  writeFileSync(join(folder, "pid"), String(pid));
}

test("a folder that another process runs with is not taken", () => {
  takenBy(process.ppid);
  expect(() => createFiles(folder)).toThrow(`process ${process.ppid} runs with folder ${folder}`);
  expect(readdirSync(folder)).toEqual(["pid"]);
});

test("one that a process which is no more has left behind is taken", () => {
  takenBy(spawnSync(process.execPath, ["--version"]).pid);
  const files = createFiles(folder);
  files.local({});
  files.remove();
  expect(readdirSync(folder)).toEqual([]);
});
