import { conflict, LatticeFault, notFound } from "./fault.ts";
import { quotaCodes, type ServiceQuotas, type Settings } from "./settings.ts";
import type { Living, State, TagMap } from "./state.ts";
import { statusOf } from "./state.ts";

export type Input = Readonly<Record<string, unknown>>;

/** What the handler of an operation works with. */
export interface Context {
  readonly state: State;
  readonly account: string;
  readonly region: string;
  readonly now: number;
  readonly settings: Settings;
  /** A new id with its prefix, such as `svc-0123...`. */
  readonly id: (prefix: string) => string;
  /** Whether the resource that is being made shall end in CREATE_FAILED. */
  readonly failing: boolean;
}

export type Handler = (context: Context, input: Input) => unknown;

const arnOf = (context: Context, resource: string): string =>
  `arn:aws:vpc-lattice:${context.region}:${context.account}:${resource}`;

/** What every resource has from its first moment. */
export function newborn(context: Context, id: string, resource: string, input: Input, ms: number) {
  return {
    id,
    arn: arnOf(context, resource),
    createdAt: context.now,
    updatedAt: context.now,
    readyAt: context.now + ms,
    tags: tagsOf(input),
    ...(context.failing ? { fails: true } : {}),
  };
}

const tagsOf = (input: Input): TagMap => (input["tags"] ?? {}) as TagMap;

/** A member of the input that the model requires, so that it is there once the input is valid. */
export const textOf = (input: Input, member: string): string => String(input[member]);

/** A resource by its id or ARN. Throws ResourceNotFoundException. */
export function find<T extends Living>(all: ReadonlyMap<string, T>, identifier: unknown, type: string): T {
  const text = String(identifier);
  const one = all.get(text.slice(text.lastIndexOf("/") + 1));
  if (one === undefined) throw notFound(text, type);
  return one;
}

/** Throws ConflictException unless a resource is there to be changed. */
export function mustBeActive(one: Living, type: string, context: Context): void {
  const status = statusOf(one, context.now);
  if (status !== "ACTIVE") throw conflict(`${type} ${one.id} is in status ${status}`, one.id, type);
}

/** Throws ServiceQuotaExceededException when one more would be too many. */
export function quota(context: Context, name: keyof ServiceQuotas, have: number, resourceType: string): void {
  const limit = context.settings.quotas[name];
  if (have < limit) return;
  throw new LatticeFault(
    "ServiceQuotaExceededException",
    `the quota of ${name.replaceAll("-", " ")} is ${limit}`,
    { resourceType, serviceCode: "vpc-lattice", quotaCode: quotaCodes[name] },
  );
}

/** A page of a list, in the order in which things were made. */
export function page(
  context: Context,
  input: Input,
  items: readonly unknown[],
): { readonly items: readonly unknown[]; readonly nextToken?: string } {
  const size = typeof input["maxResults"] === "number" ? input["maxResults"] : context.settings.pageSize;
  const token = input["nextToken"];
  const start = typeof token === "string" ? Number(Buffer.from(token, "base64url").toString()) : 0;
  const end = start + size;
  const more = end < items.length ? { nextToken: Buffer.from(String(end)).toString("base64url") } : {};
  return { items: items.slice(start, end), ...more };
}

export const time = (ms: number): string => new Date(ms).toISOString();
