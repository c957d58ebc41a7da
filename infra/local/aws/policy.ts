import { z } from "zod";

const oneOrMany = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value : [value]));
const values = z
  .union([z.string(), z.boolean(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value : [String(value)]));

const principal = z.union([
  z.literal("*").transform(() => ["*"]),
  z.strictObject({ AWS: oneOrMany }).transform((value) => value.AWS),
  z.strictObject({ Service: oneOrMany }).transform((value) => value.Service),
]);

/** A statement of an IAM policy, as far as our templates have them. An element that is not understood is an error, not a hole. */
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  /** Of a statement in a resource's policy: who it is about. */
  Principal: principal.optional(),
  Action: oneOrMany,
  Resource: oneOrMany.optional(),
  Condition: z
    .partialRecord(
      z.enum(["StringEquals", "StringLike", "ArnEquals", "ArnLike", "Bool"]),
      z.record(z.string(), values),
    )
    .optional(),
});

const document = z.looseObject({
  Statement: z
    .union([statement, z.array(statement)])
    .transform((value) => (Array.isArray(value) ? value : [value])),
});

export type Statement = z.infer<typeof statement>;

/** The statements of a policy document. Throws for one that holds what is not understood. */
export const statementsOf = (policy: unknown): readonly Statement[] => document.parse(policy).Statement;

export interface Request {
  /** The ARN of the role or user who asks. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the request, each with its values. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** What policies say of a request (IAM user guide, "Policy evaluation logic"): a denial wins, and nothing is allowed by silence. */
export function evaluate(
  statements: readonly Statement[],
  request: Request,
): "allowed" | "denied" | "silent" {
  const applying = statements.filter((one) => applies(one, request));
  if (applying.some((one) => one.Effect === "Deny")) return "denied";
  return applying.length > 0 ? "allowed" : "silent";
}

function applies(one: Statement, request: Request): boolean {
  const action = one.Action.some((pattern) => like(pattern.toLowerCase(), request.action.toLowerCase()));
  const resource =
    one.Resource === undefined || one.Resource.some((pattern) => like(pattern, request.resource));
  const who = one.Principal === undefined || one.Principal.some((pattern) => is(request.principal, pattern));
  return (
    action &&
    resource &&
    who &&
    Object.entries(one.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, request.context[key] ?? [], wanted)),
    )
  );
}

/** A principal is named by its ARN; `*` is everybody, and an account everybody in it (IAM user guide, "AWS JSON policy elements: Principal"). */
const is = (asking: string, named: string): boolean =>
  named === "*" ||
  named === asking ||
  (/^(arn:aws:iam::)?\d{12}(:root)?$/.test(named) && asking.split(":")[4] === named.replaceAll(/[^\d]/g, ""));

/** Every value of the request must be one of those wanted; a key that the request lacks does not hold. */
function holds(operator: string, has: readonly string[], wanted: readonly string[]): boolean {
  const exact = operator === "StringEquals" || operator === "Bool" || operator === "ArnEquals";
  return (
    has.length > 0 && has.every((value) => wanted.some((one) => (exact ? one === value : like(one, value))))
  );
}

/** Patterns stand in few policies and are held against every call. */
const expressions = new Map<string, RegExp>();

/** `*` stands for any characters, `?` for one. */
function like(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const expression = expressions.get(pattern) ?? expressionOf(pattern);
  expressions.set(pattern, expression);
  return expression.test(text);
}

function expressionOf(pattern: string): RegExp {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
}
