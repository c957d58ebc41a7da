import { expect, test } from "vitest";
import { createIam } from "../../../../infra/local/aws/iam.ts";

const account = "111122223333";
const roleArn = `arn:aws:iam::${account}:role/writer`;
const allow = (more: Readonly<Record<string, unknown>>) => ({ Statement: { Effect: "Allow", ...more } });

/** An account with a caller that may assume any role, and a role that trusts whom it is said to. */
function accountWhereRoleTrusts(principal: string) {
  let drawn = 0;
  const iam = createIam(() => `${(drawn += 1)}TOKEN${"0".repeat(16)}`);
  const policies = [allow({ Action: "sts:AssumeRole", Resource: "*" })];
  const { accessKeyId } = iam.add({ arn: `arn:aws:iam::${account}:role/ingest`, name: "ingest", policies });
  const trust = allow({ Action: "sts:AssumeRole", Principal: { AWS: principal } });
  iam.add({ arn: roleArn, name: "writer", trust, policies: [] });
  const caller = iam.callerOf(accessKeyId);
  if (caller === undefined) throw new Error("no caller");
  return () => iam.assume(caller, roleArn);
}

test("a role is assumed by whom it trusts and by nobody else, within an account too", () => {
  expect(accountWhereRoleTrusts(`arn:aws:iam::${account}:role/ingest`)()).toHaveProperty("accessKeyId");
  expect(accountWhereRoleTrusts(`arn:aws:iam::${account}:role/reconcile`)).toThrow("sts:AssumeRole");
});
