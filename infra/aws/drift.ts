import { Duration } from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Schedule, ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { EspalierFunction, type StageProps } from "./function.ts";

/** The alarm clock: each minute whatever is due is sent on its way. */
export class Drift extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: StageProps & { readonly certificates: Queue }) {
    super(scope, id);
    const { desired, lanes, certificates } = props;
    const drift = new EspalierFunction(this, "Drift", {
      ...props,
      name: "drift",
      description: "Sends roots that are due to their lanes, and has certificates looked at that are due",
      timeout: Duration.seconds(50),
      sends: { ...lanes.all, certificates },
      statements: [desired.readDue()],
    });
    const missed = new Queue(this, "Missed", {
      queueName: `${props.installation}-schedule-dead-letters`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    props.alarms.onDeadLetters(missed, "schedule-dead-letters");
    new Schedule(this, "Schedule", {
      scheduleName: `${props.installation}-drift`,
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      target: new LambdaInvoke(drift.function, { deadLetterQueue: missed, retryAttempts: 2 }),
    });
    this.function = drift.function;
  }
}
