import { describe, expect, test } from "vitest";
import { tableOf } from "./table.ts";
import type { Gap } from "./watch.ts";

const gap = (ms: number | undefined, more: Partial<Gap> = {}): Gap => ({
  change: "protocol of a port",
  class: "espalier",
  ms,
  latticeMs: 0,
  failed: 3,
  wrong: [],
  ...more,
});

describe("the table of gaps", () => {
  test("has a line for each change, with its least, middle, ninth tenth and greatest", () => {
    const gaps = [50, 10, 20, 100, 30, 60, 40, 70, 80, 90].map((ms) => gap(ms, { latticeMs: ms / 2 }));
    const { text, good } = tableOf([...gaps, gap(3_500, { change: "hostname to another Gateway" })]);
    expect(good).toBe(true);
    expect(text.split("\n")[1]).toMatch(
      /^protocol of a port +espalier +10 +0\.01 +0\.05 +0\.09 +0\.10 +0\.03 +30 +0$/,
    );
    expect(text.split("\n")[2]).toMatch(/^hostname to another Gateway +espalier +1 +3\.50 +3\.50 /);
  });

  test("is bad with one wrong answer, and says which", () => {
    const { text, good } = tableOf([gap(10), gap(10, { wrong: ["http://a:80/ is answered by stock"] })]);
    expect(good).toBe(false);
    expect(text).toContain("Wrong: protocol of a port (espalier): http://a:80/ is answered by stock.");
  });

  test("is bad when a change was never answered", () => {
    const { text, good } = tableOf([gap(undefined), gap(10)]);
    expect(good).toBe(false);
    expect(text).toContain("Never answered as it should: protocol of a port (espalier).");
    expect(text).toMatch(/ 2 +0\.01 /);
  });
});
