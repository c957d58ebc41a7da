import { Duration, Stack } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { allow, consume, EspalierFunction, type StageProps } from "./function.ts";
import { queueWithDeadLetters } from "./lanes.ts";
import { assume, writerRole } from "./roles.ts";

/** Whatever ACM says of a certificate has the list looked at again (ACM user guide, "Amazon EventBridge support for ACM"). */
const detailTypes = [
  "ACM Certificate Available",
  "ACM Certificate Approaching Expiration",
  "ACM Certificate Expired",
  "ACM Certificate Revoked",
  "ACM Certificate Renewal Action Required",
];

/** What the role that asks ACM may do, in its own account. */
export const acmStatements = (account: string): readonly PolicyStatement[] => [
  allow(["acm:ListCertificates"], ["*"]),
  allow(["acm:DescribeCertificate"], [`arn:aws:acm:*:${account}:certificate/*`]),
];

/** From ACM into desired state: which certificates there are. No other function may ask ACM. */
export class Certificates extends Construct {
  /** Accounts and regions to look at. */
  readonly queue: Queue;
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: StageProps) {
    super(scope, id);
    const { verdicts, config } = props.lanes.all;
    const { queue, deadLetters } = queueWithDeadLetters(this, "Looks", {
      name: `${props.installation}-certificates`,
      hides: "changes",
      alarms: props.alarms,
      runbook: "certificates-dead-letters",
    });
    const certificates = new EspalierFunction(this, "Certificates", {
      ...props,
      name: "certificates",
      description: "Looks at the certificates that ACM has and wakes whoever read them when they change",
      timeout: Duration.seconds(60),
      sends: { verdicts, config },
      statements: [
        consume(queue),
        ...acmStatements(Stack.of(this).account),
        assume(writerRole(props.installation)),
      ],
    });
    certificates.function.addEventSource(
      new SqsEventSource(queue, { batchSize: 10, reportBatchItemFailures: true, maxConcurrency: 2 }),
    );
    // ACM speaks on the default bus of each account and region. This rule hears the stack's own; of clusters in others the
    // sweep finds out within ten minutes, until their default buses forward here.
    new Rule(this, "Said", {
      eventPattern: { source: ["aws.acm"], detailType: detailTypes },
      // An event that cannot be delivered names what to look at as one does that could not be dealt with.
      targets: [new SqsQueue(queue, { deadLetterQueue: deadLetters })],
    });
    this.queue = queue;
    this.function = certificates.function;
  }
}
