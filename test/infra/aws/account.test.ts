import { App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { AccountStack } from "../../../infra/aws/account.ts";
import { latticeActions } from "../../../infra/aws/reconcile.ts";

const statement = z.looseObject({
  Action: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
});
const resources = z.record(
  z.string(),
  z.object({
    Type: z.string(),
    Properties: z.looseObject({
      RoleName: z.string().optional(),
      ManagedPolicyName: z.string().optional(),
      AssumeRolePolicyDocument: z.unknown().optional(),
      PolicyDocument: z.object({ Statement: z.array(statement) }).optional(),
    }),
  }),
);

const app = new App();
const stack = new AccountStack(app, "blue-444455556666", {
  installation: "blue",
  clusters: [
    { name: "west", account: "444455556666" },
    { name: "own", account: "444455556666", forwarderRoleArn: "arn:aws:iam::444455556666:role/mine" },
  ],
});
const template = z
  .looseObject({ Parameters: z.record(z.string(), z.unknown()), Resources: resources })
  .parse(app.synth().getStackArtifact(stack.artifactId).template);
const all = Object.values(template.Resources);

/** What the role of a name trusts, as text, and the actions of its policy. */
function roleOf(name: string) {
  const role = all.find(({ Properties }) => Properties.RoleName === name);
  const policy = all.find(({ Properties }) => Properties.ManagedPolicyName === name);
  const statements = policy?.Properties.PolicyDocument?.Statement ?? [];
  return {
    trust: JSON.stringify(role?.Properties.AssumeRolePolicyDocument),
    statements,
    actions: statements.flatMap((one) => one.Action),
  };
}

/** What an administrator of another account deploys, who has neither a bootstrap there nor anything else of the control plane. */
describe("the template for another account", () => {
  test("needs the ARN of the bus, and no bootstrap or asset", () => {
    expect(Object.keys(template.Parameters)).toEqual(["BusArn"]);
    expect(new Set(all.map((one) => one.Type))).toEqual(
      new Set(["AWS::IAM::Role", "AWS::IAM::ManagedPolicy"]),
    );
    expect(JSON.stringify(template)).not.toContain("cdk-");
  });

  test("has a role that may do what reconcile and certificates may do at home, for these two alone", () => {
    const { trust, actions } = roleOf("blue-writer");
    expect(actions.toSorted()).toEqual(
      [
        ...latticeActions.map((one) => `vpc-lattice:${one}`),
        "acm:DescribeCertificate",
        "acm:ListCertificates",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "iam:CreateServiceLinkedRole",
      ].toSorted(),
    );
    expect([...trust.matchAll(/:role\/([a-z-]+)/g)].map(([, name]) => name)).toEqual([
      "blue-reconcile",
      "blue-certificates",
    ]);
    expect(trust).toContain('"ArnEquals":{"aws:PrincipalArn"');
  });

  test("has a role that writes status, for the status function alone", () => {
    const { trust, actions } = roleOf("blue-status");
    expect(actions).toEqual(["eks:DescribeCluster"]);
    expect([...trust.matchAll(/:role\/([a-z-]+)/g)].map(([, name]) => name)).toEqual(["blue-status"]);
  });

  test("has a role for each forwarder that has none yet, which puts events of its own cluster", () => {
    const { trust, statements } = roleOf("blue-forwarder-west");
    expect(trust).toContain("pods.eks.amazonaws.com");
    expect(trust).toContain("sts:TagSession");
    expect(statements).toMatchObject([
      {
        Action: ["events:PutEvents"],
        Resource: { Ref: "BusArn" },
        Condition: { StringEquals: { "events:source": "espalier.west" } },
      },
    ]);
    expect(roleOf("blue-forwarder-own").actions).toEqual([]);
  });
});
