import { Duration, Stack } from "aws-cdk-lib";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Construct } from "constructs";
import { times } from "../../functions/model/limits.ts";
import { allow, consume, EspalierFunction, type StageProps } from "./function.ts";
import { assume, statusRole } from "./roles.ts";

/** What the role that clusters know may do, in its own account; all else it may by the RBAC of `infra/cluster`. */
export const eksStatements = (account: string): readonly PolicyStatement[] => [
  allow(["eks:DescribeCluster"], [`arn:aws:eks:*:${account}:cluster/*`]),
];

/** From verdicts to the conditions that users read. Its role is what EKS access entries name. */
export class Status extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: StageProps) {
    super(scope, id);
    const queue = props.lanes.all.status;
    const status = new EspalierFunction(this, "Status", {
      ...props,
      name: "status",
      description: "Writes conditions and annotations into clusters, and asks forwarders for what is missing",
      timeout: Duration.millis(times.reconcileMax),
      statements: [
        consume(queue),
        ...eksStatements(Stack.of(this).account),
        assume(statusRole(props.installation)),
      ],
    });
    status.function.addEventSource(
      new SqsEventSource(queue, { batchSize: 10, reportBatchItemFailures: true, maxConcurrency: 10 }),
    );
    this.function = status.function;
  }
}
