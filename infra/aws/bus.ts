import { Annotations, Duration, Stack } from "aws-cdk-lib";
import { Archive, CfnEventBusPolicy, EventBus, Match, Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { Queue as DeadLetterQueue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Alarms } from "./alarms.ts";
import { admissions, policyTooLong } from "./buspolicy.ts";
import { detailTypes, makeForwarderRole, sourceOf, type ClusterIdentity } from "./roles.ts";

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
    this.#admit(props.clusters, props.installation);
    const eventPattern = { source: Match.prefix(sourceOf("")), detailType: [...detailTypes] };
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

  /** Makes the roles of forwarders of this account, and lets those of others in. */
  #admit(clusters: readonly ClusterIdentity[], installation: string): void {
    const { eventBusArn: bus, eventBusName } = this.bus;
    for (const { name, account } of clusters)
      if (account === undefined) makeForwarderRole(this, name, { installation, bus });
    const { partition } = Stack.of(this);
    for (const { id, statement } of admissions(clusters, { installation, partition, bus }))
      new CfnEventBusPolicy(this, `Admit-${id}`, { eventBusName, statementId: id, statement });
    const warning = policyTooLong(clusters, installation);
    // Whoever deploys is told as well.
    if (warning !== undefined) Annotations.of(this).addWarningV2("espalier:bus-policy", warning);
  }
}
