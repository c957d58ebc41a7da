import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readSettings, SettingsError } from "../../../infra/aws/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "espalier-settings-"));
const file = join(folder, "settings.json");
afterAll(() => rmSync(folder, { recursive: true }));

/** What is read of a file with such a text. */
function read(text: string) {
  writeFileSync(file, text);
  return readSettings(file);
}

test("the example of the README is read, and what it leaves out has its default", () => {
  const west = {
    name: "west",
    account: "444455556666",
    forwarderRoleArn: "arn:aws:iam::444455556666:role/r",
  };
  const clusters = [{ name: "east" }, west];
  const rest = { installation: "espalier", propagationGraceSeconds: 60, latticeCallsPerSecond: 20 };
  expect(read(JSON.stringify({ ...rest, clusters }))).toEqual({ ...rest, clusters });
  expect(read('{ "latticeCallsPerSecond": 7.5 }').latticeCallsPerSecond).toBe(7.5);
  expect(readSettings(undefined)).toEqual({ ...rest, clusters: [{ name: "east" }, { name: "west" }] });
});

test.each([
  [
    '{ "clusters": [{ "name": "a", "role": "x" }] }',
    "clusters.0: there is no role (keys: name, account, forwarderRoleArn)",
  ],
  [
    '{ "grace": 1 }',
    "there is no grace (keys: installation, propagationGraceSeconds, latticeCallsPerSecond, clusters)",
  ],
  ['{ "installation": "Big" }', "installation: must be up to 40 lower-case letters"],
  ['{ "latticeCallsPerSecond": 0 }', "latticeCallsPerSecond: Too small"],
  ['{ "clusters": [{ "name": "a", "account": "4444" }] }', "clusters.0.account: must be the twelve digits"],
  ["{", "no JSON"],
  ['{ "clusters": [{ "name": "East" }] }', 'clusters.0.name: not a cluster name: "East" (lower-case'],
  [
    '{ "clusters": [{ "name": "a" }, { "name": "a", "account": "444455556666" }] }',
    "clusters.1: a second cluster a",
  ],
  [
    `{ "clusters": [{ "name": "${"a".repeat(46)}" }] }`,
    `clusters.0: the name of its role, espalier-forwarder-${"a".repeat(46)}, has more than 64 characters`,
  ],
  [
    '{ "clusters": [{ "name": "a", "forwarderRoleArn": "r" }] }',
    "clusters.0.forwarderRoleArn: must be the ARN",
  ],
  [
    '{ "clusters": [{ "name": "a", "forwarderRoleArn": "arn:aws:iam::444455556666:role/r" }] }',
    "clusters.0: forwarderRoleArn is for a role of another account",
  ],
  [
    '{ "clusters": [{ "name": "a", "account": "777788889999", "forwarderRoleArn": "arn:aws:iam::444455556666:role/r" }] }',
    "clusters.0: forwarderRoleArn is for a role of another account",
  ],
  [
    '{ "clusters": [{ "name": "a", "account": "444455556666", "forwarderRoleArn": "arn:aws:iam::444455556666:role/espalier-forwarder-a" }] }',
    "clusters.0: forwarderRoleArn must not begin with espalier-forwarder-",
  ],
])("%s is refused with its place", (text, reason) => {
  expect(() => read(text)).toThrow(SettingsError);
  expect(() => read(text)).toThrow(`settings of ${file}: ${reason}`);
});

test("a file that is not there is refused", () => {
  expect(() => readSettings(join(folder, "nowhere.json"))).toThrow(
    /^there is no file of settings .*nowhere\.json$/,
  );
});
