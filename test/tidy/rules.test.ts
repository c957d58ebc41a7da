import { describe, expect, test } from "vitest";
import { deadExports, deadFiles } from "./rules/dead.ts";
import { flowProblems, stagesOf } from "./rules/flow.ts";
import { castsIn, formProblems, switchedOff, wordProblems } from "./rules/forms.ts";
import { importProblems } from "./rules/imports.ts";
import { lengthProblems, slackIn } from "./rules/lengths.ts";
import { packageProblems, undeclared, unused } from "./rules/package.ts";
import { purityProblems } from "./rules/purity.ts";
import { sourceOf } from "./sources.ts";

const messages = (problems: readonly { readonly message: string }[]): string =>
  problems.map((one) => one.message).join("\n");

/** Each rule goes red on what it is there for. */
describe("a rule finds", () => {
  test.each([
    [
      "functions/compile/route.ts",
      `import { VPCLatticeClient } from "@aws-sdk/client-vpc-lattice";`,
      "client-vpc-lattice",
    ],
    ["functions/plan/rules.ts", `import { readFileSync } from "node:fs";`, "node:fs"],
    ["functions/model/ids.ts", `import { x } from "../compile/x.ts";`, "model/ may not import compile/"],
    [
      "functions/apply/fate.ts",
      `import type { Table } from "../desired/table.ts";`,
      "apply/ may not import desired/",
    ],
    ["functions/desired/table.dynamodb.ts", `import { SQSClient } from "@aws-sdk/client-sqs";`, "client-sqs"],
    ["functions/ingest/ingest.ts", `import { x } from "../../infra/local/x.ts";`, "outside of functions/"],
    ["functions/ingest/ingest.ts", `export { x } from "../compile/x.ts";`, "ingest/ may not import compile/"],
    ["infra/aws/stack.ts", `import { x } from "../local/x.ts";`, "does not know the local stack"],
    ["infra/local/run.ts", `import { x } from "../../test/x.ts";`, "nothing but tests imports tests"],
  ])("an import that %s may not have", (path, text, expected) => {
    expect(messages(importProblems(sourceOf(path, text)))).toContain(expected);
  });

  test("nothing wrong with a client in the adapter that bears its suffix", () => {
    const text = `import { SQSClient } from "@aws-sdk/client-sqs";`;
    expect(importProblems(sourceOf("functions/desired/queues.sqs.ts", text))).toEqual([]);
  });

  test.each([
    ["functions/compile/a.ts", "export const a = () => Date.now();", "Date.now"],
    ["functions/plan/a.ts", "export const a = new Date();", "new Date()"],
    ["functions/model/a.ts", "console.log(1);", "console.log"],
    ["functions/ingest/a.ts", "export const a = Math.random();", "Math.random"],
    ["functions/status/a.ts", "export const a = process.env['A'];", "process.env"],
    ["functions/compile/a.ts", "setTimeout(f, 1);", "setTimeout"],
  ])("what %s reads of the world", (path, text, expected) => {
    expect(messages(purityProblems(sourceOf(path, text)))).toContain(expected);
  });

  test("nothing wrong with an entry that reads the environment", () => {
    expect(purityProblems(sourceOf("functions/forward/main.ts", "f(process.env);"))).toEqual([]);
  });

  test("a function that grows past its length, and counts the lines of a function within it apart", () => {
    const lines = (count: number): string => "  f();\n".repeat(count);
    const long = sourceOf("functions/a.ts", `function grown() {\n${lines(59)}}\n`);
    expect(messages(lengthProblems(long, {}))).toContain("grown has 61 lines");
    expect(lengthProblems(long, { "functions/a.ts grown": 61 })).toEqual([]);
    const nested = `function outer() {\n${lines(30)}  const inner = () => {\n${lines(30)}  };\n}\n`;
    expect(lengthProblems(sourceOf("functions/a.ts", nested), {})).toEqual([]);
    expect(messages(lengthProblems(sourceOf("functions/a.ts", lines(301)), {}))).toContain("301 lines");
  });

  test("a ratchet that is not needed, or allows more than there is", () => {
    const source = sourceOf("functions/a.ts", `function grown() {\n${"  f();\n".repeat(68)}}\n`);
    expect(slackIn([source], { "functions/a.ts grown": 70 })).toEqual([]);
    expect(slackIn([source], { "functions/a.ts grown": 75 }).join()).toContain("lower the ratchet from 75");
    expect(slackIn([source], { "functions/a.ts": 400, "functions/gone.ts f": 90 })).toHaveLength(2);
  });

  test("files that nothing reaches, and exports that nobody takes", () => {
    const sources = [
      sourceOf("functions/a/x.lambda.ts", `import { used } from "./used.ts"; used();`),
      sourceOf("functions/a/used.ts", "export const used = f; export const unused = 1;"),
      sourceOf("functions/a/dead.ts", "export const dead = 1;"),
    ];
    expect(deadFiles(sources).map((one) => one.path)).toEqual(["functions/a/dead.ts"]);
    expect(messages(deadExports(sources))).toContain("exports unused");
    expect(messages(deadExports(sources))).not.toContain("exports used");
  });

  test("a flow that the README and the folders tell differently", () => {
    const readme = "# X\n\n    cluster -> forward -> bus -> cluster\n       ^ |\n       +-- drift --+\n";
    expect(stagesOf(readme)).toEqual(["forward", "bus"]);
    expect(flowProblems(readme, ["forward", "bus", "drift", "model"])).toEqual([]);
    expect(flowProblems(readme, ["forward", "drift"]).join()).toContain("no functions/bus/");
    expect(flowProblems(readme, ["forward", "bus", "drift", "ingest"]).join()).toContain("functions/ingest/");
    expect(flowProblems("# X", []).join()).toContain("no line");
  });

  test("forms that the code does without", () => {
    const text = "export const a = (b: any) => b!; enum C { D }";
    expect(formProblems(sourceOf("a.ts", text))).toHaveLength(3);
    expect(castsIn(sourceOf("a.ts", "f(a as string, [1] as const);"))).toBe(1);
  });

  test("words of what is not finished, and places on somebody's machine", () => {
    expect(
      wordProblems("a.md", ["fine", "TODO: more", "see /home/me/x"].join("\n")).map((one) => one.line),
    ).toEqual([2, 3]);
  });

  test("tests that are switched off", () => {
    expect(switchedOff(sourceOf("a.test.ts", 'test.skip("x", f); describe.only("y", f);'))).toHaveLength(2);
  });

  test("versions that are no versions, download addresses, and packages that are not named or not used", () => {
    const manifest = JSON.stringify({
      dependencies: { zod: "^4.0.0", idle: "1.0.0" },
      scripts: { test: "vitest" },
    });
    const lock = JSON.stringify({ packages: { "node_modules/zod": { resolved: "https://somewhere" } } });
    expect(packageProblems(manifest, lock)).toHaveLength(2);
    expect(undeclared(manifest, ["zod", "yaml", "node:fs", "./x.ts"])).toEqual([
      "yaml is imported and package.json does not name it",
    ]);
    expect(unused(manifest, ["zod"], "")).toEqual(["package.json names idle, and nothing uses it"]);
  });
});
