import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { Calls } from "./aws/calls.ts";
import { createQueues, createTable, startDynamo, startSqs } from "./aws/backends.ts";
import { serveAcm } from "./aws/acm.ts";
import { serveEvents, type BusEvent, type ServiceEvent } from "./aws/events.ts";
import type { Credentials, Iam } from "./aws/iam.ts";
import { schedule } from "./aws/identity.ts";
import { dynamoNeeds, enforce, sqsNeeds } from "./aws/proxy.ts";
import { accountTemplate, type Template } from "../aws/synth.ts";
import { mapEventSource } from "./lambda/eventsource.ts";
import { serveFunctions, type Functions } from "./lambda/functions.ts";
import type { Answer } from "./lambda/instance.ts";
import { readTemplate, type System } from "./lambda/template.ts";
import type { Replaceable } from "./options.ts";
import {
  account,
  credentialVariables,
  endpointVariables,
  installation,
  region,
  type Endpoints,
} from "./place.ts";
import type { Running } from "./running.ts";

/** Processes of one function at the same time: enough to see two workers meet, few enough for two cores. */
const processesPerFunction = 2;

/** What happens at the boundaries of the control plane, for whoever tells or judges it. */
export interface Witness {
  event(event: BusEvent): void;
  invoked(functionName: string, messages: number, answer: Answer, ms: number): void;
  log(functionName: string, line: string): void;
}

export interface ControlPlane {
  readonly endpoints: Endpoints;
  readonly system: System;
  readonly functions: Functions;
  /** Credentials of each role of the templates, by its ARN. */
  readonly roles: ReadonlyMap<string, Credentials>;
}

export interface ControlPlaneOptions {
  readonly template: Template;
  /** The folder that the template's assets lie in. */
  readonly assembly: string;
  /** Other accounts that have clusters: each has the roles of its own template. */
  readonly accounts: readonly string[];
  readonly iam: Iam;
  readonly calls: Calls;
  readonly replaced: Readonly<Partial<Record<Replaceable, string>>>;
  readonly servers: { readonly lattice: string; readonly eks: string; readonly sts: string };
  readonly running: Running;
  readonly witness: Witness;
}

/** Starts what a template describes, in the order in which its parts need each other. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { iam, running, witness } = options;
  const [dynamodb, sqs] = await Promise.all([database(options), queueServer(options)]);
  const place = { account, region, queueEndpoint: sqs.url };
  const system = readTemplate(options.template, place, options.assembly);
  await Promise.all([
    ...system.tables.map((table) => createTable(dynamodb.backend, table.properties)),
    createQueues(sqs.backend, system.queues),
  ]);
  const events = await bus(options, system, sqs.backend);
  const endpoints: Endpoints = {
    ...options.servers,
    dynamodb: dynamodb.url,
    sqs: sqs.url,
    events: events.url,
    acm: await certificateManager(options, events.tell),
  };
  const abroad = options.accounts.flatMap((other) => rolesOf(other, system, options));
  const roles = new Map([...system.roles, ...abroad].map((role) => [role.arn, iam.add(role)]));
  const functions = serveFunctions(
    system.functions.map((one) => ({
      ...one,
      environment: {
        ...one.environment,
        ...endpointVariables(endpoints),
        ...credentialVariables(credentialsOf(roles, one.roleArn)),
      },
    })),
    processesPerFunction,
    witness.log,
  );
  running.add("functions", () => functions.stop());
  for (const mapping of system.mappings) startMapping(mapping, system, roles, sqs.url, functions, options);
  for (const one of system.schedules)
    running.add(
      `schedule ${one.name}`,
      schedule(one.expression, () => void functions.invoke(lastPart(one.functionArn), {})),
    );
  return { endpoints, system, functions, roles };
}

/** The roles of another account, as its administrator deploys them. */
function rolesOf(other: string, { buses }: System, options: ControlPlaneOptions): System["roles"] {
  const template = accountTemplate(options.assembly, installation, other);
  const parameters = { BusArn: buses.map(({ arn }) => arn).join() };
  return readTemplate(template, { account: other, region, queueEndpoint: "", parameters }, options.assembly)
    .roles;
}

const lastPart = (arn: string): string => arn.slice(arn.search(/[^:/]*$/));

/** A server behind access control, and where it is reached without. */
interface Guarded {
  readonly url: string;
  readonly backend: string;
}

async function database({ iam, calls, replaced, running }: ControlPlaneOptions): Promise<Guarded> {
  if (replaced.dynamodb !== undefined) return { url: replaced.dynamodb, backend: replaced.dynamodb };
  const backend = await startDynamo();
  running.add("DynamoDB", () => backend.stop());
  const proxy = await enforce({ service: "dynamodb", backend: backend.url, iam, calls, needs: dynamoNeeds });
  running.add("DynamoDB access control", () => proxy.close());
  return { url: proxy.url, backend: backend.url };
}

async function queueServer({ iam, calls, replaced, running }: ControlPlaneOptions): Promise<Guarded> {
  if (replaced.sqs !== undefined) return { url: replaced.sqs, backend: replaced.sqs };
  const backend = await startSqs();
  running.add("SQS", () => backend.stop());
  const proxy = await enforce({ service: "sqs", backend: backend.url, iam, calls, needs: sqsNeeds });
  running.add("SQS access control", () => proxy.close());
  return { url: proxy.url, backend: backend.url };
}

type Tell = (event: ServiceEvent) => Promise<void>;

/** The bus, and how services tell it something. A bus elsewhere hears of its own services, not of ours. */
async function bus(
  options: ControlPlaneOptions,
  system: System,
  queues: string,
): Promise<{ readonly url: string; readonly tell: Tell }> {
  const { iam, calls, replaced, running, witness } = options;
  if (replaced.events !== undefined) return { url: replaced.events, tell: async () => undefined };
  const client = new SQSClient({
    region,
    endpoint: queues,
    credentials: { accessKeyId: "events", secretAccessKey: "events" },
  });
  const server = await serveEvents({
    iam,
    calls,
    account,
    region,
    now: Date.now,
    buses: system.buses,
    policies: system.busPolicies,
    rules: system.rules,
    seen: witness.event,
    deliver: async (queueArn, event) => {
      const QueueUrl = `${queues}/${account}/${lastPart(queueArn)}`;
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) }));
    },
  });
  running.add("EventBridge", () => server.close());
  return server;
}

async function certificateManager(
  { iam, calls, replaced, running }: ControlPlaneOptions,
  tell: Tell,
): Promise<string> {
  if (replaced.acm !== undefined) return replaced.acm;
  const server = await serveAcm({ iam, calls, now: Date.now, tell });
  running.add("ACM", () => server.close());
  return server.url;
}

function startMapping(
  mapping: System["mappings"][number],
  system: System,
  roles: ReadonlyMap<string, Credentials>,
  sqsUrl: string,
  functions: Functions,
  { running, witness }: ControlPlaneOptions,
): void {
  const role = system.functions.find((one) => one.name === mapping.functionName)?.roleArn ?? "";
  const client = new SQSClient({ region, endpoint: sqsUrl, credentials: { ...credentialsOf(roles, role) } });
  const stop = mapEventSource(
    client,
    { ...mapping, queueUrl: `${sqsUrl}/${account}/${lastPart(mapping.queueArn)}`, region },
    async (event, messages) => {
      const start = Date.now();
      const answer = await functions.invoke(mapping.functionName, event);
      witness.invoked(mapping.functionName, messages, answer, Date.now() - start);
      return answer;
    },
  );
  running.add(`mapping of ${lastPart(mapping.queueArn)}`, stop);
}

function credentialsOf(roles: ReadonlyMap<string, Credentials>, roleArn: string): Credentials {
  const found = roles.get(roleArn);
  if (found === undefined) throw new Error(`the template has no role ${roleArn}`);
  return found;
}
