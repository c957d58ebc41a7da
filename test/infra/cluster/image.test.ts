import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { parseAllDocuments } from "yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { imageFolder } from "../../../infra/aws/bundle.ts";
import { readSettings } from "../../../infra/aws/settings.ts";
import { graceSeconds } from "../../../infra/local/place.ts";
import { synthesiseOnce } from "../../support/assembly.ts";

const root = new URL("../../../", import.meta.url).pathname;
const deployment = z
  .looseObject({
    spec: z.looseObject({
      template: z.looseObject({
        spec: z.looseObject({
          securityContext: z.looseObject({ runAsUser: z.number(), runAsGroup: z.number() }),
          containers: z.array(z.looseObject({ image: z.string() })).length(1),
        }),
      }),
    }),
  })
  .parse(
    parseAllDocuments(readFileSync(`${root}infra/cluster/forwarder.yaml`, "utf8"))
      .map((one) => z.looseObject({ kind: z.string() }).parse(one.toJS()))
      .find((one) => one.kind === "Deployment"),
  ).spec.template.spec;

/** The image of the forwarder as far as it can be tried without a builder: every line of its Dockerfile is followed by hand. */
describe("the forwarder's image", () => {
  const disk = mkdtempSync(join(tmpdir(), "espalier-image-"));
  let context: string;
  let lines: readonly (readonly [string, string])[];
  /** What the only line of a kind says. */
  const said = (instruction: string): string => {
    const found = lines.filter(([one]) => one === instruction);
    expect(found, instruction).toHaveLength(1);
    return found[0]?.[1] ?? "";
  };

  beforeAll(async () => {
    // As the local stack has it: then it is made once.
    const { file } = await synthesiseOnce({
      ...readSettings(undefined),
      root,
      out: join(disk, "cdk.out"),
      propagationGraceSeconds: graceSeconds,
      validated: false,
    });
    context = imageFolder(dirname(file));
    lines = readFileSync(join(context, "Dockerfile"), "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]);
  }, 60_000);
  afterAll(() => rmSync(disk, { recursive: true, force: true }));

  test("starts with nothing but what is copied into it, on the Node that it is from", async () => {
    expect(said("FROM")).toContain(`nodejs${process.versions.node.split(".")[0]}-`);
    const [owner, source = "", target = ""] = said("COPY").split(" ");
    expect(owner).toBe(`--chown=${said("USER")}`);
    copyFileSync(join(context, source), join(disk, basename(source)));
    const [node, program, ...rest] = z.array(z.string()).parse(JSON.parse(said("ENTRYPOINT")));
    expect([node, program, ...rest]).toEqual(["/nodejs/bin/node", `${target}${source}`]);
    const started = spawn(process.execPath, [join(disk, basename(program ?? ""))], { cwd: disk, env: {} });
    const [out, [status]] = await Promise.all([text(started.stdout), once(started, "exit")]);
    expect(out).toContain("CLUSTER_NAME is not set: the name under which this cluster is registered");
    expect(status).toBe(2);
  });

  test("runs as the user of the Deployment, which says no other command", () => {
    const { runAsUser, runAsGroup } = deployment.securityContext;
    expect(said("USER")).toBe(`${runAsUser}:${runAsGroup}`);
    expect(deployment.containers[0]).toMatchObject({ image: "espalier-forwarder" });
    expect(Object.keys(deployment.containers[0] ?? {})).not.toContain("command");
    expect(Object.keys(deployment.containers[0] ?? {})).not.toContain("args");
  });
});
