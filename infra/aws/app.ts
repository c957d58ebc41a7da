import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { z } from "zod";
import { synthesise } from "./synth.ts";

const root = new URL("../..", import.meta.url).pathname;

const settings = z
  .strictObject({
    installation: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/)
      .default("espalier"),
    propagationGraceSeconds: z.int().min(0).max(900).default(60),
    clusters: z
      .array(
        z.strictObject({
          name: z.string(),
          account: z.string().optional(),
          forwarderRoleArn: z.string().optional(),
        }),
      )
      .default([{ name: "east" }, { name: "west" }]),
  })
  .parse(
    process.env["ESPALIER_SETTINGS"] === undefined
      ? {}
      : JSON.parse(readFileSync(process.env["ESPALIER_SETTINGS"], "utf8")),
  );

const { template, file } = await synthesise({ root, out: `${root}cdk.out`, ...settings });
const count = Object.keys(template.Resources).length;
process.stdout.write(
  `${relative(process.cwd(), file)}: ${count} resources, installation ${settings.installation}, clusters ${settings.clusters.map((one) => one.name).join(", ")}\n`,
);
