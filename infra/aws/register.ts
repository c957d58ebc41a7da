import { Duration } from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { EspalierFunction, sendTo, type StageProps } from "./function.ts";

/** What an administrator invokes: to register a cluster, or to set quotas. Nothing else calls it. */
export class Register extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: StageProps & { readonly certificates: Queue }) {
    super(scope, id);
    const { desired, lanes, certificates } = props;
    const register = new EspalierFunction(this, "Register", {
      ...props,
      name: "register",
      description: "Registers clusters and sets quotas, for an administrator",
      timeout: Duration.seconds(60),
      environment: {
        TABLE_NAME: desired.table.tableName,
        QUEUE_VERDICTS_URL: lanes.verdicts.queueUrl,
        QUEUE_TARGETS_URL: lanes.targets.queueUrl,
        QUEUE_CONFIG_URL: lanes.config.queueUrl,
        QUEUE_STATUS_URL: lanes.status.queueUrl,
        QUEUE_CERTIFICATES_URL: certificates.queueUrl,
      },
      statements: [
        desired.readWrite(),
        sendTo(lanes.verdicts, lanes.targets, lanes.config, lanes.status, certificates),
      ],
    });
    this.function = register.function;
  }
}
