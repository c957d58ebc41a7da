import { z } from "zod";

/**
 * What the Gateway API says of a request to a route, read straight from its text (HTTPRouteRule.matches), without a line of
 * the compiler: so that the proof by traffic is not the compiler's own opinion.
 */

const match = z.object({
  path: z
    .object({ type: z.string().default("PathPrefix"), value: z.string().default("/") })
    .default({ type: "PathPrefix", value: "/" }),
  method: z.string().optional(),
  headers: z
    .array(z.object({ type: z.string().default("Exact"), name: z.string(), value: z.string() }))
    .default([]),
  queryParams: z.array(z.unknown()).default([]),
});

const backend = z.object({
  kind: z.string().default("Service"),
  namespace: z.string().optional(),
  name: z.string(),
  weight: z.number().default(1),
});

/** The part of an HTTPRoute's spec that decides who answers. */
export const routeSpec = z.object({
  rules: z
    .array(
      z.object({
        matches: z.array(match).default([]),
        filters: z.array(z.unknown()).default([]),
        backendRefs: z.array(backend).default([]),
      }),
    )
    .default([]),
});

export type RouteSpec = z.infer<typeof routeSpec>;
type Match = z.infer<typeof match>;

export interface ProofRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One request for each rule, made so that the rule's first match takes it. Rules that Lattice has no words for have none. */
export function requestsFor(spec: RouteSpec): readonly ProofRequest[] {
  return spec.rules.flatMap((rule) => {
    const first = rule.matches[0] ?? match.parse({});
    const plain =
      (first.path.type === "Exact" || first.path.type === "PathPrefix") &&
      first.headers.every((header) => header.type === "Exact") &&
      first.queryParams.length === 0 &&
      rule.filters.length === 0;
    if (!plain) return [];
    return [
      {
        method: first.method ?? "GET",
        path: first.path.value,
        headers: Object.fromEntries(first.headers.map(({ name, value }) => [name.toLowerCase(), value])),
      },
    ];
  });
}

/** Who should answer a request, as shares of one: `NAMESPACE/SERVICE` -> share. Empty when no rule takes it. */
export function sharesOf(
  spec: RouteSpec,
  namespace: string,
  request: ProofRequest,
): Readonly<Record<string, number>> {
  const candidates = spec.rules.flatMap((rule, order) =>
    (rule.matches.length === 0 ? [match.parse({})] : rule.matches)
      .filter((one) => takes(one, request))
      .map((one) => ({ rule, rank: rank(one), order })),
  );
  candidates.sort((a, b) => compare(b.rank, a.rank) || a.order - b.order);
  const refs = candidates[0]?.rule.backendRefs ?? [];
  const total = refs.reduce((sum, ref) => sum + ref.weight, 0);
  const shares: Record<string, number> = {};
  for (const ref of refs) {
    const name = `${ref.namespace ?? namespace}/${ref.name}`;
    if (ref.weight > 0) shares[name] = (shares[name] ?? 0) + ref.weight / total;
  }
  return shares;
}

function takes(one: Match, request: ProofRequest): boolean {
  const path =
    one.path.type === "Exact"
      ? request.path === one.path.value
      : one.path.value === "/" ||
        request.path === one.path.value ||
        request.path.startsWith(`${one.path.value.replace(/\/$/, "")}/`);
  return (
    path &&
    (one.method === undefined || one.method === request.method) &&
    one.headers.every((header) => request.headers[header.name.toLowerCase()] === header.value)
  );
}

/** Exact path, longer prefix, method, more headers: the order in which matches win. */
const rank = (one: Match): readonly number[] => [
  one.path.type === "Exact" ? 1 : 0,
  one.path.value.length,
  one.method === undefined ? 0 : 1,
  one.headers.length,
];

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
