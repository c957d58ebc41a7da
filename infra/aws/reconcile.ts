import { Duration } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Construct } from "constructs";
import { lanes as workLanes, type Lane } from "../../functions/desired/lanes.ts";
import { times } from "../../functions/model/limits.ts";
import { allow, consume, EspalierFunction, type StageProps } from "./function.ts";
import { assume, writerRole } from "./roles.ts";

/** Every Lattice operation that reconcile calls, and no other. BatchUpdateRule is authorised as UpdateRule. */
export const latticeActions = [
  "ListServiceNetworks",
  "ListServices",
  "GetService",
  "CreateService",
  "UpdateService",
  "DeleteService",
  "ListServiceNetworkServiceAssociations",
  "GetServiceNetworkServiceAssociation",
  "CreateServiceNetworkServiceAssociation",
  "DeleteServiceNetworkServiceAssociation",
  "ListListeners",
  "GetListener",
  "CreateListener",
  "UpdateListener",
  "DeleteListener",
  "ListRules",
  "GetRule",
  "CreateRule",
  "UpdateRule",
  "DeleteRule",
  "ListTargetGroups",
  "GetTargetGroup",
  "CreateTargetGroup",
  "DeleteTargetGroup",
  "RegisterTargets",
  "DeregisterTargets",
  "ListTargets",
  "ListTagsForResource",
  "TagResource",
] as const;

/** What the role that acts on Lattice may do, in whichever account: what Lattice itself looks up for the caller as well. */
export const latticeStatements = (): readonly PolicyStatement[] => [
  allow(
    latticeActions.map((action) => `vpc-lattice:${action}`),
    ["*"],
  ),
  // To make and fill a target group its caller must be allowed to look at the VPC and its subnets (CloudFormation schema of
  // AWS::VpcLattice::TargetGroup, "permissions"; the in-cluster controller's policy has both).
  allow(["ec2:DescribeVpcs", "ec2:DescribeSubnets"], ["*"]),
  new PolicyStatement({
    actions: ["iam:CreateServiceLinkedRole"],
    resources: ["arn:aws:iam::*:role/aws-service-role/vpc-lattice.amazonaws.com/AWSServiceRoleForVpcLattice"],
    conditions: { StringEquals: { "iam:AWSServiceName": "vpc-lattice.amazonaws.com" } },
  }),
];

/** How many batches of each lane are worked on at the same time: endpoints first. A verdict waits for no call of Lattice. */
const concurrency: Readonly<Record<Lane, number>> = { verdicts: 10, targets: 20, config: 20, drift: 5 };

/** From desired state to Lattice. */
export class Reconcile extends Construct {
  readonly function: LambdaFunction;

  constructor(
    scope: Construct,
    id: string,
    props: StageProps & { readonly propagationGrace: Duration; readonly latticeCallsPerSecond: number },
  ) {
    super(scope, id);
    const lanes = props.lanes.all;
    const reconcile = new EspalierFunction(this, "Reconcile", {
      ...props,
      name: "reconcile",
      description: "Brings one root at a time from what desired state says to what Lattice holds",
      timeout: Duration.millis(times.reconcileMax),
      sends: lanes,
      environment: {
        PROPAGATION_GRACE_SECONDS: String(props.propagationGrace.toSeconds()),
        LATTICE_CALLS_PER_SECOND: String(props.latticeCallsPerSecond),
      },
      statements: [
        ...workLanes.map((lane) => consume(lanes[lane])),
        ...latticeStatements(),
        assume(writerRole(props.installation)),
      ],
    });
    for (const lane of workLanes) {
      reconcile.function.addEventSource(
        new SqsEventSource(lanes[lane], {
          batchSize: 5,
          reportBatchItemFailures: true,
          maxConcurrency: concurrency[lane],
        }),
      );
    }
    this.function = reconcile.function;
  }
}
