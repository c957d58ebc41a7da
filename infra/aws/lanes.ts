import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Lane } from "../../functions/desired/lanes.ts";
import { times } from "../../functions/model/limits.ts";
import type { Alarms } from "./alarms.ts";
import type { RunbookId } from "./runbook.ts";

/**
 * Not much longer than the longest invocation. AWS's advice is six times, so that a batch is not worked on twice; here a
 * message that comes back early finds the root's lease held, or repeats what changes nothing, and a crash costs less time.
 */
const hidden = { changes: Duration.seconds(90), work: Duration.millis(times.workHidden) };

/** A standard queue whose messages go to a dead-letter queue with an alarm after so many receipts; and that queue. */
export function queueWithDeadLetters(
  scope: Construct,
  id: string,
  props: {
    readonly name: string;
    readonly alarms: Alarms;
    readonly runbook: RunbookId;
    readonly hides: keyof typeof hidden;
  },
): { readonly queue: Queue; readonly deadLetters: Queue } {
  const deadLetters = new Queue(scope, `${id}DeadLetters`, {
    queueName: `${props.name}-dead-letters`,
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  props.alarms.onDeadLetters(deadLetters, props.runbook);
  const queue = new Queue(scope, id, {
    queueName: props.name,
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    visibilityTimeout: hidden[props.hides],
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
  });
  return { queue, deadLetters };
}

/** A queue that functions send to. */
export type QueueName = Lane | "status" | "certificates";

/** The work queues: verdicts and endpoints first, drift last, and the queue of statuses to write. */
export class Lanes extends Construct {
  readonly all: Readonly<Record<Exclude<QueueName, "certificates">, Queue>>;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly installation: string; readonly alarms: Alarms },
  ) {
    super(scope, id);
    const queue = (lane: string, runbook: RunbookId): Queue =>
      queueWithDeadLetters(this, lane, {
        name: `${props.installation}-${lane}`,
        hides: "work",
        alarms: props.alarms,
        runbook,
      }).queue;
    this.all = {
      verdicts: queue("verdicts", "lane-dead-letters"),
      targets: queue("targets", "lane-dead-letters"),
      config: queue("config", "lane-dead-letters"),
      drift: queue("drift", "lane-dead-letters"),
      status: queue("status", "status-dead-letters"),
    };
    for (const lane of Object.values(this.all)) props.alarms.onAge(lane);
  }
}
