import type { Template } from "../../aws/synth.ts";

/** The account and region that a template is deployed to, and where its queues are reached. */
export interface Place {
  readonly account: string;
  readonly region: string;
  /** Without a slash at the end. */
  readonly queueEndpoint: string;
  /** What the template's parameters are set to. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** Resolves what a template refers to (CloudFormation user guide, "Intrinsic function reference"), as far as our templates use it. */
export interface Resolver {
  resolve(value: unknown): unknown;
  /** What `Ref` answers for a resource. */
  ref(id: string): string;
  arn(id: string): string;
}

export function createResolver(template: Template, place: Place): Resolver {
  const { account, region } = place;
  const properties = (id: string): Readonly<Record<string, unknown>> => {
    const found = template.Resources[id];
    if (found === undefined) throw new Error(`the template refers to ${id}, which it does not have`);
    return found.Properties ?? {};
  };
  const named = (id: string, property: string): string => {
    const name = properties(id)[property];
    return typeof name === "string" ? name : id;
  };

  function ref(id: string): string {
    const type = template.Resources[id]?.Type;
    switch (type) {
      case "AWS::SQS::Queue":
        return `${place.queueEndpoint}/${account}/${named(id, "QueueName")}`;
      case "AWS::DynamoDB::Table":
        return named(id, "TableName");
      case "AWS::Lambda::Function":
        return named(id, "FunctionName");
      case "AWS::Events::EventBus":
        return named(id, "Name");
      case "AWS::IAM::Role":
        return named(id, "RoleName");
      case "AWS::Logs::LogGroup":
        return named(id, "LogGroupName");
      default:
        throw new Error(`the local system cannot resolve a Ref to ${id} (${String(type)})`);
    }
  }

  function arn(id: string): string {
    const type = template.Resources[id]?.Type;
    const at = `${region}:${account}`;
    switch (type) {
      case "AWS::SQS::Queue":
        return `arn:aws:sqs:${at}:${named(id, "QueueName")}`;
      case "AWS::DynamoDB::Table":
        return `arn:aws:dynamodb:${at}:table/${ref(id)}`;
      case "AWS::Lambda::Function":
        return `arn:aws:lambda:${at}:function:${ref(id)}`;
      case "AWS::Events::EventBus":
        return `arn:aws:events:${at}:event-bus/${ref(id)}`;
      case "AWS::IAM::Role":
        return `arn:aws:iam::${account}:role/${ref(id)}`;
      case "AWS::Logs::LogGroup":
        return `arn:aws:logs:${at}:log-group:${ref(id)}:*`;
      case "AWS::Events::Rule":
        return `arn:aws:events:${at}:rule/${id}`;
      default:
        throw new Error(`the local system knows no ARN of ${id} (${String(type)})`);
    }
  }

  /** An argument that has several parts. */
  function listOf(value: unknown): readonly unknown[] {
    if (!Array.isArray(value)) throw new Error(`the local system cannot resolve ${JSON.stringify(value)}`);
    return value;
  }

  const pseudo: Readonly<Record<string, string>> = {
    "AWS::AccountId": account,
    "AWS::Region": region,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "local",
  };

  function call(name: string, argument: unknown): unknown {
    switch (name) {
      case "Ref":
        return pseudo[String(argument)] ?? place.parameters?.[String(argument)] ?? ref(String(argument));
      case "Fn::GetAtt": {
        const [id, attribute] = Array.isArray(argument) ? argument.map(String) : String(argument).split(".");
        if (id === undefined || attribute !== "Arn")
          throw new Error(`the local system cannot resolve GetAtt ${JSON.stringify(argument)}`);
        return arn(id);
      }
      case "Fn::Join": {
        const [separator, parts] = argument as [string, unknown[]];
        return parts.map((part) => String(resolve(part))).join(separator);
      }
      case "Fn::Split": {
        const [separator, text] = listOf(argument);
        return String(resolve(text)).split(String(separator));
      }
      case "Fn::Select": {
        const [index, list] = listOf(argument);
        return listOf(resolve(list))[Number(index)];
      }
      case "Fn::Sub":
        return String(Array.isArray(argument) ? argument[0] : argument).replaceAll(
          /\$\{([^}]+)\}/g,
          (_, id: string) => String(call("Ref", id)),
        );
      default:
        throw new Error(`the local system cannot resolve ${name}`);
    }
  }

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (entries.length === 1 && only !== undefined && (only[0] === "Ref" || only[0].startsWith("Fn::")))
      return call(only[0], only[1]);
    return Object.fromEntries(entries.map(([key, one]) => [key, resolve(one)]));
  }

  return { resolve, ref, arn };
}
