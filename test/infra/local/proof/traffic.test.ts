import { expect, test } from "vitest";
import { verdictOn } from "../../../../infra/local/proof/traffic.ts";

const quarter = { a: 0.75, b: 0.25 };

/** What is said of a split into b and the rest. */
const said = (requests: number, b: number): string | undefined =>
  verdictOn({ url: "http://x/", requests, by: { a: requests - b, b } }, quarter);

test("of many requests a share is right to five in a hundred", () => {
  expect(said(2000, 599)).toBeUndefined();
  expect(said(2000, 601)).toBe("http://x/: a answered 70 % instead of 75 %");
});

test("of few requests as much is allowed as chance does once in sixteen thousand", () => {
  expect(said(100, 42)).toBeUndefined();
  expect(said(100, 43)).toBe("http://x/: a answered 57 % instead of 75 %");
});

test("who should not answer at all may not do it once", () => {
  expect(verdictOn({ url: "http://x/", requests: 100, by: { a: 99, b: 1 } }, { a: 1 })).toBe(
    "http://x/: b answered 1 %, and should not",
  );
});
