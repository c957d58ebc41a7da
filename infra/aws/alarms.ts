import { Duration, Stack } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  Metric,
  TreatMissingData,
  type IMetric,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { runbook, runbookUrl, type RunbookId } from "./runbook.ts";

/** Every alarm, each with what it means and where it is said what to do; the topic that all of them tell; and the dashboard. */
export class Alarms extends Construct {
  readonly #installation: string;
  readonly #told: SnsAction;

  constructor(scope: Construct, id: string, props: { readonly installation: string }) {
    super(scope, id);
    this.#installation = props.installation;
    this.#told = new SnsAction(this.#topic());
    const each = Duration.minutes(5);
    this.#alarm("RefusedEvents", this.#ours("RefusedEvents", "ingest", each), "refused-events", 1);
    const denied = this.#ours("CertificatesDenied", "certificates", each);
    this.#alarm("CertificatesDenied", denied, "certificates-denied", 1);
  }

  onDeadLetters(queue: Queue, id: RunbookId): void {
    this.#alarm(
      `${queue.node.path}-NotEmpty`,
      queue.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum", period: Duration.minutes(1) }),
      id,
      1,
    );
  }

  onAge(queue: Queue): void {
    this.#alarm(
      `${queue.node.path}-Old`,
      queue.metricApproximateAgeOfOldestMessage({ statistic: "Maximum", period: Duration.minutes(1) }),
      "old-messages",
      600,
    );
  }

  onFunction(one: LambdaFunction, name: string): void {
    this.#alarm(`${name}-Errors`, one.metricErrors({ period: Duration.minutes(5) }), "function-errors", 1);
    this.#alarm(
      `${name}-Throttles`,
      one.metricThrottles({ period: Duration.minutes(5) }),
      "function-throttles",
      10,
    );
  }

  dashboard(functions: readonly LambdaFunction[], queues: readonly Queue[]): void {
    const ours = (name: string, service: string): IMetric => this.#ours(name, service, Duration.minutes(1));
    const board = new Dashboard(this, "Dashboard", { dashboardName: this.#installation });
    board.addWidgets(
      new GraphWidget({
        title: "Objects",
        left: [
          ours("ObjectsChanged", "ingest"),
          ours("ObjectsRepeated", "ingest"),
          ours("RefusedEvents", "ingest"),
        ],
        width: 8,
      }),
      new GraphWidget({
        title: "Roots",
        left: [
          ours("RootsReconciled", "reconcile"),
          ours("ChangesApplied", "reconcile"),
          ours("CallsFailed", "reconcile"),
        ],
        width: 8,
      }),
      new GraphWidget({
        title: "Oldest due root, seconds",
        left: [ours("OldestDueSeconds", "drift")],
        width: 8,
      }),
    );
    board.addWidgets(
      new GraphWidget({
        title: "Waiting",
        left: queues.map((queue) => queue.metricApproximateNumberOfMessagesVisible()),
        width: 12,
      }),
      new GraphWidget({
        title: "Durations",
        left: functions.map((one) => one.metricDuration({ statistic: "p99" })),
        width: 12,
      }),
    );
  }

  /** The topic that people subscribe to. It is not encrypted: alarms cannot publish with the key that AWS manages (CloudWatch user guide). */
  #topic(): Topic {
    const { partition, region, account } = Stack.of(this);
    const topic = new Topic(this, "Topic", { topicName: `${this.#installation}-alarms` });
    // A policy of its own replaces the one that lets the account's alarms in.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [topic.topicArn],
        conditions: {
          StringEquals: { "aws:SourceAccount": account },
          ArnLike: { "aws:SourceArn": `arn:${partition}:cloudwatch:${region}:${account}:alarm:*` },
        },
      }),
    );
    return topic;
  }

  /** A metric that a function of ours counts. */
  #ours(metricName: string, service: string, period: Duration): Metric {
    return new Metric({
      namespace: "Espalier",
      metricName,
      statistic: "Sum",
      period,
      dimensionsMap: { service: `${this.#installation}-${service}` },
    });
  }

  #alarm(id: string, metric: Metric, why: RunbookId, threshold: number): void {
    const alarm = new Alarm(this, id.replaceAll("/", "-"), {
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `${runbook[why]} Runbook: ${runbookUrl(why)}`,
    });
    alarm.addAlarmAction(this.#told);
  }
}
