import { describe, expect, test } from "vitest";
import { deadExports, deadFiles } from "./rules/dead.ts";
import { flowProblems } from "./rules/flow.ts";
import { castsIn, formProblems, switchedOff, wordProblems } from "./rules/forms.ts";
import { importProblems } from "./rules/imports.ts";
import { lengthProblems, slackIn } from "./rules/lengths.ts";
import { packageProblems, undeclared, unused } from "./rules/package.ts";
import { purityProblems } from "./rules/purity.ts";
import { casts, lengths } from "./ratchet.ts";
import { allSources, fileText, namesIn, sourceOf, textOf } from "./sources.ts";

/** The repository as it is, against each rule; rules.test.ts shows that each rule can go red. */
describe("this repository", () => {
  const sources = allSources();
  const imported = [...new Set(sources.flatMap((one) => one.imports.map(({ from }) => from)))];

  test("imports only what its folders and suffixes allow", () => {
    expect(textOf(sources.flatMap(importProblems))).toEqual([]);
  });

  test("reads clock, chance and environment at the edge alone", () => {
    expect(textOf(sources.flatMap(purityProblems))).toEqual([]);
  });

  test("has no file and no function that is too long, and its ratchet has no slack", () => {
    expect(textOf(sources.flatMap((one) => lengthProblems(one, lengths)))).toEqual([]);
    expect(slackIn(sources, lengths)).toEqual([]);
  });

  test("has no dead file and no dead export", () => {
    expect(textOf(deadFiles(sources))).toEqual([]);
    expect(textOf(deadExports(sources))).toEqual([]);
  });

  test("says its flow in the README as its folders are", () => {
    expect(flowProblems(fileText("README.md"), namesIn("functions"))).toEqual([]);
  });

  test("does without any, enums and assertions that something is there", () => {
    expect(textOf(sources.flatMap(formProblems))).toEqual([]);
  });

  test("has no more casts than it had: each is a brand's constructor or a parse", () => {
    const now = Object.fromEntries(
      sources
        .filter(({ path }) => !path.startsWith("test/"))
        .map((one) => [one.path, castsIn(one)] as const)
        .filter(([, count]) => count > 0),
    );
    expect(now).toEqual(casts);
  });

  test("has nothing unfinished, and names no machine and no registry", () => {
    const texts = [
      // The rules about words hold the words.
      ...sources.filter(({ path }) => !path.startsWith("test/tidy/")),
      ...["README.md", "package.json", "tsconfig.json"].map((path) => ({ path, text: fileText(path) })),
    ];
    expect(textOf(texts.flatMap(({ path, text }) => wordProblems(path, text)))).toEqual([]);
  });

  test("switches no test off without a reason", () => {
    expect(textOf(sources.flatMap(switchedOff))).toEqual([]);
  });

  test("names each package that it uses, in an exact version, and no other", () => {
    const text = fileText("package.json");
    expect(packageProblems(text, fileText("package-lock.json"))).toEqual([]);
    expect(undeclared(text, imported)).toEqual([]);
    expect(unused(text, imported, usedByName)).toEqual([]);
  });

  test("is made of modules that parse", () => {
    expect(sources.length).toBeGreaterThan(200);
    expect(() => sourceOf("x.ts", "const = 1")).toThrow("x.ts");
  });
});

/** Packages that are used by their names alone: programs that are started, and what the linter and the CDK ask for. */
const usedByName = [
  fileText("infra/local/aws/backends.ts"),
  fileText("infra/local/lambda/instance.ts"),
  "typescript oxlint-tsgolint constructs",
].join(" ");
