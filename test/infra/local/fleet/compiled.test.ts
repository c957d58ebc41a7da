import { existsSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forgetOldCompiled } from "../../../../infra/local/fleet/compiled.ts";
import { manifestFolder } from "../booted.ts";

test("of what was compiled the newest few files are kept", () => {
  const names = ["oldest", "older", "newer", "newest"];
  const folder = manifestFolder(Object.fromEntries(names.map((name) => [name, name])));
  for (const [index, name] of names.entries()) utimesSync(join(folder, name), index, index);
  forgetOldCompiled(folder, 2);
  expect(readdirSync(folder).toSorted()).toEqual(["newer", "newest"]);
});

test("a folder that is not there yet stays so", () => {
  const folder = join(manifestFolder({}), "nothing");
  forgetOldCompiled(folder);
  expect(existsSync(folder)).toBe(false);
});
