import { z } from "zod";
import { precedence, takes, type MatchedRequest } from "./matching.ts";

/** Who answers a request to one route that has its hostname alone. */

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

/** One request for each rule, made so that the rule's first match takes it. Rules that Lattice has no words for have none. */
export function requestsFor(spec: RouteSpec): readonly MatchedRequest[] {
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
  request: MatchedRequest,
): Readonly<Record<string, number>> {
  const candidates = spec.rules.flatMap((rule, order) =>
    (rule.matches.length === 0 ? [match.parse({})] : rule.matches)
      .filter((one) => takes(one, request))
      .map((one) => ({ rule, match: one, order })),
  );
  candidates.sort((a, b) => precedence(a.match, b.match) || a.order - b.order);
  const refs = candidates[0]?.rule.backendRefs ?? [];
  const total = refs.reduce((sum, ref) => sum + ref.weight, 0);
  const shares: Record<string, number> = {};
  for (const ref of refs) {
    const name = `${ref.namespace ?? namespace}/${ref.name}`;
    if (ref.weight > 0) shares[name] = (shares[name] ?? 0) + ref.weight / total;
  }
  return shares;
}
