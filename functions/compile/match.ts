import { api } from "../model/limits.ts";
import type { RuleMatch } from "../model/lattice.ts";
import type { HeaderMatch, HTTPRouteMatch } from "../model/routes.ts";

/** What a field asks for that Lattice has not, and what to write instead, in words. */
export interface Lack {
  readonly field: string;
  readonly why: string;
  readonly instead: string;
}

/** A match of a route as Lattice rules, which stand together, or why Lattice cannot say it. */
export type Expressed =
  | { readonly ok: true; readonly matches: readonly RuleMatch[] }
  | ({ readonly ok: false } & Lack);

/** PathMatch values of the API model: what a path may hold. */
const pathAlphabet = /^\/[a-zA-Z0-9@:%_+.~#?&/=-]*$/;

/**
 * One match of an HTTPRoute rule. A prefix becomes the exact path and the prefix with a slash: right whether Lattice
 * compares prefixes by character or by segment. `single` is the in-cluster controller's way: one prefix as it is written,
 * and header values compared without regard to case.
 */
export function expressMatch(match: HTTPRouteMatch, single: boolean): Expressed {
  const queries =
    match.queryParams.length > 0
      ? {
          field: "queryParams",
          why: "Lattice cannot match query parameters",
          instead: "match path, method or headers",
        }
      : undefined;
  const problem =
    pathProblem(match.path, single) ?? queries ?? headerProblem(match.headers) ?? methodProblem(match);
  if (problem !== undefined) return { ok: false, ...problem };
  const headers = headersOf(match.headers, single);
  const method = match.method === undefined ? {} : { method: match.method };
  const paths = pathsOf(match.path, single);
  return {
    ok: true,
    matches: paths.map((path) => ({ ...method, path: { ...path, caseSensitive: true }, headers })),
  };
}

function pathsOf(
  { type, value }: HTTPRouteMatch["path"],
  single: boolean,
): readonly { readonly kind: "exact" | "prefix"; readonly value: string }[] {
  if (type === "Exact") return [{ kind: "exact", value }];
  const plain = value.length > 1 ? value.replace(/\/$/, "") : value;
  if (single || plain === "/") return [{ kind: "prefix", value: single ? value : plain }];
  return [
    { kind: "exact", value: plain },
    { kind: "prefix", value: `${plain}/` },
  ];
}

/** Why Lattice cannot match a path; undefined when it can. `single`: a prefix is one match as it is written. */
export function pathProblem({ type, value }: HTTPRouteMatch["path"], single: boolean): Lack | undefined {
  const problem = (why: string, instead: string): Lack => ({ field: "path", why, instead });
  if (type !== "Exact" && type !== "PathPrefix")
    return problem(`Lattice has no path match of type ${type}`, "use Exact or PathPrefix");
  const length = type === "Exact" || single ? value.length : value.replace(/\/$/, "").length + 1;
  if (length > api.pathLengthMax)
    return problem(
      `a path has at most ${api.pathLengthMax} characters in Lattice${single ? "" : ", a prefix with the slash after it"}`,
      "use a shorter one",
    );
  if (!pathAlphabet.test(value))
    return problem(`Lattice does not take the path ${value}`, "use letters, digits and @:%_+.~#?&/=- only");
  return undefined;
}

/** Headers as Lattice compares them. */
export const headersOf = (all: readonly HeaderMatch[], single: boolean): RuleMatch["headers"] =>
  (single ? all : firstOfEach(all)).map(({ name, value }) => ({
    name,
    kind: "exact",
    value,
    caseSensitive: !single,
  }));

/** Why Lattice cannot match headers; undefined when it can. */
export function headerProblem(all: readonly HeaderMatch[]): Lack | undefined {
  const problem = (why: string, instead: string): Lack => ({ field: "headers", why, instead });
  const headers = firstOfEach(all);
  const odd = headers.find((header) => header.type !== "Exact");
  if (odd !== undefined) return problem(`Lattice has no header match of type ${odd.type}`, "use Exact");
  if (headers.length > api.headersPerMatch)
    return problem(
      `Lattice matches at most ${api.headersPerMatch} headers, not ${headers.length}`,
      "match fewer",
    );
  const long = headers.find(
    (header) =>
      header.value.length > api.headerValueLengthMax || header.name.length > api.headerNameLengthMax,
  );
  return long === undefined
    ? undefined
    : problem(
        `header ${long.name} is too long for Lattice: name ${api.headerNameLengthMax} and value ${api.headerValueLengthMax} characters at most`,
        "use a shorter one",
      );
}

const methodProblem = (match: HTTPRouteMatch): Lack | undefined =>
  match.method !== undefined && match.method.length > 16
    ? {
        field: "method",
        why: "Lattice takes methods of at most 16 characters",
        instead: "use a shorter one",
      }
    : undefined;

/** Of headers with one name, in whatever case, only the first counts (gateway-api spec, HTTPHeaderMatch). */
function firstOfEach<T extends { readonly name: string }>(headers: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  return headers.filter(({ name }) => {
    const key = name.toLowerCase();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** What decides which of two matches goes before the other (gateway-api spec, HTTPRouteRule.matches and GRPCRouteRule.matches). */
export interface Precedence {
  readonly exact: boolean;
  /** Characters of the path. */
  readonly path: number;
  readonly method: boolean;
  readonly headers: number;
}

/** The precedence of a match of an HTTPRoute. */
export const httpPrecedence = ({ path, method, headers }: HTTPRouteMatch): Precedence => ({
  exact: path.type === "Exact",
  path: path.type === "Exact" ? path.value.length : path.value.replace(/\/$/, "").length,
  method: method !== undefined,
  headers: firstOfEach(headers).length,
});

/** Order of two matches of one hostname, first the one that goes before: exact before prefix, longer path, a method, more headers. */
export const byPrecedence = (a: Precedence, b: Precedence): number =>
  Number(b.exact) - Number(a.exact) ||
  b.path - a.path ||
  Number(b.method) - Number(a.method) ||
  b.headers - a.headers;

/** Whether every request that one match takes is taken by another that comes before it. */
export function implied(later: RuleMatch, earlier: RuleMatch): boolean {
  if (earlier.method !== undefined && earlier.method !== later.method) return false;
  const has = (header: RuleMatch["headers"][number]): boolean =>
    later.headers.some(
      (one) => one.name.toLowerCase() === header.name.toLowerCase() && one.value === header.value,
    );
  return earlier.headers.every(has) && covers(earlier.path, later.path);
}

function covers(wide: RuleMatch["path"], narrow: RuleMatch["path"]): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined) return false;
  if (wide.kind === "exact") return narrow.kind === "exact" && narrow.value === wide.value;
  // Only prefixes that end with a slash mean the same by character and by segment.
  if (wide.value.endsWith("/")) return narrow.value.startsWith(wide.value);
  return narrow.kind === "prefix" && narrow.value === wide.value;
}
