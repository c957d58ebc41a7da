import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseOptions, usage, UsageError } from "../../../infra/local/options.ts";

const id = "sn-0123456789abcdef0";
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
      "shared",
      "--network",
      "later",
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
    networks: ["shared", "later"],
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
  [
    ["--network", "ab"],
    '--network: no service network can be named "ab" (3 to 63 lower-case letters, digits',
  ],
  [
    ["--override", "east=A_B"],
    '--override east=A_B: no service network can be named "A_B" (3 to 63 lower-case letters, digits',
  ],
  [["--override", "east=arn:aws:vpc-lattice"], "no service network can be named"],
  [["--override", `east=${id}`], "so it needs --endpoint lattice=URL"],
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

test("a cluster's network may be named by its id where Lattice is another server, which alone can know it", () => {
  const lattice = "lattice=http://127.0.0.1:1";
  expect(parse("--override", `east=${id}`, "--endpoint", lattice)).toMatchObject({
    clusters: [{ name: "east", network: id }, { name: "west" }],
  });
});

test("the usage names every variable that the command reads", () => {
  const main = readFileSync(new URL("../../../infra/local/main.ts", import.meta.url), "utf8");
  const read = [...main.matchAll(/process\.env\["(ESPALIER_\w+)"\]/g)].map(([, name]) => name ?? "");
  expect(read).not.toEqual([]);
  for (const name of read) expect(usage).toContain(name);
});
