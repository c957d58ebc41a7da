import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = new URL("../../../infra/local/install.mjs", import.meta.url).pathname;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "espalier-install-"));
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/npm"), "#!/bin/sh\necho npm $@\n");
  chmodSync(join(folder, "bin/npm"), 0o755);
  write("package-lock.json", {
    "": {},
    "node_modules/a": { version: "1.0.0" },
    "node_modules/a/node_modules/b": { version: "2.0.0" },
    "node_modules/elsewhere": { version: "3.0.0", optional: true },
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (file: string, packages: unknown): void =>
  writeFileSync(join(folder, file), JSON.stringify({ packages }));

/** What the script did where npm has written down that it installed these packages. */
function run(packages?: Readonly<Record<string, unknown>>) {
  if (packages !== undefined) {
    mkdirSync(join(folder, "node_modules"), { recursive: true });
    write("node_modules/.package-lock.json", packages);
  }
  const env = { PATH: `${join(folder, "bin")}:/bin:/usr/bin` };
  const { stderr, status } = spawnSync(process.execPath, [script], { cwd: folder, env, encoding: "utf8" });
  return { installs: stderr.includes("npm ci\n"), status, stderr };
}

const all = {
  "node_modules/a": { version: "1.0.0" },
  "node_modules/a/node_modules/b": { version: "2.0.0" },
};

test("what a plain npm ci has installed is not installed again", () => {
  expect(run(all)).toEqual({ installs: false, status: 0, stderr: "" });
});

test.each([
  ["nothing is installed", undefined],
  ["a package is missing", { "node_modules/a": { version: "1.0.0" } }],
  ["a package has another version", { ...all, "node_modules/a": { version: "1.0.1" } }],
  ["so has one that is optional", { ...all, "node_modules/elsewhere": { version: "2.9.9" } }],
])("npm ci runs when %s", (_what, packages) => {
  expect(run(packages)).toMatchObject({ installs: true, status: 0 });
});

test("nothing is installed through a link into another tree", () => {
  mkdirSync(join(folder, "other"));
  symlinkSync(join(folder, "other"), join(folder, "node_modules"));
  expect(run({})).toMatchObject({ installs: false, status: 1 });
});
