import { expect, test } from "vitest";
import { readOptions } from "../../infra/commandline.ts";
import { simulate } from "./options.ts";

const parseOptions = (args: readonly string[]) => readOptions(args, simulate);

test("seeds are lived as they are asked for", () => {
  expect(parseOptions([])).toEqual({ right: { seeds: 200, from: 1 } });
  expect(parseOptions(["--seeds", "5", "--from", "7", "--kind", "faults"])).toEqual({
    right: { seeds: 5, from: 7, kind: "faults" },
  });
  expect(parseOptions(["--help", "--seeds", "x"])).toBe("help");
});

test.each([
  [["--seeds", "x"], "--seeds takes a whole number above zero"],
  [["--seeds", "0"], "--seeds takes a whole number above zero"],
  [["--from", "1.5"], "--from takes a whole number"],
  [["--kind", "none"], "--kind takes faults or unmasked"],
  [["--nonsense"], "nonsense"],
])("%j is refused with a reason", (args, reason) => {
  expect(parseOptions(args)).toEqual({ wrong: expect.stringContaining(reason) });
});
