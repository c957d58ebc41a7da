import { App, Stack } from "aws-cdk-lib";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { AccountStack } from "../../../infra/aws/account.ts";
import { Alarms } from "../../../infra/aws/alarms.ts";
import { Bus } from "../../../infra/aws/bus.ts";
import { policyTooLong } from "../../../infra/aws/buspolicy.ts";
import type { ClusterIdentity } from "../../../infra/aws/roles.ts";
import { accountStack, otherAccounts, type Template } from "../../../infra/aws/synth.ts";
import { evaluate, statementsOf, type Statement } from "../../../infra/local/aws/policy.ts";
import { createResolver } from "../../../infra/local/lambda/resolve.ts";

const place = { account: "111122223333", region: "ap-northeast-1", queueEndpoint: "http://localhost" };
const bus = `arn:aws:events:${place.region}:${place.account}:event-bus/blue`;
const grown = z.looseObject({ Properties: z.looseObject({ PolicyDocument: z.unknown() }) });
const busPolicy = z.object({ StatementId: z.string(), Statement: z.record(z.string(), z.unknown()) });

/** What is deployed in another account for the clusters there. */
function deployedIn(account: string, its: readonly ClusterIdentity[]): Template {
  const app = new App();
  const name = accountStack("blue", account);
  new AccountStack(app, name, { installation: "blue", clusters: its });
  return app.synth().getStackByName(name).template;
}

/** The bus for some clusters, as it is deployed; and what whoever deploys it is told. */
function deployed(clusters: readonly ClusterIdentity[]) {
  const app = new App();
  const stack = new Stack(app, "blue");
  const alarms = new Alarms(stack, "Alarms", { installation: "blue" });
  new Bus(stack, "Bus", { installation: "blue", clusters, changes: new Queue(stack, "Changes"), alarms });
  const artifact = app.synth().getStackByName("blue");
  const template: Template = artifact.template;
  const resolver = createResolver(template, place);
  const admitted = Object.values(template.Resources).flatMap((one) =>
    one.Type === "AWS::Events::EventBusPolicy" ? [busPolicy.parse(resolver.resolve(one.Properties))] : [],
  );
  return {
    template,
    resolver,
    statements: statementsOf({ Statement: admitted.map((one) => one.Statement) }),
    /** As EventBridge keeps it. */
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: admitted.map((one) => ({ Sid: one.StatementId, ...one.Statement })),
    }),
    warnings: artifact.messages.map((one) => JSON.stringify(one.entry.data)),
  };
}

const far = "arn:aws:iam::666677778888:role/made-elsewhere";
const clusters = [
  { name: "east" },
  { name: "north" },
  { name: "out", account: "444455556666" },
  { name: "west", account: "444455556666" },
  { name: "south", account: "555566667777" },
  { name: "far", account: "666677778888", forwarderRoleArn: far },
];

/** Invariant 10: whatever a forwarder is told or made to do, its credentials put events of its own cluster and of our three types. */
describe("with a forwarder's credentials", () => {
  const { template, resolver, statements } = deployed(clusters);
  const others = new Map(
    [...otherAccounts(clusters)].map(([account, its]) => [account, deployedIn(account, its)]),
  );

  /** The statements of the role that our templates make in an account. */
  function madeIn(account: string, cluster: string): readonly Statement[] {
    const policy = Object.values((others.get(account) ?? template).Resources).find(
      (one) => one.Properties?.["ManagedPolicyName"] === `blue-forwarder-${cluster}`,
    );
    const text = JSON.stringify(policy).replaceAll('{"Ref":"BusArn"}', JSON.stringify(bus));
    const resolved = account === place.account ? resolver.resolve(JSON.parse(text)) : JSON.parse(text);
    return statementsOf(grown.parse(resolved).Properties.PolicyDocument);
  }

  const everything = statementsOf({ Statement: { Effect: "Allow", Action: "events:*", Resource: "*" } });

  /** In the bus's own account either policy allows; from another both must (IAM user guide, "Cross-account policy evaluation logic"). */
  function mayPut(principal: string, its: readonly Statement[], source: string, type = "Heartbeat"): boolean {
    const context = {
      "events:source": [source],
      "events:detail-type": [type],
      "aws:PrincipalArn": [principal],
    };
    const request = { principal, action: "events:PutEvents", resource: bus, context };
    const verdicts = [evaluate(its, request), evaluate(statements, request)];
    const isOwn = principal.split(":")[4] === place.account;
    return isOwn ? verdicts.includes("allowed") : verdicts.every((one) => one === "allowed");
  }

  const roleIn = (account: string, name: string): string => `arn:aws:iam::${account}:role/${name}`;

  test.each([
    ["east", "111122223333"],
    ["north", "111122223333"],
    ["out", "444455556666"],
    ["west", "444455556666"],
    ["south", "555566667777"],
  ])("of %s nobody puts an event of another cluster, or of a type that is not ours", (cluster, account) => {
    const its = madeIn(account, cluster);
    const role = roleIn(account, `blue-forwarder-${cluster}`);
    const allowed = clusters.filter(({ name }) => mayPut(role, its, `espalier.${name}`));
    expect(allowed.map(({ name }) => name)).toEqual([cluster]);
    expect(mayPut(role, its, `espalier.${cluster}.more`)).toBe(false);
    for (const [type, expected] of [
      ["Objects Changed", true],
      ["Inventory", true],
      ["Drift Found", false],
    ] as const)
      expect(mayPut(role, its, `espalier.${cluster}`, type), type).toBe(expected);
  });

  test("of a role that somebody else makes, with whatever policy, neither", () => {
    const allowed = clusters.filter(({ name }) => mayPut(far, everything, `espalier.${name}`));
    expect(allowed.map(({ name }) => name)).toEqual(["far"]);
    expect(mayPut(far, everything, "espalier.far", "Drift Found")).toBe(false);
  });

  test("and with those of any other role, of any other account, or for any other source, nobody puts any", () => {
    const sources = clusters.map(({ name }) => `espalier.${name}`);
    const strangers = [
      roleIn("444455556666", "developer"),
      roleIn("444455556666", "green-forwarder-west"),
      roleIn("666677778888", "blue-forwarder-far"),
      roleIn("999900001111", "blue-forwarder-west"),
    ];
    for (const role of strangers)
      for (const source of sources) expect(mayPut(role, everything, source), `${role} ${source}`).toBe(false);
    const west = roleIn("444455556666", "blue-forwarder-west");
    expect(mayPut(west, everything, "espalier")).toBe(false);
    expect(mayPut(west, everything, "other.west")).toBe(false);
  });
});

/** A bus's policy has 10,240 characters unless AWS grants more. */
describe("the policy of the bus", () => {
  const many = (accounts: number, each: number): readonly ClusterIdentity[] =>
    Array.from({ length: accounts * each }, (_, at) => ({
      name: `cluster-of-thirty-characters-${at}`,
      account: String(400_000_000_000 + Math.floor(at / each)),
    }));

  test("has room for 500 clusters in 20 accounts, for one each in 280, and for 25 roles of others", () => {
    const { policy, warnings } = deployed(many(20, 25));
    expect(policy.length).toBeLessThan(2_000);
    expect(policy.length).toBe(deployed(many(20, 1)).policy.length);
    expect(warnings).toEqual([]);
    expect(policyTooLong(many(280, 1), "espalier")).toBeUndefined();
    const foreign = many(25, 1).map((one) => ({
      ...one,
      forwarderRoleArn: `arn:aws:iam::${one.account}:role/made-elsewhere`,
    }));
    expect(policyTooLong(foreign, "espalier")).toBeUndefined();
  });

  test("is not there when all clusters are of the bus's own account", () => {
    expect(deployed([{ name: "east" }, { name: "west" }]).statements).toEqual([]);
  });

  test("that is too long is told before it is deployed, with its length and what to do", () => {
    const foreign = many(40, 1).map((one, at) => ({
      ...one,
      forwarderRoleArn: `arn:aws:iam::${one.account}:role/forwarder-${at}`,
    }));
    const { policy, warnings } = deployed(foreign);
    const said = `has ${policy.length} characters, and AWS allows 10240: before you deploy, have the quota \\"Event bus policy size\\"`;
    expect(warnings).toEqual([expect.stringContaining(said)]);
    expect(policyTooLong(foreign, "blue")).toContain(`${policy.length} characters`);
  });
});
