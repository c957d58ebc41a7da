import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { commands } from "../../../functions/apply/operations.sdk.ts";
import { configNames } from "../../../functions/runtime/config.ts";
import { times } from "../../../functions/model/limits.ts";
import { bundleAll, entries } from "../../../infra/aws/bundle.ts";
import { latticeActions } from "../../../infra/aws/reconcile.ts";
import { synthesise, type Template } from "../../../infra/aws/synth.ts";
import { bundleOnce } from "../../support/assembly.ts";

const root = new URL("../../../", import.meta.url).pathname;
const statement = z.looseObject({
  Effect: z.enum(["Allow", "Deny"]),
  Action: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
  Resource: z.union([z.array(z.unknown()), z.unknown().transform((one) => [one])]),
});
const policy = z.looseObject({ PolicyDocument: z.looseObject({ Statement: z.array(statement) }) });

/** What an operator relies on, as rules over all resources of the template. */
describe("the template", () => {
  const out = mkdtempSync(join(tmpdir(), "espalier-synth-"));
  let template: Template;
  const synth = (validated: boolean, bundle = bundleAll) => {
    const clusters = [
      { name: "east" },
      { name: "far", account: "444455556666", forwarderRoleArn: "arn:aws:iam::444455556666:role/f" },
      { name: "out", account: "444455556666" },
    ];
    const settings = { clusters, propagationGraceSeconds: 60, latticeCallsPerSecond: 12.5 };
    return synthesise({ root, out, installation: "espalier", ...settings, validated }, bundle);
  };
  beforeAll(async () => {
    template = (await synth(true, bundleOnce)).template;
  }, 60_000);
  afterAll(() => rmSync(out, { recursive: true, force: true }));

  const all = (type: string): readonly (readonly [string, Readonly<Record<string, unknown>>])[] =>
    Object.entries(template.Resources).flatMap(([id, one]) =>
      one.Type === type ? [[id, one.Properties ?? {}] as const] : [],
    );
  const idOf = (reference: unknown): string =>
    /"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/.exec(JSON.stringify(reference))?.[1] ?? "";
  const statements = () =>
    ["AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"].flatMap((type) =>
      all(type).flatMap(([id, one]) =>
        policy.parse(one).PolicyDocument.Statement.map((each) => ({ id, ...each })),
      ),
    );

  test("is the same each time", async () => {
    const again = (await synth(false)).template;
    expect(again).toEqual(template);
  }, 60_000);

  test("runs every function on what Lambda has, in a role of its own, with its own log that does not grow for ever", () => {
    const functions = all("AWS::Lambda::Function");
    expect(functions.map(([, one]) => String(one["FunctionName"])).toSorted()).toEqual(
      Object.keys(entries)
        .map((name) => `espalier-${name}`)
        .toSorted(),
    );
    for (const [, one] of functions)
      expect(one).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        LoggingConfig: { LogFormat: "JSON" },
      });
    expect(new Set(functions.map(([, one]) => idOf(one["Role"]))).size).toBe(functions.length);
    for (const [, log] of all("AWS::Logs::LogGroup")) expect(log["RetentionInDays"]).toBe(30);
    expect(all("AWS::Logs::LogGroup")).toHaveLength(functions.length);
  });

  test("gives functions only variables that they know", () => {
    const known = new Set([
      ...configNames,
      "POWERTOOLS_SERVICE_NAME",
      "POWERTOOLS_METRICS_NAMESPACE",
      "LOG_LEVEL",
    ]);
    for (const [, one] of all("AWS::Lambda::Function")) {
      const { Variables } = z
        .object({ Variables: z.record(z.string(), z.unknown()) })
        .parse(one["Environment"]);
      expect(Object.keys(Variables).filter((name) => !known.has(name))).toEqual([]);
    }
  });

  test("has a dead-letter queue behind each queue, an alarm on each of them, and a section of the runbook for each alarm", () => {
    const queues = all("AWS::SQS::Queue");
    const dead = new Set(
      queues.flatMap(([, one]) => (one["RedrivePolicy"] === undefined ? [] : [idOf(one["RedrivePolicy"])])),
    );
    const withoutRedrive = queues.filter(([, one]) => one["RedrivePolicy"] === undefined).map(([id]) => id);
    // What no queue fails into is what a rule or a schedule fails into.
    const fed = JSON.stringify([...all("AWS::Events::Rule"), ...all("AWS::Scheduler::Schedule")]);
    for (const id of withoutRedrive) expect(dead.has(id) || fed.includes(id), id).toBe(true);
    const alarms = all("AWS::CloudWatch::Alarm").map(([, one]) => JSON.stringify(one));
    for (const id of withoutRedrive)
      expect(
        alarms.some((text) => text.includes(id)),
        id,
      ).toBe(true);
    const runbook = readFileSync(`${root}infra/aws/runbook.md`, "utf8");
    for (const text of alarms) {
      const section = /runbook\.md#([a-z-]+)/.exec(text)?.[1];
      expect(section, text.slice(0, 120)).toBeDefined();
      expect(runbook).toContain(`\n## ${section}\n`);
    }
  });

  test("tells one topic of every alarm, which alarms of this account alone may publish to", () => {
    const [[topic, its] = ["", {}], ...others] = all("AWS::SNS::Topic");
    expect(others).toEqual([]);
    // An alarm cannot use the key that AWS manages for topics.
    expect(its).toEqual({ TopicName: "espalier-alarms" });
    const alarms = all("AWS::CloudWatch::Alarm");
    expect(alarms.length).toBeGreaterThan(20);
    for (const [id, one] of alarms) expect(one["AlarmActions"], id).toEqual([{ Ref: topic }]);
    const [policies, ...rest] = all("AWS::SNS::TopicPolicy").map(([, one]) => policy.parse(one));
    expect(rest).toEqual([]);
    expect(policies?.PolicyDocument.Statement).toMatchObject([
      {
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: ["sns:Publish"],
        Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
      },
    ]);
  });

  test("gives reconcile the rate of the settings, and no other function one", () => {
    const rates = all("AWS::Lambda::Function").flatMap(([, one]) => {
      const { Variables } = z.object({ Variables: z.looseObject({}) }).parse(one["Environment"]);
      return "LATTICE_CALLS_PER_SECOND" in Variables
        ? [[one["FunctionName"], Variables["LATTICE_CALLS_PER_SECOND"]]]
        : [];
    });
    expect(rates).toEqual([["espalier-reconcile", "12.5"]]);
  });

  test("hides a message for longer than its function may take, and reports each message of a batch by itself", () => {
    const functions = new Map(all("AWS::Lambda::Function"));
    const queues = new Map(all("AWS::SQS::Queue"));
    const mappings = all("AWS::Lambda::EventSourceMapping");
    expect(mappings.length).toBeGreaterThanOrEqual(6);
    for (const [id, one] of mappings) {
      expect(one["FunctionResponseTypes"], id).toEqual(["ReportBatchItemFailures"]);
      const timeout = Number(functions.get(idOf(one["FunctionName"]))?.["Timeout"]);
      const hidden = Number(queues.get(idOf(one["EventSourceArn"]))?.["VisibilityTimeout"]);
      expect(hidden, id).toBeGreaterThan(timeout);
    }
    const lane = queues.get(
      [...queues.keys()].find((id) => id.startsWith("Lanestargets") && !id.includes("Dead")) ?? "",
    );
    expect(lane?.["VisibilityTimeout"]).toBe(times.workHidden / 1000);
  });

  test("keeps its table when the stack goes, with recovery to any point in time", () => {
    const [[id, table] = ["", {}]] = all("AWS::DynamoDB::Table");
    expect(table).toMatchObject({
      BillingMode: "PAY_PER_REQUEST",
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
    });
    expect(template.Resources[id]).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
  });

  test("admits forwarders of another account by its policy, those of its own by their roles' (bus.test.ts says with what)", () => {
    const admitted = all("AWS::Events::EventBusPolicy").map(([, one]) => one);
    expect(admitted.map((one) => one["StatementId"])).toEqual(["our_forwarders", "far"]);
    expect(JSON.stringify(admitted)).toContain(":iam::444455556666:root");
    expect(JSON.stringify(admitted)).toContain("arn:aws:iam::444455556666:role/f");
    const east = statements().filter((one) => one.id.includes("Forwardereast"));
    expect(east).toMatchObject([
      { Action: ["events:PutEvents"], Condition: { StringEquals: { "events:source": "espalier.east" } } },
    ]);
    expect(all("AWS::Events::Archive")[0]?.[1]).toMatchObject({ RetentionDays: 14 });
  });

  test("allows no action by a pattern, and all resources only where AWS knows no narrower one", () => {
    for (const { id, Action, Resource } of statements()) {
      expect(
        Action.filter((one) => one.includes("*")),
        id,
      ).toEqual([]);
      // Lattice names what does not exist yet, and lists and descriptions know no resource; CloudWatch metrics go through the log.
      if (Resource.includes("*"))
        expect(
          Action.every((one) => /^(vpc-lattice:|acm:ListCertificates$|ec2:Describe)/.test(one)),
          id,
        ).toBe(true);
    }
  });

  test("allows reconcile every operation of Lattice that its code calls, and none that it does not", () => {
    // BatchUpdateRule is authorised as UpdateRule, and tags of a create as TagResource (VPC Lattice, actions and permissions).
    const called = new Set(
      Object.keys(commands).map((one) => (one === "BatchUpdateRule" ? "UpdateRule" : one)),
    );
    expect(new Set(latticeActions)).toEqual(new Set([...called, "TagResource"]));
    const allowed = statements().flatMap((one) =>
      one.Action.filter((action) => action.startsWith("vpc-lattice:")),
    );
    expect(allowed.toSorted()).toEqual(latticeActions.map((one) => `vpc-lattice:${one}`).toSorted());
  });

  test("hears on the account's default bus what ACM says, and lets one function alone ask ACM", () => {
    const rules = all("AWS::Events::Rule").filter(([, one]) => one["EventBusName"] === undefined);
    expect(rules.map(([, one]) => one["EventPattern"])).toEqual([
      {
        source: ["aws.acm"],
        "detail-type": [
          "ACM Certificate Available",
          "ACM Certificate Approaching Expiration",
          "ACM Certificate Expired",
          "ACM Certificate Revoked",
          "ACM Certificate Renewal Action Required",
        ],
      },
    ]);
    const [target] = z.array(z.looseObject({})).parse(rules[0]?.[1]["Targets"]);
    const mapping = all("AWS::Lambda::EventSourceMapping").find(([, one]) =>
      idOf(one["FunctionName"]).startsWith("Certificates"),
    );
    expect(idOf(target?.["Arn"])).toBe(idOf(mapping?.[1]["EventSourceArn"]));
    expect(idOf(target?.["DeadLetterConfig"])).toMatch(/DeadLetters/);
    const asking = statements().filter((one) => one.Action.some((action) => action.startsWith("acm:")));
    expect(asking.map((one) => one.Action)).toEqual([["acm:ListCertificates"], ["acm:DescribeCertificate"]]);
    for (const { id } of asking) expect(id).toMatch(/^Certificates/);
  });

  test("looks each minute for what is due", () => {
    expect(all("AWS::Scheduler::Schedule").map(([, one]) => one["ScheduleExpression"])).toEqual([
      "rate(1 minute)",
    ]);
  });

  test("has a dashboard", () => {
    expect(all("AWS::CloudWatch::Dashboard")).toHaveLength(1);
  });
});
