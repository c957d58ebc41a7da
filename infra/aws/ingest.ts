import { Duration } from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { consume, EspalierFunction, type StageProps } from "./function.ts";
import { queueWithDeadLetters } from "./lanes.ts";

/** From the changes queue into desired state. */
export class Ingest extends Construct {
  readonly changes: Queue;
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: StageProps) {
    super(scope, id);
    const { verdicts, targets, config, status } = props.lanes.all;
    this.changes = queueWithDeadLetters(this, "Changes", {
      name: `${props.installation}-changes`,
      hides: "changes",
      alarms: props.alarms,
      runbook: "changes-dead-letters",
    }).queue;
    props.alarms.onAge(this.changes);
    const ingest = new EspalierFunction(this, "Ingest", {
      ...props,
      name: "ingest",
      description: "Takes events of clusters into desired state and wakes whoever read what changed",
      timeout: Duration.seconds(60),
      sends: { verdicts, targets, config, status },
      statements: [consume(this.changes)],
    });
    ingest.function.addEventSource(
      new SqsEventSource(this.changes, { batchSize: 10, reportBatchItemFailures: true, maxConcurrency: 20 }),
    );
    this.function = ingest.function;
  }
}
