import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseOptions, usage, UsageError } from "../../../infra/local/options.ts";

const parse = (...args: string[]) => parseOptions(args, "example");

test("without options the example runs, in two clusters", () => {
  expect(parse()).toMatchObject({
    once: false,
    json: false,
    requests: 2000,
    clusters: [
      { name: "east", folder: "example/east", profile: "standard" },
      { name: "west", folder: "example/west", profile: "standard" },
    ],
  });
});

test("clusters, profiles, quotas, networks and endpoints are taken as they are named", () => {
  expect(
    parse(
      "--once",
      "--json",
      "--cluster",
      "a=one",
      "--cluster",
      "b=two",
      "--profile",
      "b=incumbent",
      "--quota",
      "rules-per-listener=20",
      "--network",
      "n1",
      "--network",
      "n2",
      "--endpoint",
      "lattice=http://127.0.0.1:1",
      "--requests",
      "50",
      "--kubeconfig",
      "a=file",
      "--override",
      "b=shared",
    ),
  ).toMatchObject({
    once: true,
    json: true,
    requests: 50,
    networks: ["n1", "n2"],
    quotas: { rulesPerListener: 20 },
    endpoints: { lattice: "http://127.0.0.1:1" },
    clusters: [
      { name: "a", folder: "one", profile: "standard", kubeconfig: "file" },
      { name: "b", folder: "two", profile: "incumbent", network: "shared" },
    ],
  });
});

test.each([
  [["--cluster", "east"], "--cluster takes NAME=VALUE"],
  [["--cluster", "East=x"], "not a cluster name"],
  [["--cluster", "east=x", "--cluster", "east=y"], "two clusters cannot have one name (east, east)"],
  [["--profile", "north=incumbent"], 'there is no cluster "north"'],
  [["--profile", "east=old"], "a profile is standard or incumbent"],
  [["--override", "north=shared"], 'there is no cluster "north"'],
  [["--quota", "rules=1"], 'there is no quota "rules"'],
  [["--quota", "rules-per-listener=0"], "a whole number above zero"],
  [["--endpoint", "s3=http://x"], "--endpoint takes one of"],
  [["--endpoint", "sqs=nowhere"], "is not a URL"],
  [["--requests", "many"], "a whole number above zero"],
  [["--requests", "-5"], '--requests takes a whole number above zero, not "-5"'],
  [["--nonsense"], "nonsense"],
])("%j is refused with a reason", (args, reason) => {
  expect(() => parse(...args)).toThrow(UsageError);
  expect(() => parse(...args)).toThrow(reason);
});

test("the usage names every variable that the command reads", () => {
  const main = readFileSync(new URL("../../../infra/local/main.ts", import.meta.url), "utf8");
  const read = [...main.matchAll(/process\.env\["(ESPALIER_\w+)"\]/g)].map(([, name]) => name ?? "");
  expect(read).not.toEqual([]);
  for (const name of read) expect(usage).toContain(name);
});
