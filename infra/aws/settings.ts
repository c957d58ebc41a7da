import { readFileSync } from "node:fs";
import { z } from "zod";

const cluster = z.strictObject({
  name: z.string(),
  account: z
    .string()
    .regex(/^\d{12}$/, "must be the twelve digits of an account")
    .optional(),
  forwarderRoleArn: z.string().optional(),
});

const settings = z.strictObject({
  installation: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, "must be up to 40 lower-case letters, digits and dashes after a letter")
    .default("espalier"),
  propagationGraceSeconds: z.int().min(0).max(900).default(60),
  latticeCallsPerSecond: z.number().positive().default(20),
  clusters: z.array(cluster).default([{ name: "east" }, { name: "west" }]),
});

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
  const known = Object.keys((issue.path.length === 0 ? settings : cluster).shape);
  return `there is no ${issue.keys.join(", ")} (keys: ${known.join(", ")})`;
}
