import { Duration } from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { EspalierFunction, type StageProps } from "./function.ts";

/** What an administrator invokes: to register a cluster, or to set quotas. Nothing else calls it. */
export class Register extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: StageProps & { readonly certificates: Queue }) {
    super(scope, id);
    const { verdicts, targets, config, status } = props.lanes.all;
    const register = new EspalierFunction(this, "Register", {
      ...props,
      name: "register",
      description: "Registers clusters and sets quotas, for an administrator",
      timeout: Duration.seconds(60),
      sends: { verdicts, targets, config, status, certificates: props.certificates },
    });
    this.function = register.function;
  }
}
