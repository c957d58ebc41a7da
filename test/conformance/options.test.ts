import { expect, test } from "vitest";
import { readOptions } from "../../infra/commandline.ts";
import type { Row } from "./catalogue.ts";
import type { ConformanceTest } from "./conformancetest.ts";
import { chosen, conformance } from "./options.ts";

const named = (name: string): ConformanceTest => ({ name, manifest: "", checks: [] });
const tests = ["HTTPRouteMatching", "HTTPRouteWeight", "GatewayInfrastructure"].map(named);
const catalogue: readonly Row[] = [
  ...tests.map(({ name }) => ({ group: "", name, features: [] })),
  { group: "", name: "HTTPRouteMirror", features: [], impossible: "Lattice mirrors nothing" },
];
const namesOf = (...texts: string[]) => {
  const asked = chosen(texts, tests, catalogue);
  return "wrong" in asked ? asked.wrong : asked.tests.map(({ name }) => name);
};

test("the tests run whose names contain one of the texts, and all without one", () => {
  expect(namesOf("Weight", "Gateway")).toEqual(["HTTPRouteWeight", "GatewayInfrastructure"]);
  expect(namesOf()).toHaveLength(3);
});

test("a text that no name contains is refused, also beside others, with where the names are", () => {
  expect(namesOf("Weight", "NoSuchName")).toBe(
    'no test has "NoSuchName" in its name; npm run conformance -- --list prints the names',
  );
});

test("a test that Lattice makes impossible is refused with the reason", () => {
  expect(namesOf("Mirror")).toBe("HTTPRouteMirror cannot be run: Lattice mirrors nothing");
});

test("names and options are told apart, and an unknown option is refused", () => {
  expect(readOptions(["--list"], conformance)).toEqual({ right: { list: true, texts: [] } });
  expect(readOptions(["A", "B"], conformance)).toEqual({ right: { list: false, texts: ["A", "B"] } });
  expect(readOptions(["A", "--nonsense"], conformance)).toEqual({
    wrong: expect.stringContaining(conformance.usage),
  });
});
