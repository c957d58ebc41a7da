import { RemovalPolicy, type Duration } from "aws-cdk-lib";
import { Effect, ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Alarms } from "./alarms.ts";
import { folderHash, type FunctionName } from "./bundle.ts";
import type { Desired } from "./desired.ts";
import type { Lanes, QueueName } from "./lanes.ts";

/** What every stage is given. */
export interface StageProps {
  readonly installation: string;
  readonly bundles: Readonly<Record<FunctionName, string>>;
  readonly alarms: Alarms;
  readonly desired: Desired;
  readonly lanes: Lanes;
}

interface Props extends Pick<StageProps, "installation" | "bundles" | "alarms" | "desired"> {
  readonly name: FunctionName;
  readonly description: string;
  readonly timeout: Duration;
  /** Where it sends messages to: it is told the URLs of these queues, and may send to no other. */
  readonly sends?: Readonly<Partial<Record<QueueName, Queue>>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** What it may do besides writing its log, using the table and sending. */
  readonly statements?: readonly PolicyStatement[];
}

/** A function of Espalier: its own role, which may do exactly what is said here, its own log group, its alarms; and the table. */
export class EspalierFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: Props) {
    super(scope, id);
    const functionName = `${props.installation}-${props.name}`;
    const { table } = props.desired;
    const sends = Object.entries(props.sends ?? {});
    const logGroup = new LogGroup(this, "Logs", {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, "Role", {
      roleName: functionName,
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: props.description,
    });
    new ManagedPolicy(this, "Policy", {
      managedPolicyName: functionName,
      roles: [role],
      statements: [
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], [logGroup.logGroupArn]),
        props.desired.readWrite(),
        ...sendTo(sends.map(([, queue]) => queue)),
        ...(props.statements ?? []),
      ],
    });
    const folder = props.bundles[props.name];
    this.function = new LambdaFunction(this, "Function", {
      functionName,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: Code.fromAsset(folder, { assetHash: folderHash(folder), exclude: ["*.map"] }),
      role: role.withoutPolicyUpdates(),
      timeout: props.timeout,
      memorySize: 512,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      environment: {
        INSTALLATION: props.installation,
        POWERTOOLS_SERVICE_NAME: functionName,
        POWERTOOLS_METRICS_NAMESPACE: "Espalier",
        LOG_LEVEL: "INFO",
        TABLE_NAME: table.tableName,
        ...Object.fromEntries(
          sends.map(([name, queue]) => [`QUEUE_${name.toUpperCase()}_URL`, queue.queueUrl]),
        ),
        ...props.environment,
      },
    });
    props.alarms.onFunction(this.function, props.name);
  }
}

/** A statement that allows exactly these actions on exactly these resources. */
export const allow = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [...resources] });

/** What a function needs to be fed by a queue. */
export const consume = (queue: Queue): PolicyStatement =>
  allow(
    ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
    [queue.queueArn],
  );

/** What a function needs to send to queues; nothing where there are none. */
const sendTo = (queues: readonly Queue[]): readonly PolicyStatement[] =>
  queues.length === 0
    ? []
    : [
        allow(
          ["sqs:SendMessage"],
          queues.map((queue) => queue.queueArn),
        ),
      ];
