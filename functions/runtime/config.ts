import { z } from "zod";

const url = z.url();
const schema = z.object({
  TABLE_NAME: z.string().min(1),
  QUEUE_VERDICTS_URL: url.optional(),
  QUEUE_TARGETS_URL: url.optional(),
  QUEUE_CONFIG_URL: url.optional(),
  QUEUE_DRIFT_URL: url.optional(),
  QUEUE_STATUS_URL: url.optional(),
  QUEUE_CERTIFICATES_URL: url.optional(),
  INSTALLATION: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default("espalier"),
  AWS_REGION: z.string().min(1),
  PROPAGATION_GRACE_SECONDS: z.coerce.number().int().min(0).max(900).default(60),
  VISIT_MINUTES: z.coerce.number().int().min(1).max(1440).default(30),
  LATTICE_CALLS_PER_SECOND: z.coerce.number().positive().default(20),
  LATTICE_BURST: z.coerce.number().int().min(20).default(200),
});

/** What a function is told by its environment; the names are those that the CDK app sets. */
export type Config = z.infer<typeof schema>;

/** Reads the environment, once. Throws one error that names every mistake in it. */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`the environment of this function is not right:\n  ${mistakes.join("\n  ")}`);
}

/** Every variable that a function may be given by the template. */
export const configNames: readonly string[] = Object.keys(schema.shape).filter(
  (name) => name !== "AWS_REGION",
);
