import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
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
/** What stands after an option of a command. */
const optionOf = (name: string): string => new RegExp(`--${name} (\\S+)`).exec(shell)?.[1] ?? "";

const objectsOf = (file: string): readonly unknown[] =>
  parseAllDocuments(readFileSync(`${root}infra/cluster/${file}.yaml`, "utf8")).map((one) => one.toJS());
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
    const roles = z.looseObject({ lattice: z.string() }).parse(JSON.parse(`{${blockWith('"roles"')}}`).roles);
    const registration = JSON.parse(blockWith('{ "register"'));
    expect(request.parse({ register: { ...registration.register, roles } })).toMatchObject({
      register: { cluster: "east", roles },
    });
    expect(request.parse(JSON.parse(blockWith('{ "setQuotas"')))).toHaveProperty("setQuotas");
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
      .parse(parse(blockWith("# east/kustomization.yaml").split("\nkubectl")[0] ?? ""));
    const { patch } = overlay.patches[0];
    const ours = configMap.parse(forwarder.find((one) => configMap.safeParse(one).success));
    expect({ ...patch, data: Object.keys(patch.data) }).toEqual({ ...ours, data: Object.keys(ours.data) });
    expect(JSON.stringify(forwarder)).toContain(`"image":"${overlay.images[0].name}"`);
  });
});
