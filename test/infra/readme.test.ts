import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { networkNameRule } from "../../functions/model/cluster.ts";
import { defaultQuotas, quotaNames } from "../../functions/model/limits.ts";
import { request } from "../../functions/desired/register.handler.ts";
import { readSettings } from "../../infra/aws/settings.ts";
import type { Template } from "../../infra/aws/synth.ts";
import { graceSeconds } from "../../infra/local/place.ts";
import { synthesiseOnce } from "../support/assembly.ts";

const root = new URL("../../", import.meta.url).pathname;
const section = /^## Install it$([^]*?)^## /m.exec(readFileSync(`${root}README.md`, "utf8"))?.[1] ?? "";
/** The blocks of code of the section, without their indentation. */
const blocks = [...section.matchAll(/(?:^ {4}.*\n)+/gm)].map(([text]) => text.replaceAll(/^ {4}/gm, ""));
const blockWith = (text: string): string => blocks.find((one) => one.startsWith(text)) ?? "";
const shell = blocks.join("");
const prose = section.replaceAll("`", "").replaceAll(/\s+/g, " ");
/** What stands after an option of a command. */
const optionOf = (name: string): string => new RegExp(`--${name} (\\S+)`).exec(shell)?.[1] ?? "";

const objectsOf = (file: string): readonly unknown[] =>
  parseAllDocuments(readFileSync(`${root}infra/cluster/${file}.yaml`, "utf8")).map((one) => one.toJS());
const clusterRole = z.object({
  kind: z.literal("ClusterRole"),
  metadata: z.object({ name: z.literal("espalier-forwarder") }),
  rules: z.array(z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()) })),
});
const jsonPatch = z.array(z.object({ op: z.string(), path: z.string(), value: z.string().optional() }));
const configMap = z.object({
  apiVersion: z.literal("v1"),
  kind: z.literal("ConfigMap"),
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  data: z.record(z.string(), z.string()),
});

/** Who installs follows the README to the letter, so what it names must be what is made. */
describe("the README's installation", () => {
  const disk = mkdtempSync(join(tmpdir(), "espalier-readme-"));
  const manifests = [...objectsOf("status-rbac"), ...objectsOf("forwarder-rbac")];
  const forwarder = objectsOf("forwarder");
  let template: Template;
  beforeAll(async () => {
    // As the local stack has it: then it is made once.
    ({ template } = await synthesiseOnce({
      ...readSettings(undefined),
      root,
      out: join(disk, "cdk.out"),
      propagationGraceSeconds: graceSeconds,
      validated: false,
    }));
  }, 60_000);
  afterAll(() => rmSync(disk, { recursive: true, force: true }));

  const named = (type: string, property: string): readonly unknown[] =>
    Object.values(template.Resources).flatMap((one) =>
      one.Type === type ? [one.Properties?.[property]] : [],
    );

  test("has settings that are read, with the defaults that it says", () => {
    const file = join(disk, "settings.json");
    writeFileSync(file, blockWith('{ "installation"'));
    const { clusters, ...rest } = readSettings(file);
    const { clusters: _, ...defaults } = readSettings(undefined);
    expect(rest).toEqual(defaults);
    expect(clusters).toEqual([{ name: "east" }, { name: "west", account: "444455556666" }]);
  });

  test("has requests that the register function takes", () => {
    expect(request.parse(JSON.parse(blockWith('{ "register": { "cluster": "east"')))).toMatchObject({
      register: { cluster: "east", account: "111122223333", roles: {} },
    });
    const role = "arn:aws:iam::444455556666:role/espalier-";
    expect(request.parse(JSON.parse(blockWith('{ "register": { "cluster": "west"')))).toMatchObject({
      register: {
        cluster: "west",
        account: "444455556666",
        roles: { lattice: `${role}writer`, eks: `${role}status` },
      },
    });
    expect(request.parse(JSON.parse(blockWith('{ "setQuotas"')))).toHaveProperty("setQuotas");
  });

  test("lists every key of quotas, with what counts without it, and the other name", () => {
    const listed = [...section.matchAll(/`([a-z]+[A-Z]\w+)` (\d+)/g)].map(([, key, value]) => [
      key,
      Number(value),
    ]);
    expect(listed).toEqual(Object.entries(defaultQuotas));
    const place = { account: "111122223333", region: "eu-central-1" };
    expect(request.parse({ setQuotas: { ...place, quotas: Object.fromEntries(listed) } })).toBeTruthy();
    for (const [name, key] of Object.entries(quotaNames))
      expect(name).toBe(key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
    expect(section).toContain("`rules-per-listener`");
  });

  test("says what name a Gateway must have", () => {
    expect(prose).toContain(`one that a service network can have: ${networkNameRule}.`);
  });

  test("says of every command of AWS whose account and region it is for", () => {
    const commands = shell.replaceAll("\\\n", "").split("\n");
    const aws = commands.filter((line) => /^(aws|npx aws-cdk@2) /.test(line));
    expect(aws.length).toBeGreaterThan(10);
    for (const line of aws) expect(line).toMatch(/ --profile (espalier|east|west) /);
    const profileOf = (text: string) =>
      / --profile (\w+)/.exec(aws.find((one) => one.includes(text)) ?? "")?.[1];
    expect(profileOf("lambda invoke")).toBe("espalier");
    expect(profileOf("espalier-444455556666.template.json")).toBe("west");
    expect(profileOf("create-access-entry --profile east --cluster-name east ")).toBe("east");
  });

  test("names the function, the topic and the roles as the template does", () => {
    expect(named("AWS::Lambda::Function", "FunctionName")).toContain(optionOf("function-name"));
    expect(named("AWS::SNS::Topic", "TopicName")).toContain(optionOf("topic-arn").split(":").at(-1));
    for (const option of ["principal-arn", "role-arn"])
      expect(named("AWS::IAM::Role", "RoleName"), option).toContain(optionOf(option).split("/").at(-1));
  });

  test("names group and service account as the manifests do", () => {
    expect(JSON.stringify(manifests)).toContain(`"kind":"Group","name":"${optionOf("kubernetes-groups")}"`);
    expect(manifests).toContainEqual({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: optionOf("service-account"), namespace: optionOf("namespace") },
    });
  });

  test("has an overlay that names the image and the settings of the forwarder as its manifests do", () => {
    const overlay = z
      .object({
        resources: z.tuple([z.literal("../infra/cluster")]),
        images: z.tuple([z.looseObject({ name: z.string() })]),
        patches: z.tuple([z.object({ patch: z.string().transform((text) => configMap.parse(parse(text))) })]),
      })
      .parse(parse(blockWith("# east/kustomization.yaml")));
    const { patch } = overlay.patches[0];
    const ours = configMap.parse(forwarder.find((one) => configMap.safeParse(one).success));
    expect({ ...patch, data: Object.keys(patch.data) }).toEqual({ ...ours, data: Object.keys(ours.data) });
    expect(JSON.stringify(forwarder)).toContain(`"image":"${overlay.images[0].name}"`);
  });

  test("has a patch that leaves the in-cluster controller its class", () => {
    const [{ patch } = { patch: "" }] = z
      .array(z.object({ patch: z.string() }))
      .parse(parse(blockWith("- patch:")));
    const { $patch, ...left } = z.looseObject({ $patch: z.string() }).parse(parse(patch));
    expect($patch).toBe("delete");
    expect(objectsOf("gatewayclass")).toContainEqual(expect.objectContaining(left));
    expect(section.indexOf(patch.trim().split("\n")[0] ?? "")).toBeGreaterThan(
      section.indexOf("delete -k east"),
    );
  });

  test("has, in the runbook, an overlay that takes the right to list ReferenceGrants, and no other, from the forwarder", () => {
    const runbook = readFileSync(`${root}infra/aws/runbook.md`, "utf8");
    const overlay = /^ {7}# east-planned[^]*?(?=^ {0,6}\S|^$)/m.exec(runbook)?.[0] ?? "";
    const { resources, patches } = z
      .object({
        resources: z.tuple([z.literal("../east")]),
        patches: z.tuple([
          z.object({
            target: z.object({ kind: z.string(), name: z.string() }),
            patch: z.string().transform((text) => jsonPatch.parse(parse(text))),
          }),
        ]),
      })
      .parse(parse(overlay));
    expect(resources).toEqual(["../east"]);
    const [{ target, patch }] = patches;
    const role = clusterRole.parse(manifests.find((one) => clusterRole.safeParse(one).success));
    expect(target).toEqual({ kind: role.kind, name: role.metadata.name });
    const at = role.rules[0]?.resources.indexOf("referencegrants");
    expect(patch).toEqual([
      { op: "test", path: `/rules/0/resources/${at}`, value: "referencegrants" },
      { op: "remove", path: `/rules/0/resources/${at}` },
    ]);
  });
});
