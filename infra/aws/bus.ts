import { Duration, Stack } from "aws-cdk-lib";
import { Archive, CfnEventBusPolicy, EventBus, Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import {
  ManagedPolicy,
  PolicyStatement,
  Role,
  ServicePrincipal,
  SessionTagsPrincipal,
} from "aws-cdk-lib/aws-iam";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { Queue as DeadLetterQueue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Alarms } from "./alarms.ts";

/** A cluster whose forwarder may put events. */
export interface ClusterIdentity {
  readonly name: string;
  /** Another account; absent: the stack's own, where the forwarder's role is made. */
  readonly account?: string | undefined;
  /** The forwarder's role in that other account. */
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

  /** Lets a forwarder put events of its own source, and no other: in the own account with a role that is made for it. */
  private admit(cluster: ClusterIdentity, installation: string): void {
    const source = `espalier.${cluster.name}`;
    const own = cluster.account === undefined || cluster.account === Stack.of(this).account;
    const principal = own ? this.forwarderRole(cluster.name, source, installation) : cluster.forwarderRoleArn;
    if (principal === undefined)
      throw new Error(
        `cluster ${cluster.name} is in account ${cluster.account}: name its forwarder's role (forwarderRoleArn)`,
      );
    new CfnEventBusPolicy(this, `Admit-${cluster.name}`, {
      eventBusName: this.bus.eventBusName,
      statementId: `forwarder-${cluster.name}`,
      statement: {
        Effect: "Allow",
        Principal: { AWS: principal },
        Action: "events:PutEvents",
        Resource: this.bus.eventBusArn,
        Condition: { StringEquals: { "events:source": source, "events:detail-type": detailTypes } },
      },
    });
  }

  private forwarderRole(cluster: string, source: string, installation: string): string {
    const role = new Role(this, `Forwarder-${cluster}`, {
      roleName: `${installation}-forwarder-${cluster}`,
      description: `The forwarder of cluster ${cluster}`,
      assumedBy: new SessionTagsPrincipal(new ServicePrincipal("pods.eks.amazonaws.com")),
    });
    new ManagedPolicy(this, `Forwarder-${cluster}-Policy`, {
      managedPolicyName: `${installation}-forwarder-${cluster}`,
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: ["events:PutEvents"],
          resources: [this.bus.eventBusArn],
          conditions: { StringEquals: { "events:source": source } },
        }),
      ],
    });
    return role.roleArn;
  }
}
