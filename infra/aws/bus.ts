import { Duration, Stack } from "aws-cdk-lib";
import { Archive, CfnEventBusPolicy, EventBus, Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { Queue as DeadLetterQueue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Alarms } from "./alarms.ts";
import { forwarderRole, makeForwarderRole, sourceOf } from "./roles.ts";

/** A cluster whose forwarder may put events. */
export interface ClusterIdentity {
  readonly name: string;
  /** Another account; absent: the stack's own. The forwarder's role is made there. */
  readonly account?: string | undefined;
  /** A role in that other account that somebody else makes. */
  readonly forwarderRoleArn?: string | undefined;
}

const detailTypes = ["Objects Changed", "Inventory", "Heartbeat"];

/** The way in: a bus on which each forwarder may only put events of its own cluster. */
export class Bus extends Construct {
  readonly bus: EventBus;

  constructor(
    scope: Construct,
    id: string,
    props: {
      readonly installation: string;
      readonly clusters: readonly ClusterIdentity[];
      readonly changes: Queue;
      readonly alarms: Alarms;
    },
  ) {
    super(scope, id);
    this.bus = new EventBus(this, "Bus", { eventBusName: props.installation });
    for (const cluster of props.clusters) this.admit(cluster, props.installation);
    const eventPattern = { source: [{ prefix: "espalier." }] as never, detailType: detailTypes };
    new Archive(this, "Archive", {
      sourceEventBus: this.bus,
      eventPattern,
      retention: Duration.days(14),
      archiveName: props.installation,
    });
    const undelivered = new DeadLetterQueue(this, "Undelivered", {
      queueName: `${props.installation}-bus-dead-letters`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    props.alarms.onDeadLetters(undelivered, "bus-dead-letters");
    new Rule(this, "Changes", {
      eventBus: this.bus,
      eventPattern,
      targets: [new SqsQueue(props.changes, { deadLetterQueue: undelivered })],
    });
  }

  /** Lets a forwarder put events of its own source, and no other. */
  private admit({ name, account, forwarderRoleArn }: ClusterIdentity, installation: string): void {
    const { partition } = Stack.of(this);
    const principal =
      account === undefined
        ? makeForwarderRole(this, name, { installation, bus: this.bus.eventBusArn }).roleArn
        : (forwarderRoleArn ?? `arn:${partition}:iam::${account}:role/${forwarderRole(installation, name)}`);
    new CfnEventBusPolicy(this, `Admit-${name}`, {
      eventBusName: this.bus.eventBusName,
      statementId: `forwarder-${name}`,
      statement: {
        Effect: "Allow",
        Principal: { AWS: principal },
        Action: "events:PutEvents",
        Resource: this.bus.eventBusArn,
        Condition: { StringEquals: { "events:source": sourceOf(name), "events:detail-type": detailTypes } },
      },
    });
  }
}
