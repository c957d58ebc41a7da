import { readFileSync } from "node:fs";
import { z } from "zod";
import { clusterName } from "../../functions/model/ids.ts";
import { forwarderRole, type ClusterIdentity } from "./roles.ts";

const cluster = z.strictObject({
  name: z.string().superRefine((text, context) => {
    try {
      clusterName(text);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      context.addIssue(error.message);
    }
  }),
  account: z
    .string()
    .regex(/^\d{12}$/, "must be the twelve digits of an account")
    .optional(),
  forwarderRoleArn: z
    .string()
    .regex(/^arn:[a-z-]+:iam::\d{12}:role\/\S+$/, "must be the ARN of a role")
    .optional(),
});

const fields = z.strictObject({
  installation: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, "must be up to 40 lower-case letters, digits and dashes after a letter")
    .default("espalier"),
  propagationGraceSeconds: z.int().min(0).max(900).default(60),
  latticeCallsPerSecond: z.number().positive().default(20),
  clusters: z.array(cluster).default([{ name: "east" }, { name: "west" }]),
});

const settings = fields.superRefine(({ installation, clusters }, context) => {
  for (const [at, one] of clusters.entries()) {
    const message = problemOf(one, clusters.slice(0, at), installation);
    if (message !== undefined) context.addIssue({ code: "custom", path: ["clusters", at], message });
  }
});

/** What is wrong with a cluster besides the form of its fields, or undefined. */
function problemOf(
  { name, account, forwarderRoleArn }: ClusterIdentity,
  before: readonly ClusterIdentity[],
  installation: string,
): string | undefined {
  if (before.some((one) => one.name === name))
    return `a second cluster ${name}: the source of events is the name, in whichever account`;
  const role = forwarderRole(installation, name);
  if (forwarderRoleArn === undefined)
    return role.length > 64 ? `the name of its role, ${role}, has more than 64 characters` : undefined;
  if (account === undefined || forwarderRoleArn.split(":")[4] !== account)
    return "forwarderRoleArn is for a role of another account, which account must name";
  // The bus admits each role of such a name with every source: its own policy must be ours.
  const ours = forwarderRole(installation, "");
  return forwarderRoleArn.includes(`:role/${ours}`)
    ? `forwarderRoleArn must not begin with ${ours}: that is for roles of our template`
    : undefined;
}

/** What an installation is made with. */
export type Settings = z.infer<typeof settings>;

/** A file of settings that cannot be used, in words for whoever wrote it. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** Reads a file of settings; without one everything has its default. Throws SettingsError. */
export function readSettings(file: string | undefined): Settings {
  if (file === undefined) return settings.parse({});
  const parsed = settings.safeParse(jsonOf(file));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${placeOf(issue.path)}${wordsOf(issue)}`);
  throw new SettingsError(`settings of ${file}: ${problems.join("; ")}`);
}

function jsonOf(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new SettingsError(`there is no file of settings that can be read at ${file}`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SettingsError(`settings of ${file}: no JSON: ${String(error)}`, { cause: error });
  }
}

const placeOf = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? "" : `${path.map(String).join(".")}: `;

/** Whoever wrote a key that there is not must know which there are. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== "unrecognized_keys") return issue.message;
  const known = Object.keys((issue.path.length === 0 ? fields : cluster).shape);
  return `there is no ${issue.keys.join(", ")} (keys: ${known.join(", ")})`;
}
