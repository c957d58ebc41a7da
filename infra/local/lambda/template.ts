import { join } from "node:path";
import { z } from "zod";
import type { Template } from "../../aws/synth.ts";
import { createResolver, type Place } from "./resolve.ts";

/** What a template asks to be started, with all references resolved. */
export interface System {
  readonly tables: readonly Table[];
  readonly queues: readonly Queue[];
  readonly buses: readonly { readonly name: string; readonly arn: string }[];
  readonly busPolicies: readonly { readonly bus: string; readonly statement: unknown }[];
  readonly rules: readonly Rule[];
  readonly functions: readonly Function[];
  readonly mappings: readonly {
    readonly queueArn: string;
    readonly functionName: string;
    readonly batchSize: number;
    readonly concurrency: number;
    readonly partialFailures: boolean;
  }[];
  readonly schedules: readonly {
    readonly name: string;
    readonly expression: string;
    readonly functionArn: string;
  }[];
  readonly roles: readonly {
    readonly arn: string;
    readonly name: string;
    readonly trust: unknown;
    readonly policies: readonly unknown[];
  }[];
}

export interface Table {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Rule {
  readonly bus: string;
  readonly pattern: unknown;
  readonly targets: readonly { readonly arn: string; readonly deadLetterArn?: string | undefined }[];
}

export interface Function {
  readonly name: string;
  readonly arn: string;
  readonly folder: string;
  readonly handler: string;
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
}

/** Resource types that mean nothing on one machine: logs are lines, alarms watch AWS's metrics and tell a topic, queues are reached by IAM alone. */
const ignored: ReadonlySet<string> = new Set([
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::SNS::Topic",
  "AWS::SNS::TopicPolicy",
  "AWS::Logs::LogGroup",
  "AWS::Events::Archive",
  "AWS::SQS::QueuePolicy",
  "AWS::CDK::Metadata",
]);

const known: ReadonlySet<string> = new Set([
  "AWS::DynamoDB::Table",
  "AWS::SQS::Queue",
  "AWS::IAM::Role",
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::Policy",
  "AWS::Lambda::Function",
  "AWS::Lambda::EventSourceMapping",
  "AWS::Events::EventBus",
  "AWS::Events::EventBusPolicy",
  "AWS::Events::Rule",
  "AWS::Scheduler::Schedule",
]);

/** Reads a synthesised template. `assembly` is the folder that its assets lie in. Throws for a resource that it does not understand. */
export function readTemplate(template: Template, place: Place, assembly: string): System {
  for (const [id, { Type }] of Object.entries(template.Resources)) {
    if (!known.has(Type) && !ignored.has(Type))
      throw new Error(`the local system has no ${Type} (${id} of the template)`);
  }
  const resolver = createResolver(template, place);
  const all = (type: string) =>
    Object.entries(template.Resources).flatMap(([id, resource]) =>
      resource.Type === type
        ? [
            {
              id,
              properties: record(resolver.resolve(resource.Properties ?? {})),
              metadata: resource.Metadata ?? {},
            },
          ]
        : [],
    );
  const policies = [...all("AWS::IAM::ManagedPolicy"), ...all("AWS::IAM::Policy")].map(({ properties }) =>
    policySchema.parse(properties),
  );
  return {
    tables: all("AWS::DynamoDB::Table").map(({ id, properties }) => ({ name: resolver.ref(id), properties })),
    queues: all("AWS::SQS::Queue").map(({ id, properties }) => ({
      name: queueName(resolver.ref(id)),
      arn: resolver.arn(id),
      attributes: queueAttributes(properties),
    })),
    buses: all("AWS::Events::EventBus").map(({ id }) => ({ name: resolver.ref(id), arn: resolver.arn(id) })),
    busPolicies: all("AWS::Events::EventBusPolicy").map(({ properties }) => ({
      bus: String(properties["EventBusName"]),
      statement: properties["Statement"],
    })),
    rules: all("AWS::Events::Rule").map(({ properties }) => ruleOf(properties)),
    functions: all("AWS::Lambda::Function").map(({ id, properties, metadata }) =>
      functionOf(
        resolver.ref(id),
        resolver.arn(id),
        properties,
        join(assembly, String(metadata["aws:asset:path"])),
      ),
    ),
    mappings: all("AWS::Lambda::EventSourceMapping").map(({ properties }) => mappingOf(properties)),
    schedules: all("AWS::Scheduler::Schedule").map(({ properties }) => {
      const one = z
        .object({ Name: z.string(), ScheduleExpression: z.string(), Target: z.object({ Arn: z.string() }) })
        .parse(properties);
      return { name: one.Name, expression: one.ScheduleExpression, functionArn: one.Target.Arn };
    }),
    roles: all("AWS::IAM::Role").map(({ id, properties }) => ({
      arn: resolver.arn(id),
      name: resolver.ref(id),
      trust: properties["AssumeRolePolicyDocument"],
      policies: policies
        .filter((policy) => policy.Roles.includes(resolver.ref(id)))
        .map((policy) => policy.PolicyDocument),
    })),
  };
}

const policySchema = z.object({ PolicyDocument: z.unknown(), Roles: z.array(z.string()).default([]) });
const record = (value: unknown): Readonly<Record<string, unknown>> =>
  z.record(z.string(), z.unknown()).parse(value);
const queueName = (url: string): string => url.slice(url.lastIndexOf("/") + 1);

function queueAttributes(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = {};
  for (const name of ["VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds"]) {
    const value = z.coerce.string().optional().parse(properties[name]);
    if (value !== undefined) attributes[name] = value;
  }
  if (properties["RedrivePolicy"] !== undefined)
    attributes["RedrivePolicy"] = JSON.stringify(properties["RedrivePolicy"]);
  return attributes;
}

function ruleOf(properties: Readonly<Record<string, unknown>>): Rule {
  const target = z.object({ Arn: z.string(), DeadLetterConfig: z.object({ Arn: z.string() }).optional() });
  const one = z
    .object({
      EventBusName: z.string().default("default"),
      EventPattern: z.unknown(),
      State: z.literal("ENABLED"),
      Targets: z.array(target),
    })
    .parse(properties);
  return {
    bus: one.EventBusName,
    pattern: one.EventPattern,
    targets: one.Targets.map(({ Arn, DeadLetterConfig }) => ({
      arn: Arn,
      deadLetterArn: DeadLetterConfig?.Arn,
    })),
  };
}

function functionOf(
  name: string,
  arn: string,
  properties: Readonly<Record<string, unknown>>,
  folder: string,
): Function {
  const one = z
    .object({
      Handler: z.string(),
      Timeout: z.number(),
      Role: z.string(),
      Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
    })
    .parse(properties);
  return {
    name,
    arn,
    folder,
    handler: one.Handler,
    timeoutMs: one.Timeout * 1000,
    environment: one.Environment.Variables,
    roleArn: one.Role,
  };
}

function mappingOf(properties: Readonly<Record<string, unknown>>): System["mappings"][number] {
  const one = z
    .object({
      EventSourceArn: z.string(),
      FunctionName: z.string(),
      BatchSize: z.number().default(10),
      ScalingConfig: z.object({ MaximumConcurrency: z.number() }).default({ MaximumConcurrency: 10 }),
      FunctionResponseTypes: z.array(z.string()).default([]),
    })
    .parse(properties);
  return {
    queueArn: one.EventSourceArn,
    functionName: one.FunctionName,
    batchSize: one.BatchSize,
    concurrency: one.ScalingConfig.MaximumConcurrency,
    partialFailures: one.FunctionResponseTypes.includes("ReportBatchItemFailures"),
  };
}
